//! What differs from one system to another, under names that are the same everywhere. A system is chosen here and nowhere else:
//! a file for each system says how it names and numbers things, and `linux_only` or `portable` does what Linux has calls of its
//! own for. `build.rs` sets `portable` for all systems but Linux, and there with the feature of this name, which is for tests.

#[cfg(target_vendor = "apple")]
mod apple;
#[cfg(target_os = "freebsd")]
mod freebsd;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;

#[cfg(target_vendor = "apple")]
use apple as chosen;
#[cfg(target_os = "freebsd")]
use freebsd as chosen;
#[cfg(any(target_os = "linux", target_os = "android"))]
use linux as chosen;

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple")))]
compile_error!(
    "paho-c-rs does not run on this system yet. src/system needs a file for it, as freebsd.rs is one: numbers of threads, the \
     bounds of a stack, set-user-id programs, the numbers of pthread_setcancelstate, standard output, how writes to closed \
     sockets raise no signal, options of sockets, syncing of files, and advice about memory"
);

#[cfg(not(portable))]
mod linux_only;
#[cfg(portable)]
mod portable;

pub(crate) use chosen::{
    CANCEL_DISABLED, CANCEL_ENABLED, HOLD, RESERVED, SEND_FLAGS, is_privileged, keep_out_of_dumps, quick_ack,
    set_user_timeout, stack_bounds, standard_output, sync_data, take_back, thread_number, use_interface,
};
#[cfg(not(portable))]
pub(crate) use linux_only::{epoll_pwait, rename_without_replacing, sleep, wake};
#[cfg(portable)]
pub(crate) use portable::{rename_without_replacing, sleep, wake};

#[cfg(not(portable))]
pub use linux_only::Event;
#[cfg(portable)]
pub use portable::Event;

#[cfg(test)]
mod tests;
