//! FreeBSD: how it names and numbers things.

use core::ffi::{c_int, c_void};
use rustix::io::Errno;
use rustix::mm::MapFlags;
use rustix::net::SendFlags;
use socket2::Socket;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::ptr;
use std::time::Duration;

/// The numbers of `pthread_setcancelstate` for a thread that can be cancelled, and for one that cannot.
pub(crate) const CANCEL_ENABLED: c_int = 0;
pub(crate) const CANCEL_DISABLED: c_int = 1;

/// Without waiting, and without a signal for a connection that has ended.
pub(crate) const SEND_FLAGS: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);

/// There is nothing like it here: what is sent goes out at once.
pub(crate) const HOLD: SendFlags = SendFlags::empty();

/// Memory that is in no core dump. No page of it is used before it is written to, as of all memory.
pub(crate) const RESERVED: MapFlags = MapFlags::PRIVATE.union(MapFlags::NOCORE);

unsafe extern "C" {
    /// What `stdout` is a macro for.
    #[link_name = "__stdoutp"]
    static mut STANDARD_OUTPUT: *mut libc::FILE;
}

/// The application's standard output.
pub(crate) fn standard_output() -> *mut libc::FILE {
    // SAFETY: reads the pointer only; the C library sets it before `main` and applications do not take it away.
    unsafe { STANDARD_OUTPUT }
}

/// The number of the calling thread: another one in each thread of the process, and in a forked child.
pub(crate) fn thread_number() -> u64 {
    // SAFETY: has no demands.
    let number = unsafe { libc::pthread_getthreadid_np() };
    u64::from(number.unsigned_abs())
}

/// The lowest address and the size of the calling thread's stack. None for the first thread, whose stack grows.
pub(crate) fn stack_bounds() -> Option<(usize, usize)> {
    // SAFETY: has no demands.
    if unsafe { libc::pthread_main_np() } != 0 {
        return None;
    }
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the pointer is valid for writing attributes.
    if unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: has no demands.
    let own = unsafe { libc::pthread_self() };
    let (mut lowest, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the calling thread lives, and the attributes were made above.
    let mut result = unsafe { libc::pthread_attr_get_np(own, attributes.as_mut_ptr()) };
    if result == 0 {
        // SAFETY: the attributes were made above.
        result = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size) };
    }
    // SAFETY: they are not used any more.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (result == 0).then(|| (lowest.addr(), size))
}

/// The process has rights that its caller does not have: set-user-id, set-group-id.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: has no demands.
    unsafe { libc::issetugid() != 0 }
}

/// There is no such call. True where the kernel has sent an acknowledgement that it delayed.
pub(crate) fn quick_ack(_socket: impl AsFd) -> bool {
    false
}

/// There is no such option.
pub(crate) fn use_interface(_socket: &Socket, _name: &str) -> io::Result<()> {
    Err(Errno::NOTSUP.into())
}

/// There is no such option.
pub(crate) fn set_user_timeout(_socket: &Socket, _time: Duration) -> io::Result<()> {
    Err(Errno::NOTSUP.into())
}

/// Waits until the bytes of a file are on the disk.
pub(crate) fn sync_data(file: impl AsFd) -> Result<(), Errno> {
    rustix::fs::fdatasync(file)
}

/// `RESERVED` has done so already.
///
/// # Safety
/// The memory is mapped.
pub(crate) unsafe fn keep_out_of_dumps(_start: *mut c_void, _size: usize) {}

/// Gives pages back to the system.
///
/// # Safety
/// The memory is mapped privately, and holds zeros.
pub(crate) unsafe fn take_back(start: *mut c_void, size: usize) {
    // SAFETY: the caller's promise; there are zeros afterwards, whether the system has taken the pages or not.
    unsafe { libc::madvise(start, size, libc::MADV_FREE) };
}
