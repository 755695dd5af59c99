//! macOS and its relatives: how they name and number things.

use core::ffi::{c_int, c_void};
use rustix::io::Errno;
use rustix::mm::MapFlags;
use rustix::net::SendFlags;
use socket2::Socket;
use std::ffi::CString;
use std::io;
use std::num::NonZeroU32;
use std::os::fd::AsFd;
use std::time::Duration;

/// The numbers of `pthread_setcancelstate` for a thread that can be cancelled, and for one that cannot: the other way round
/// than elsewhere.
pub(crate) const CANCEL_ENABLED: c_int = libc::PTHREAD_CANCEL_ENABLE;
pub(crate) const CANCEL_DISABLED: c_int = libc::PTHREAD_CANCEL_DISABLE;

/// Without waiting. That a connection which has ended raises no signal is an option of the socket here, `SO_NOSIGPIPE`, which
/// `socket2` sets when it makes one.
pub(crate) const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT;

/// There is nothing like it here: what is sent goes out at once.
pub(crate) const HOLD: SendFlags = SendFlags::empty();

/// Memory of which no page is used before it is written to.
pub(crate) const RESERVED: MapFlags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);

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
    let mut number = 0;
    // SAFETY: no thread means the calling one, and the variable lives through the call.
    unsafe { libc::pthread_threadid_np(0, &raw mut number) };
    number
}

/// The lowest address and the size of the calling thread's stack. None for the first thread, whose stack grows.
pub(crate) fn stack_bounds() -> Option<(usize, usize)> {
    // SAFETY: has no demands.
    if unsafe { libc::pthread_main_np() } != 0 {
        return None;
    }
    // SAFETY: has no demands.
    let own = unsafe { libc::pthread_self() };
    // SAFETY: the calling thread lives.
    let highest = unsafe { libc::pthread_get_stackaddr_np(own) }.addr();
    // SAFETY: the calling thread lives.
    let size = unsafe { libc::pthread_get_stacksize_np(own) };
    Some((highest.checked_sub(size)?, size))
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

/// Lets the socket use this network interface only.
pub(crate) fn use_interface(socket: &Socket, name: &str) -> io::Result<()> {
    let name = CString::new(name)?;
    // SAFETY: the text ends with a zero and lives through the call.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    let index = NonZeroU32::new(index).ok_or_else(io::Error::last_os_error)?;
    // Before it is bound, too, the address says of which kind the socket is.
    if socket.local_addr()?.is_ipv6() {
        socket.bind_device_by_index_v6(Some(index))
    } else {
        socket.bind_device_by_index_v4(Some(index))
    }
}

/// There is no such option.
pub(crate) fn set_user_timeout(_socket: &Socket, _time: Duration) -> io::Result<()> {
    Err(Errno::NOTSUP.into())
}

/// Waits until the bytes of a file are on the disk: `fsync` leaves them in the disk's own memory. Where a file system cannot do
/// more, that has to do.
pub(crate) fn sync_data(file: impl AsFd) -> Result<(), Errno> {
    rustix::fs::fcntl_fullfsync(&file).or_else(|_| rustix::fs::fsync(&file))
}

/// There is no such advice.
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
