//! The acknowledgement that the kernel delays.

use rustix::fd::AsFd;

/// Has the kernel send the acknowledgement that it delays, if there is one. False: it cannot, now or ever.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn send_now(socket: impl AsFd) -> bool {
    rustix::net::sockopt::set_tcp_quickack(socket, true).is_ok()
}

/// Other systems have no such call.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn send_now(_socket: impl AsFd) -> bool {
    false
}
