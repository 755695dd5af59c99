//! Waiting for events, always with a limit.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything that must happen may take. Generous: it is reached only when a test fails.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Runs `work` on a thread of its own and fails if it does not end in time.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        let _ = sender.send(work());
    });
    match receiver.recv_timeout(limit) {
        Ok(value) => value,
        Err(RecvTimeoutError::Timeout) => panic!("{what} did not end within {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(cause) => std::panic::resume_unwind(cause),
            Ok(()) => panic!("{what} ended without a result"),
        },
    }
}

/// The next value of a channel, within `LIMIT`.
#[track_caller]
pub(crate) fn next<T>(receiver: &Receiver<T>, what: &str) -> T {
    match receiver.recv_timeout(LIMIT) {
        Ok(value) => value,
        Err(error) => panic!("{what}: {error}"),
    }
}

/// Looks again and again until `condition` holds: for states that announce themselves by no event.
#[track_caller]
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < end, "{what} did not come about within {LIMIT:?}");
        thread::park_timeout(Duration::from_millis(1));
    }
}
