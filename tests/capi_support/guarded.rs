//! Memory that ends where nothing may be touched any more.

use std::ptr;

/// The first bytes of a value, with unreadable memory behind them.
pub(crate) struct Guarded {
    pages: *mut u8,
    page: usize,
    start: *mut u8,
}

impl Guarded {
    pub(crate) fn new<T>(value: &T, length: usize) -> Guarded {
        let length = length.next_multiple_of(align_of::<T>());
        unsafe {
            let page = libc::sysconf(libc::_SC_PAGESIZE) as usize;
            let both = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let pages = libc::mmap(ptr::null_mut(), 2 * page, both, flags, -1, 0).cast::<u8>();
            assert_eq!(libc::mprotect(pages.add(page).cast(), page, libc::PROT_NONE), 0);
            let start = pages.add(page - length);
            start.copy_from_nonoverlapping(ptr::from_ref(value).cast(), length);
            Guarded { pages, page, start }
        }
    }

    pub(crate) fn get<T>(&self) -> *mut T {
        self.start.cast()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        unsafe { libc::munmap(self.pages.cast(), 2 * self.page) };
    }
}
