//! What a store has to be able to do.

use std::fmt;

use super::Key;

/// A place for named byte strings. Calls come one at a time, from any thread.
pub trait Store: Send {
    /// Makes the store ready. Called once, before anything else. The text is a warning for the log although the store
    /// can be used.
    ///
    /// # Errors
    /// The store cannot be used; only [`close`](Store::close) follows.
    fn open(&mut self) -> Result<Option<String>, StoreError>;

    /// Keeps the pieces, put together, under this name, in place of what had it before. When it fails, what had it
    /// before is still there.
    ///
    /// # Errors
    /// The bytes were not kept.
    fn put(&mut self, key: Key, pieces: &[&[u8]]) -> Result<(), StoreError>;

    /// The bytes under this name.
    ///
    /// # Errors
    /// The store does not work. A single record that cannot be read is not an error but
    /// [`Fetched::Unreadable`].
    fn get(&mut self, key: Key) -> Result<Fetched, StoreError>;

    /// Removes the bytes under this name, if there are any.
    ///
    /// # Errors
    /// They may still be there.
    fn remove(&mut self, key: Key) -> Result<(), StoreError>;

    /// Whether there is something under this name.
    fn contains(&mut self, key: Key) -> bool;

    /// The names in the store, in any order. What is no [`Key`] is left out.
    ///
    /// # Errors
    /// They cannot be listed.
    fn keys(&mut self) -> Result<Vec<Key>, StoreError>;

    /// Removes everything that is under any [`Key`], and nothing else.
    ///
    /// # Errors
    /// Some may still be there.
    fn clear(&mut self) -> Result<(), StoreError>;

    /// Requests are to be kept here even if they are sent in the same moment. True for stores whose users are used to
    /// it.
    fn wants_every_request(&self) -> bool {
        false
    }

    /// The client has little to do: what was put by for heavy use may go.
    fn tidy(&mut self) {}

    /// Gives the place up; what is in it stays. Called once, last, also when opening has failed.
    fn close(&mut self);
}

/// What [`Store::get`] found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fetched {
    /// The record.
    Bytes(Vec<u8>),
    /// There is none, or it cannot be read. The text says why.
    Unreadable(String),
}

/// Why a store did not do what it should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreError {
    /// The code for the application: that of the application's own function, or [`StoreError::FAILED`].
    pub code: i32,
    /// The cause, for the log.
    pub cause: String,
}

impl StoreError {
    /// The code of a store that has no codes of its own.
    pub const FAILED: i32 = -2;

    /// An error with the general code.
    pub fn new(cause: impl fmt::Display) -> StoreError {
        StoreError { code: StoreError::FAILED, cause: cause.to_string() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.cause, self.code)
    }
}
