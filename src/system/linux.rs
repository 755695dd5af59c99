//! Linux: how it names and numbers things.

use core::ffi::{c_int, c_void};
use rustix::io::Errno;
use rustix::mm::{self, Advice, MapFlags};
use rustix::net::SendFlags;
use rustix::thread::gettid;
use socket2::Socket;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::time::Duration;
use std::{process, ptr};

/// The numbers of `pthread_setcancelstate` for a thread that can be cancelled, and for one that cannot.
pub(crate) const CANCEL_ENABLED: c_int = 0;
pub(crate) const CANCEL_DISABLED: c_int = 1;

/// Without waiting, and without a signal for a connection that has ended.
pub(crate) const SEND_FLAGS: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);

/// More bytes follow: what is sent may wait for them.
pub(crate) const HOLD: SendFlags = SendFlags::MORE;

/// Memory of which no page is used before it is written to.
pub(crate) const RESERVED: MapFlags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);

unsafe extern "C" {
    /// The C library's stream: shared with the application's `printf`, so that the order of both is kept.
    static mut stdout: *mut libc::FILE;
}

/// The application's standard output.
pub(crate) fn standard_output() -> *mut libc::FILE {
    // SAFETY: reads the pointer only; the C library sets it before `main` and applications do not take it away.
    unsafe { stdout }
}

/// The number of the calling thread: another one in each thread of the process, and in a forked child.
pub(crate) fn thread_number() -> u64 {
    u64::from(gettid().as_raw_pid().unsigned_abs())
}

/// The lowest address and the size of the calling thread's stack. None for the first thread, whose stack grows and takes long
/// to find out about.
pub(crate) fn stack_bounds() -> Option<(usize, usize)> {
    if thread_number() == u64::from(process::id()) {
        return None;
    }
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: has no demands.
    let own = unsafe { libc::pthread_self() };
    // SAFETY: the calling thread lives, and the pointer is valid for writing attributes.
    if unsafe { libc::pthread_getattr_np(own, attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let (mut lowest, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the attributes were written above.
    let result = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size) };
    // SAFETY: they are not used any more.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (result == 0).then(|| (lowest.addr(), size))
}

/// The process has rights that its caller does not have: set-user-id, set-group-id, file capabilities.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: reads a value that the kernel gave at the start of the process; takes no pointer.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Has the kernel send the acknowledgement that it delays, if there is one. False: it cannot, now or ever.
pub(crate) fn quick_ack(socket: impl AsFd) -> bool {
    rustix::net::sockopt::set_tcp_quickack(socket, true).is_ok()
}

/// Lets the socket use this network interface only.
pub(crate) fn use_interface(socket: &Socket, name: &str) -> io::Result<()> {
    socket.bind_device(Some(name.as_bytes()))
}

/// Time for which what was sent may stay unacknowledged.
pub(crate) fn set_user_timeout(socket: &Socket, time: Duration) -> io::Result<()> {
    socket.set_tcp_user_timeout(Some(time))
}

/// Waits until the bytes of a file are on the disk.
pub(crate) fn sync_data(file: impl AsFd) -> Result<(), Errno> {
    rustix::fs::fdatasync(file)
}

/// Keeps mapped memory out of core dumps, and its pages small: one entry must not cost two megabytes.
///
/// # Safety
/// The memory is mapped.
pub(crate) unsafe fn keep_out_of_dumps(start: *mut c_void, size: usize) {
    // SAFETY: the caller's promise; what is in the memory stays.
    let _ = unsafe { mm::madvise(start, size, Advice::LinuxDontDump) };
    // SAFETY: as above.
    let _ = unsafe { mm::madvise(start, size, Advice::LinuxNoHugepage) };
}

/// Gives pages back to the system.
///
/// # Safety
/// The memory is mapped privately, and holds zeros.
pub(crate) unsafe fn take_back(start: *mut c_void, size: usize) {
    // SAFETY: the caller's promise; there are zeros again afterwards.
    let _ = unsafe { mm::madvise(start, size, Advice::LinuxDontNeed) };
}
