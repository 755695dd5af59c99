//! The connection that a worker looks at itself. A worker that spins, or that has just read much, does not ask the poller for
//! the connection it has served: the poller would wake another worker too, which finds nothing, or takes over in the middle of
//! a stream, and takes a core that the server could use.

use crate::engine::runtime::poller::Token;
use crate::transport::Stream;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    static KEPT: Cell<Option<Kept>> = const { Cell::new(None) };
    /// It has one: most threads never do, and this costs less to ask.
    static HAS_ONE: Cell<bool> = const { Cell::new(false) };
}

/// A connection that is not armed. The worker that has it arms it before it does anything else that may take time.
pub(in crate::engine) struct Kept {
    pub(in crate::engine) token: Token,
    stream: Arc<dyn Stream>,
}

impl Kept {
    /// Leaves it to the calling thread. False: this one has another one.
    pub(in crate::engine) fn keep(token: Token, stream: Arc<dyn Stream>) -> bool {
        let has_none = !HAS_ONE.replace(true);
        if has_none {
            KEPT.set(Some(Kept { token, stream }));
        }
        has_none
    }

    /// What the calling thread has.
    #[inline]
    pub(in crate::engine) fn take() -> Option<Kept> {
        HAS_ONE.replace(false).then(|| KEPT.take()).flatten()
    }

    /// A read finds bytes, the end or an error.
    pub(in crate::engine) fn is_readable(&self) -> bool {
        let mut byte = [0];
        let found = recv(self.stream.descriptor(), &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT);
        !matches!(found, Err(Errno::AGAIN | Errno::INTR))
    }
}
