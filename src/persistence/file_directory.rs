//! The directory of a file store: made, opened and locked, and shared by the stores of a process that name the same.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};

use crate::locks::{Hold, Mutex};
use rustix::fs::{self, AtFlags, CWD, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

/// How often opening is retried when another process removes the empty directory meanwhile.
const ATTEMPTS: u32 = 20;

/// Directories that stores of this process have open, by device and inode: the lock of one is the lock of all.
static OPEN: Mutex<Option<HashMap<Identity, Weak<Directory>>>> = Mutex::new(None);

type Identity = (u64, u64);

/// How the files of a store are kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileOptions {
    /// Every record is safe from a loss of power too, at the cost of waiting for the disk.
    pub sync: bool,
    /// Several processes may use one directory at a time, as with the original.
    pub shared: bool,
}

/// Takes the lock of the table for a fork.
pub fn hold(hold: &mut Hold) {
    hold.take(&OPEN);
}

/// An open directory. The lock on it goes when the last user is gone.
pub(super) struct Directory {
    descriptor: OwnedFd,
    path: PathBuf,
    /// Other processes may use it at the same time.
    shared: Option<&'static str>,
    temporary: AtomicU32,
}

impl Directory {
    /// Opens a directory, and makes it, with the ones above it, if it is not there.
    pub(super) fn open(path: &Path, options: FileOptions) -> io::Result<Arc<Directory>> {
        for _ in 0..ATTEMPTS {
            let descriptor = open_or_make(path, options.sync)?;
            if let Some(directory) = Directory::take(descriptor, path, options.shared)? {
                return Ok(directory);
            }
        }
        Err(io::Error::other("the directory is removed repeatedly"))
    }

    /// `None`: the directory was removed before it was locked.
    fn take(descriptor: OwnedFd, path: &Path, shares: bool) -> io::Result<Option<Arc<Directory>>> {
        let status = fs::fstat(&descriptor)?;
        let identity: Identity = (status.st_dev as u64, status.st_ino as u64);
        let mut open = OPEN.lock();
        let open = open.get_or_insert_default();
        if let Some(directory) = open.get(&identity).and_then(Weak::upgrade) {
            return Ok(Some(directory));
        }
        let shared = lock(&descriptor, shares)?;
        if fs::fstat(&descriptor)?.st_nlink == 0 {
            return Ok(None);
        }
        let temporary = AtomicU32::new(0);
        let directory = Arc::new(Directory { descriptor, path: path.to_owned(), shared, temporary });
        open.retain(|_, directory| directory.strong_count() > 0);
        open.insert(identity, Arc::downgrade(&directory));
        Ok(Some(directory))
    }

    /// A warning about other users; `None`: there are none.
    pub(super) fn sharing(self: &Arc<Self>) -> Option<&'static str> {
        match self.shared {
            None if Arc::strong_count(self) > 1 => {
                Some("another client of this process uses the same directory")
            }
            shared => shared,
        }
    }

    /// A number for a temporary file that this process has not used before.
    pub(super) fn temporary_number(&self) -> u32 {
        self.temporary.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// The names in it that belong to ordinary files.
    pub(super) fn file_names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&self.descriptor)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if self.is_file(entry.file_type(), name) {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn is_file(&self, kind: fs::FileType, name: &str) -> bool {
        match kind {
            fs::FileType::Unknown => fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|status| fs::FileType::from_raw_mode(status.st_mode).is_file()),
            known => known.is_file(),
        }
    }

    /// Gives the directory up, and removes it if this was its last user and nothing is in it.
    pub(super) fn leave(self: Arc<Self>) {
        // Nothing comes in between: every thread that opens a directory waits for this lock.
        let _open = OPEN.lock();
        if Arc::strong_count(&self) == 1 {
            // Not empty, or removed already: both are as they should be.
            let _ = fs::unlinkat(CWD, &self.path, AtFlags::REMOVEDIR);
        }
        drop(self);
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

fn open_or_make(path: &Path, sync: bool) -> io::Result<OwnedFd> {
    match open_directory(path) {
        Err(Errno::NOENT) => {
            make(path, sync)?;
            Ok(open_directory(path)?)
        }
        opened => Ok(opened?),
    }
}

fn open_directory(path: &Path) -> Result<OwnedFd, Errno> {
    fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

/// Makes the directories of a path, from the top. Only their owner has access. `sync`: the entry of a new one survives a
/// loss of power too.
fn make(path: &Path, sync: bool) -> io::Result<()> {
    let mut made = PathBuf::new();
    for component in path.components() {
        made.push(component);
        match fs::mkdir(&made, Mode::RWXU) {
            Ok(()) if sync => sync_parent(&made)?,
            Ok(()) | Err(Errno::EXIST) => {}
            // Where nothing can be made, what is there will do.
            Err(_) if made.is_dir() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = open_directory(path.parent().unwrap_or(Path::new("/")))?;
    Ok(fs::fsync(parent)?)
}

/// Locks the directory against other processes, unless it may be shared with them. What is said instead of an error when
/// it stays shared.
fn lock(descriptor: &OwnedFd, shares: bool) -> io::Result<Option<&'static str>> {
    match fs::flock(descriptor, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(None),
        Err(Errno::WOULDBLOCK) if shares => Ok(Some("another process uses the same directory")),
        Err(Errno::WOULDBLOCK) => Err(io::Error::other("another process has the directory open")),
        // Not every file system has locks.
        Err(_) => Ok(Some("the directory cannot be locked against other processes")),
    }
}
