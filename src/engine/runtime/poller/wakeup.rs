//! Events, and whom they belong to.

pub(in crate::engine) use crate::transport::Readiness;

/// The client, and its connection, that an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Token(pub(super) u64);

impl Token {
    pub(in crate::engine) fn new(client: usize, generation: u32) -> Token {
        Token((client as u64) << 32 | u64::from(generation))
    }

    /// The client's place in the registry.
    #[inline]
    pub(in crate::engine) fn client(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// The generation of its connection.
    #[inline]
    pub(in crate::engine) fn generation(self) -> u32 {
        self.0 as u32
    }
}

/// Why a wait ended.
pub(in crate::engine) enum Wakeup {
    /// A socket is ready. It is now disarmed: there are no more events until it is armed.
    Ready(Token, Readiness),
    /// `wake` was called, or the time is over.
    Look,
}
