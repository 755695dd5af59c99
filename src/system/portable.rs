//! In place of the calls that only Linux has. Threads sleep on a word in a table of the process, as other locks have one; but
//! this one is made again in a forked child, so that no thread of the parent is in it.

use rustix::fs::{AtFlags, linkat, unlinkat};
use rustix::io::Errno;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Not happened yet, or happened: from then on its descriptor can be read.
pub struct Event {
    reader: UnixStream,
    writer: UnixStream,
}

impl Event {
    /// An event that has not happened. Fails if there are no descriptors left.
    pub fn new() -> io::Result<Event> {
        let (reader, writer) = UnixStream::pair()?;
        writer.set_nonblocking(true)?;
        Ok(Event { reader, writer })
    }

    /// Lets it happen. Does not wait.
    pub fn happen(&self) {
        // The bytes are never read. If there is no room, the event has already happened.
        let _ = (&self.writer).write(&[1]);
    }
}

impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

/// Words share places, so a thread may be woken for the sake of another one.
const PLACES: usize = 64;

/// Where threads sleep.
struct Table {
    /// The process that has made it.
    process: u32,
    places: [Place; PLACES],
}

#[derive(Default)]
struct Place {
    lock: Mutex<()>,
    changed: Condvar,
}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(ptr::null_mut());

/// The place of a word in the table of this process. That of the parent is left as it is: its locks may be held.
fn place(word: &AtomicU32) -> &'static Place {
    let mut found = TABLE.load(Ordering::Acquire);
    loop {
        // SAFETY: null, or a table that was made below and stays.
        let table = unsafe { found.as_ref() }.filter(|table| table.process == process::id());
        if let Some(table) = table {
            let number = ptr::from_ref(word).addr() / align_of::<AtomicU32>() % PLACES;
            // The remainder is a number of a place.
            return table.places.get(number).unwrap_or(&table.places[0]);
        }
        let places = std::array::from_fn(|_| Place::default());
        let made = Box::into_raw(Box::new(Table { process: process::id(), places }));
        found = match TABLE.compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            Err(other) => {
                // SAFETY: made above, and no other thread has seen it.
                drop(unsafe { Box::from_raw(made) });
                other
            }
        };
    }
}

/// Sleeps while the word has this value, or until woken, at most so long. May return early.
pub(crate) fn sleep(word: &AtomicU32, value: u32, left: Option<Duration>) {
    let place = place(word);
    let guard = place.lock.lock().unwrap_or_else(PoisonError::into_inner);
    // Who changes the word then comes for the lock, so this thread is asleep, or sees the change.
    if word.load(Ordering::Relaxed) != value {
        return;
    }
    match left {
        None => drop(place.changed.wait(guard)),
        Some(left) => drop(place.changed.wait_timeout(guard, left)),
    }
}

/// Wakes the threads that sleep on the word, all of them.
pub(crate) fn wake(word: &AtomicU32, _count: u32) {
    let place = place(word);
    drop(place.lock.lock().unwrap_or_else(PoisonError::into_inner));
    place.changed.notify_all();
}

/// Gives a file of the directory a name that none has.
pub(crate) fn rename_without_replacing(directory: impl AsFd, old: &str, new: &str) -> Result<(), Errno> {
    linkat(&directory, old, &directory, new, AtFlags::empty())?;
    unlinkat(&directory, old, AtFlags::empty()).inspect_err(|_| {
        let _ = unlinkat(&directory, new, AtFlags::empty());
    })
}
