//! Files in a directory, one for each record. A record is there completely or not at all, whenever the process ends: it
//! is written under a temporary name, `tmp-N.msg`, and then renamed.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::Write;
use std::io::{self, IoSlice};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf, absolute};
use std::sync::Arc;

use rustix::fs::{self, AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::file_directory::{Directory, FileOptions};
use super::key::decimal;
use super::{Fetched, Key, Kind, Store, StoreError};
use crate::system;

const SUFFIX: &str = ".msg";
const TEMPORARY: &str = "tmp-";

/// Files of removed records that are kept to be written again: making a file costs more than renaming one.
const MOST_SPARES: usize = 64;
/// Longer ones are not kept.
const LONGEST_SPARE: u64 = 16 << 10;
/// No record of the original's format is longer.
const LONGEST_RECORD: u64 = 512 << 20;
/// The length of a file that was there before.
const UNKNOWN: u64 = u64::MAX;

/// A store of files.
pub struct FileStore {
    path: PathBuf,
    options: FileOptions,
    directory: Option<Arc<Directory>>,
    records: Index,
    spares: Vec<Spare>,
    /// Records that are removed, but whose files could not be deleted.
    leftovers: Vec<Key>,
}

/// A file that holds nothing any more.
struct Spare {
    number: u32,
    length: u64,
}

impl FileStore {
    /// The store of a client below `base`. `server`: the server's URI without its scheme. Nothing is touched yet.
    ///
    /// # Errors
    /// The client identifier or the server would lead out of `base`.
    pub fn new(
        base: &Path,
        client_id: &str,
        server: &OsStr,
        options: FileOptions,
    ) -> Result<FileStore, StoreError> {
        let mut name = format!("{client_id}-").into_bytes();
        name.extend(server.as_bytes().iter().map(|byte| if *byte == b':' { b'-' } else { *byte }));
        let leading = name.iter().take_while(|byte| **byte == b'/').count();
        let relative = Path::new(OsStr::from_bytes(name.get(leading..).unwrap_or_default()));
        if relative.components().any(|component| component == Component::ParentDir) {
            return Err(StoreError::new("the client identifier leads out of the directory"));
        }
        let base = if base.as_os_str().is_empty() { Path::new("/") } else { base };
        // Independent of where the working directory goes.
        let path = absolute(base.join(relative)).map_err(StoreError::new)?;
        Ok(FileStore {
            path,
            options,
            directory: None,
            records: Index::default(),
            spares: Vec::new(),
            leftovers: Vec::new(),
        })
    }

    fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        self.directory.clone().ok_or_else(|| StoreError::new("the store is not open"))
    }

    /// Looks which records there are. Temporary files are of a process that has been killed; they go when `alone`.
    fn look(&mut self, directory: &Directory, alone: bool) -> io::Result<()> {
        let mut found = Index::default();
        for name in directory.file_names()? {
            let Some(stem) = name.strip_suffix(SUFFIX) else { continue };
            if let Some(key) = Key::parse(stem) {
                found.insert(key, self.records.length(key).unwrap_or(UNKNOWN));
            } else if alone && stem.strip_prefix(TEMPORARY).and_then(decimal).is_some() {
                // Should it stay, it takes room and does no other harm.
                let _ = fs::unlinkat(directory, name, AtFlags::empty());
            }
        }
        self.records = found;
        Ok(())
    }

    fn write(&mut self, directory: &Directory, key: Key, pieces: &[&[u8]]) -> Result<(), Errno> {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        let (file, spare) = self.temporary_file(directory)?;
        let temporary = temporary_name(spare.number);
        let written = write_all(&file, pieces).and_then(|()| self.finish(&file, spare.length, length));
        drop(file);
        let kept = written
            .and_then(|()| fs::renameat(directory, temporary.as_str(), directory, file_name(key).as_str()));
        if let Err(error) = kept {
            let _ = fs::unlinkat(directory, temporary.as_str(), AtFlags::empty());
            return Err(error);
        }
        self.records.insert(key, length);
        if self.options.sync { fs::fsync(directory) } else { Ok(()) }
    }

    /// Cuts off what is left of an earlier record, and waits for the disk if that is wanted.
    fn finish(&self, file: &OwnedFd, old_length: u64, length: u64) -> Result<(), Errno> {
        if old_length > length {
            fs::ftruncate(file, length)?;
        }
        if self.options.sync { system::sync_data(file) } else { Ok(()) }
    }

    /// A file to write to, with its number and the length that it has.
    fn temporary_file(&mut self, directory: &Directory) -> Result<(OwnedFd, Spare), Errno> {
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let access = Mode::RUSR | Mode::WUSR;
        while let Some(spare) = self.spares.pop() {
            // It may have been removed by a clean-up of the directory.
            if let Ok(file) = fs::openat(directory, temporary_name(spare.number).as_str(), flags, access) {
                return Ok((file, spare));
            }
        }
        loop {
            let number = directory.temporary_number();
            let name = temporary_name(number);
            match fs::openat(directory, name.as_str(), flags | OFlags::CREATE | OFlags::EXCL, access) {
                Ok(file) => return Ok((file, Spare { number, length: 0 })),
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Keeps the file of a removed record for another one, if there are many. True: done.
    fn spare(&mut self, directory: &Directory, key: Key, length: u64) -> bool {
        let few = self.records.count(key.kind) == 0 && self.spares.is_empty();
        if few || length > LONGEST_SPARE || self.spares.len() >= MOST_SPARES {
            return false;
        }
        let number = directory.temporary_number();
        let name = temporary_name(number);
        // Another process that shares the directory may have a file of its own in work under this name.
        let renamed =
            system::rename_without_replacing(directory, file_name(key).as_str(), name.as_str()).is_ok();
        if renamed {
            self.spares.push(Spare { number, length });
        }
        renamed
    }

    fn delete_leftovers(&mut self, directory: &Directory) {
        for key in std::mem::take(&mut self.leftovers) {
            // There may be a new record of this name.
            if !self.contains(key) {
                let _ = self.delete(directory, key);
            }
        }
    }

    fn delete(&mut self, directory: &Directory, key: Key) -> Result<(), Errno> {
        match fs::unlinkat(directory, file_name(key).as_str(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => {
                self.leftovers.push(key);
                Err(error)
            }
        }
    }

    fn drop_spares(&mut self, directory: &Directory) {
        for spare in self.spares.drain(..) {
            let _ = fs::unlinkat(directory, temporary_name(spare.number).as_str(), AtFlags::empty());
        }
    }

    fn error(&self, what: &str, key: Key, error: impl Into<io::Error>) -> StoreError {
        StoreError::new(format_args!("{what} {key}{SUFFIX} in {}: {}", self.path.display(), error.into()))
    }
}

impl Store for FileStore {
    fn open(&mut self) -> Result<Option<String>, StoreError> {
        let place = self.path.display().to_string();
        let tell = |error: io::Error| StoreError::new(format_args!("{place}: {error}"));
        let directory = Directory::open(&self.path, self.options).map_err(tell)?;
        let sharing = directory.sharing();
        let looked = self.look(&directory, sharing.is_none());
        self.directory = Some(directory);
        looked.map_err(tell)?;
        Ok(sharing.map(|sharing| format!("{place}: {sharing}")))
    }

    fn put(&mut self, key: Key, pieces: &[&[u8]]) -> Result<(), StoreError> {
        let directory = self.directory()?;
        let mut written = self.write(&directory, key, pieces);
        if written == Err(Errno::NOENT) {
            // The directory has been removed.
            self.spares.clear();
            let directory = Directory::open(&self.path, self.options)
                .map_err(|error| self.error("writing", key, error))?;
            written = self.write(&directory, key, pieces);
            self.directory = Some(directory);
        }
        written.map_err(|error| self.error("writing", key, error))
    }

    fn get(&mut self, key: Key) -> Result<Fetched, StoreError> {
        let directory = self.directory()?;
        Ok(match read(&directory, key) {
            Ok(bytes) => Fetched::Bytes(bytes),
            Err(error) => Fetched::Unreadable(error.to_string()),
        })
    }

    fn remove(&mut self, key: Key) -> Result<(), StoreError> {
        let directory = self.directory()?;
        let Some(length) = self.records.remove(key) else { return Ok(()) };
        if self.spare(&directory, key, length) {
            return Ok(());
        }
        self.delete(&directory, key).map_err(|error| self.error("removing", key, error))
    }

    fn contains(&mut self, key: Key) -> bool {
        self.records.length(key).is_some()
    }

    fn keys(&mut self) -> Result<Vec<Key>, StoreError> {
        let directory = self.directory()?;
        if directory.sharing().is_some() {
            self.look(&directory, false)
                .map_err(|error| StoreError::new(format_args!("{}: {error}", self.path.display())))?;
        }
        Ok(self.records.keys().collect())
    }

    fn clear(&mut self) -> Result<(), StoreError> {
        let directory = self.directory()?;
        self.drop_spares(&directory);
        let mut result = Ok(());
        for key in self.keys()? {
            result = result.and(self.remove(key));
        }
        self.drop_spares(&directory);
        result
    }

    fn tidy(&mut self) {
        if let Some(directory) = self.directory.clone() {
            self.drop_spares(&directory);
            self.delete_leftovers(&directory);
        }
    }

    fn close(&mut self) {
        self.tidy();
        if let Some(directory) = self.directory.take() {
            directory.leave();
        }
    }
}

fn read(directory: &Directory, key: Key) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = fs::openat(directory, file_name(key).as_str(), flags, Mode::empty())?;
    let length = u64::try_from(fs::fstat(&file)?.st_size).unwrap_or(u64::MAX);
    if length > LONGEST_RECORD {
        return Err(io::Error::other("too long for a record"));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length as usize).map_err(io::Error::other)?;
    let mut file = std::fs::File::from(file);
    io::Read::read_to_end(&mut io::Read::take(&mut file, LONGEST_RECORD), &mut bytes)?;
    Ok(bytes)
}

fn write_all(file: &OwnedFd, pieces: &[&[u8]]) -> Result<(), Errno> {
    // The original's records have at most nine pieces, except for requests with many filters.
    let mut pieces: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut rest = pieces.as_mut_slice();
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        let some = rest.get(..rest.len().min(64)).unwrap_or_default();
        match rustix::io::writev(file, some) {
            Ok(0) => return Err(Errno::NOSPC),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A short name, without allocation.
struct Name {
    bytes: [u8; 24],
    length: usize,
}

impl Name {
    fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Write for Name {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

fn name(arguments: std::fmt::Arguments<'_>) -> Name {
    let mut name = Name { bytes: [0; 24], length: 0 };
    let fits = name.write_fmt(arguments);
    debug_assert!(fits.is_ok(), "a name is too long");
    name
}

fn file_name(key: Key) -> Name {
    name(format_args!("{key}{SUFFIX}"))
}

fn temporary_name(number: u32) -> Name {
    name(format_args!("{TEMPORARY}{number}{SUFFIX}"))
}

/// Records with the lengths of their files, counted by kind.
#[derive(Default)]
struct Index {
    lengths: HashMap<Key, u64>,
    counts: [usize; Kind::ALL.len()],
}

impl Index {
    fn insert(&mut self, key: Key, length: u64) {
        if self.lengths.insert(key, length).is_some() {
            return;
        }
        if let Some(count) = self.counts.get_mut(key.kind as usize) {
            *count += 1;
        }
    }

    /// The length of the record that was there.
    fn remove(&mut self, key: Key) -> Option<u64> {
        let length = self.lengths.remove(&key)?;
        if let Some(count) = self.counts.get_mut(key.kind as usize) {
            *count -= 1;
        }
        Some(length)
    }

    fn length(&self, key: Key) -> Option<u64> {
        self.lengths.get(&key).copied()
    }

    /// How many records of a kind there are.
    fn count(&self, kind: Kind) -> usize {
        self.counts.get(kind as usize).copied().unwrap_or_default()
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        self.lengths.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_kind() {
        let mut index = Index::default();
        for number in [1, 2, 2] {
            index.insert(Key::new(Kind::Sent, false, number), u64::from(number));
        }
        index.insert(Key::new(Kind::Command, true, 0), 9);
        assert_eq!(Kind::ALL.map(|kind| index.count(kind)), [2, 0, 0, 0, 1]);
        assert_eq!(index.remove(Key::new(Kind::Sent, false, 2)), Some(2));
        assert_eq!(index.remove(Key::new(Kind::Sent, false, 2)), None);
        assert_eq!((index.count(Kind::Sent), index.keys().count()), (1, 2));
        assert_eq!(index.length(Key::new(Kind::Command, true, 0)), Some(9));
    }
}
