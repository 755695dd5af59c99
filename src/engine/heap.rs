//! Bytes in memory of the C heap: what is handed to C programs, which free it with the C library's `free`.
//!
//! The one file of the engine with `unsafe` for memory.

use std::ptr::NonNull;
use std::slice;

/// An owned block of the C heap with one extra zero byte behind it, which does not count.
pub struct HeapBytes {
    start: NonNull<u8>,
    length: usize,
}

impl HeapBytes {
    /// Copies the bytes. None: no memory.
    #[inline]
    pub fn copy_of(bytes: &[u8]) -> Option<HeapBytes> {
        let size = bytes.len().checked_add(1)?;
        // SAFETY: malloc takes any size.
        let start = NonNull::new(unsafe { libc::malloc(size) }.cast::<u8>())?;
        // SAFETY: the block is new, so it cannot overlap with the source, and it is long enough.
        unsafe { start.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        // SAFETY: the block is one byte longer than the bytes.
        let end = unsafe { start.add(bytes.len()) };
        // SAFETY: the last byte of the block belongs to us.
        unsafe { end.write(0) };
        Some(HeapBytes { start, length: bytes.len() })
    }

    /// The bytes, without the zero behind them.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the block holds `length` initialised bytes and lives as long as `self`.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }

    /// How many bytes, without the zero behind them.
    pub fn len(&self) -> usize {
        self.length
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Gives the block away. The new owner frees it with the C library's `free`.
    #[inline]
    pub fn into_raw(self) -> *mut u8 {
        let start = self.start.as_ptr();
        std::mem::forget(self);
        start
    }
}

impl Drop for HeapBytes {
    fn drop(&mut self) {
        // SAFETY: the block came from malloc and nobody else owns it.
        unsafe { libc::free(self.start.as_ptr().cast()) };
    }
}

// SAFETY: the block is owned by one value alone, like a Box.
unsafe impl Send for HeapBytes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_ends_with_a_zero_that_does_not_count() {
        let bytes = HeapBytes::copy_of(b"abc").unwrap();
        assert_eq!(bytes.as_slice(), b"abc");
        let start = bytes.into_raw();
        // SAFETY: the block has four bytes.
        let end = unsafe { start.add(3) };
        // SAFETY: the fourth byte is the zero.
        assert_eq!(unsafe { end.read() }, 0);
        // SAFETY: the block came from malloc.
        unsafe { libc::free(start.cast()) };
        assert!(HeapBytes::copy_of(b"").unwrap().is_empty());
    }
}
