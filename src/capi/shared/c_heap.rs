//! Memory that passes between the library and the application: always from the C library's `malloc`, so that
//! the library's free functions and plain `free` are both right for it.

use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::NonNull;

/// `size` bytes of unspecified contents, at least one. `None` if out of memory.
pub(crate) fn allocate(size: usize) -> Option<NonNull<c_void>> {
    // SAFETY: malloc takes any size.
    NonNull::new(unsafe { libc::malloc(size.max(1)) })
}

/// Room for `count` values. `None` if out of memory or the size overflows.
pub(crate) fn allocate_array<T>(count: usize) -> Option<NonNull<T>> {
    allocate(count.checked_mul(size_of::<T>())?).map(NonNull::cast)
}

/// The block with room for `count` values; what it held is kept, as far as there is room. `None` if out of memory or
/// the size overflows: the block is then unchanged.
///
/// # Safety
/// `block` is NULL or came from the C heap. The old address is not used after resizing.
pub(crate) unsafe fn resize_array<T>(block: *mut T, count: usize) -> Option<NonNull<T>> {
    let size = count.checked_mul(size_of::<T>())?;
    // SAFETY: the caller's promise; a size of 0 is not asked for.
    NonNull::new(unsafe { libc::realloc(block.cast(), size.max(1)) }.cast())
}

/// A block holding `value`.
pub(crate) fn allocate_value<T>(value: T) -> Option<NonNull<T>> {
    let block = allocate_array::<T>(1)?;
    // SAFETY: the block is new, aligned for every type by malloc, and large enough for one T.
    unsafe { block.write(value) };
    Some(block)
}

/// A copy of `values`.
pub(crate) fn copy_slice<T: Copy>(values: &[T]) -> Option<NonNull<T>> {
    let block = allocate_array::<T>(values.len())?;
    // SAFETY: the block is new and has room for all values, so the two do not overlap.
    unsafe { block.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len()) };
    Some(block)
}

/// A zero-terminated copy of `bytes`, for applications that print binary data as text.
pub(crate) fn copy_bytes(bytes: &[u8]) -> Option<NonNull<u8>> {
    let block = allocate_array::<u8>(bytes.len().checked_add(1)?)?;
    // SAFETY: the block is new and has room for all bytes and one more, so the two do not overlap.
    unsafe { block.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
    // SAFETY: the block has one byte more than `bytes`.
    let end = unsafe { block.add(bytes.len()) };
    // SAFETY: see above; no other code knows the block.
    unsafe { end.write(0) };
    Some(block)
}

/// A block that is given back when this goes.
pub(crate) struct Owned<T>(NonNull<T>);

impl<T> Owned<T> {
    /// Takes a block of the C heap; no other code frees it.
    pub(crate) fn new(block: NonNull<T>) -> Owned<T> {
        Owned(block)
    }

    /// The block, which stays owned.
    #[cfg(feature = "async-api")]
    pub(crate) fn get(&self) -> NonNull<T> {
        self.0
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the block came from the C heap and was not given away.
        unsafe { release(self.0.as_ptr()) };
    }
}

/// Gives a block back. NULL is allowed.
///
/// # Safety
/// `block` came from the C heap and is no longer used.
pub(crate) unsafe fn release<T>(block: *mut T) {
    // SAFETY: the caller's promise.
    unsafe { libc::free(block.cast()) };
}
