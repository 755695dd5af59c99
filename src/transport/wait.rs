//! What a stage of an opening returns when it cannot continue: that it waits, and for what.

use std::os::fd::BorrowedFd;

/// A descriptor to wait for. Several can be waited for at the same time; any of them is enough.
#[derive(Clone, Copy, Debug)]
pub struct Wait<'a> {
    /// What to wait on.
    pub descriptor: BorrowedFd<'a>,
    /// Until it can be read, or has ended.
    pub read: bool,
    /// Until it can be written, or has ended.
    pub write: bool,
}

impl<'a> Wait<'a> {
    pub(super) fn to_read(descriptor: BorrowedFd<'a>) -> Wait<'a> {
        Wait { descriptor, read: true, write: false }
    }

    pub(super) fn to_write(descriptor: BorrowedFd<'a>) -> Wait<'a> {
        Wait { descriptor, read: false, write: true }
    }
}

/// What one look at a stage gave.
pub(super) enum Turn<Stage, Result> {
    /// Nothing yet.
    Waiting(Stage),
    Done(Result),
}
