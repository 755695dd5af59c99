//! The memory whose addresses are the handles, and the table that says what each of them belongs to.
//!
//! Applications pass a handle as a callback's context by mistake and read through it. With the original they find its
//! structure, which begins with zeros and pointers; here they find zeros.

use crate::system;
use rustix::mm::{self, ProtFlags};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The distance of two handles.
const DISTANCE: usize = 16;
/// This many bytes can be read after every handle.
const READABLE: usize = 512;
/// The size of the memory to begin with; half of it where that is refused, and so on.
const LARGEST: usize = if usize::BITS == 64 { 16 << 20 } else { 1 << 20 };
const SMALLEST: usize = 64 << 10;
/// Parts of the table that are given back when nothing is in them: a multiple of every page size.
const PART_BYTES: usize = 64 << 10;

/// Addresses and their table. Each address has a number: its place in the table.
pub(in crate::engine) struct HandleMemory<T: Sync + 'static> {
    base: usize,
    table: &'static [AtomicPtr<T>],
}

impl<T: Sync> HandleMemory<T> {
    /// Reserves them; they stay to the end of the process. `None` where the system has no memory left.
    pub(in crate::engine) fn reserve() -> Option<HandleMemory<T>> {
        let sizes = std::iter::successors(Some(LARGEST), |size| Some(size / 2));
        sizes.take_while(|size| *size >= SMALLEST).find_map(HandleMemory::of_size)
    }

    /// Uses that many bytes for the handles.
    pub(in crate::engine) fn of_size(size: usize) -> Option<HandleMemory<T>> {
        let count = (size - READABLE) / DISTANCE;
        let base = map(size, ProtFlags::READ)?;
        let table_size = count * size_of::<AtomicPtr<T>>();
        let Some(table) = map(table_size, ProtFlags::READ | ProtFlags::WRITE) else {
            // SAFETY: mapped above, and no other code has its address.
            let _ = unsafe { mm::munmap(base.cast(), size) };
            return None;
        };
        // SAFETY: mapped for this many entries and never unmapped; zeros are null pointers.
        let table = unsafe { std::slice::from_raw_parts(table.cast::<AtomicPtr<T>>(), count) };
        Some(HandleMemory { base: base.addr(), table })
    }

    /// Number of handles.
    pub(in crate::engine) fn count(&self) -> usize {
        self.table.len()
    }

    /// The number of a handle; a value not below `count` if it is none.
    #[inline]
    pub(in crate::engine) fn number(&self, handle: usize) -> usize {
        // What is not a multiple of the distance becomes a large number.
        handle.wrapping_sub(self.base).rotate_right(DISTANCE.trailing_zeros())
    }

    /// The handle of a number.
    pub(in crate::engine) fn handle(&self, number: usize) -> usize {
        self.base + number * DISTANCE
    }

    /// The value of a number; also `None` for an invalid number.
    #[inline]
    pub(in crate::engine) fn get(&self, number: usize) -> Option<&'static T> {
        let entry = self.table.get(number)?.load(Ordering::Acquire);
        // SAFETY: null, or made from a reference to something that stays.
        unsafe { entry.as_ref() }
    }

    /// Sets what belongs to a number.
    pub(in crate::engine) fn set(&self, number: usize, value: Option<&'static T>) {
        let entry = value.map_or(ptr::null_mut(), |value| ptr::from_ref(value).cast_mut());
        if let Some(place) = self.table.get(number) {
            place.store(entry, Ordering::Release);
        }
    }

    /// To be called with each number that is to be used, in order: gives back the part of the table before it if it is the
    /// first of its part. Nothing may be set meanwhile.
    pub(in crate::engine) fn begin(&self, number: usize) {
        let part = PART_BYTES / size_of::<AtomicPtr<T>>();
        if number < part || number % part != 0 {
            return;
        }
        let Some(entries) = self.table.get(number - part..number) else { return };
        if entries.iter().all(|entry| entry.load(Ordering::Relaxed).is_null()) {
            // SAFETY: mapped for ever, and seen to be null pointers, whose bytes are zeros.
            unsafe { system::take_back(entries.as_ptr().cast_mut().cast(), size_of_val(entries)) };
        }
    }
}

/// Zeroed memory of which no page is used before it is written to, and that is in no core dump.
fn map(size: usize, protection: ProtFlags) -> Option<*mut u8> {
    // SAFETY: nothing is at the address, for the system chooses it.
    let start = unsafe { mm::mmap_anonymous(ptr::null_mut(), size, protection, system::RESERVED) };
    let start = start.ok()?;
    // SAFETY: mapped above.
    unsafe { system::keep_out_of_dumps(start, size) };
    Some(start.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    static VALUE: u32 = 5;

    fn small() -> HandleMemory<u32> {
        HandleMemory::of_size(SMALLEST).unwrap()
    }

    #[test]
    fn numbers_and_handles_belong_together() {
        let memory = small();
        assert_eq!(memory.count(), (SMALLEST - READABLE) / DISTANCE);
        for number in [0, 1, memory.count() - 1] {
            assert_eq!(memory.number(memory.handle(number)), number);
        }
    }

    #[test]
    fn other_addresses_are_no_handles() {
        let memory = small();
        let first = memory.handle(0);
        let others = [
            0,
            1,
            first - DISTANCE,
            first + 1,
            first + 8,
            first + 15,
            memory.handle(memory.count()),
            usize::MAX,
        ];
        for other in others {
            assert!(memory.number(other) >= memory.count(), "{other:x}");
        }
    }

    #[test]
    fn what_is_set_is_found() {
        let memory = small();
        assert_eq!(memory.get(7), None);
        memory.set(7, Some(&VALUE));
        assert_eq!(memory.get(7), Some(&5));
        memory.set(7, None);
        assert_eq!((memory.get(7), memory.get(memory.count())), (None, None));
    }

    #[test]
    fn a_part_that_is_given_back_can_be_used_again() {
        let memory = HandleMemory::<u32>::of_size(LARGEST).unwrap();
        let part = PART_BYTES / size_of::<AtomicPtr<u32>>();
        for number in 0..=part {
            memory.begin(number);
            memory.set(number, Some(&VALUE));
            memory.set(number, (number == 3).then_some(&VALUE));
        }
        assert_eq!(memory.get(3), Some(&5), "its part is in use");
        memory.set(3, None);
        memory.begin(part);
        memory.set(3, Some(&VALUE));
        assert_eq!(memory.get(3), Some(&5));
    }
}
