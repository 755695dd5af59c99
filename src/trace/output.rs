//! Where lines go: the application's standard output, or a file that is changed after a number of lines.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::system::write_standard_output;

/// An open target for lines.
pub(super) struct Stream(Target);

enum Target {
    StandardOutput,
    File(LimitedFile),
}

struct LimitedFile {
    file: File,
    path: PathBuf,
    lines: u64,
    maximum_lines: u64,
}

impl Stream {
    pub(super) fn standard_output() -> Self {
        Self(Target::StandardOutput)
    }

    /// A file, emptied; standard output when it cannot be opened. After `maximum_lines` lines it is renamed to
    /// the same name with `.0` appended, replacing the previous one.
    pub(super) fn file(path: PathBuf, maximum_lines: u64) -> Self {
        match open_emptied(&path) {
            Ok(file) => Self(Target::File(LimitedFile { file, path, lines: 0, maximum_lines })),
            Err(_) => Self::standard_output(),
        }
    }

    /// Writes one line, given with its line end.
    pub(super) fn write_line(&mut self, text: String) {
        match &mut self.0 {
            Target::StandardOutput => write_standard_output(text),
            Target::File(file) => {
                if file.write_line(&text).is_err() {
                    self.0 = Target::StandardOutput;
                }
            }
        }
    }
}

impl LimitedFile {
    /// Fails only when a new file was due and cannot be opened.
    fn write_line(&mut self, text: &str) -> io::Result<()> {
        // A full disk costs lines of the log and nothing else.
        let _ = self.file.write_all(text.as_bytes());
        self.lines += 1;
        if self.lines < self.maximum_lines { Ok(()) } else { self.start_anew() }
    }

    fn start_anew(&mut self) -> io::Result<()> {
        self.lines = 0;
        // Not what only looks like a file: renaming `/dev/stderr` or a pipe would break the system around us.
        if !std::fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_file()) {
            return Ok(());
        }
        let mut old = OsString::from(&self.path);
        old.push(".0");
        // If it fails, the file is emptied below and the limit on its size still holds.
        let _ = std::fs::rename(&self.path, old);
        self.file = open_emptied(&self.path)?;
        Ok(())
    }
}

/// Opens for appending, so that two writers of one file do not overwrite each other, and empties the file once.
/// It may contain payloads: only its owner may read it.
fn open_emptied(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // Terminals and pipes have no length to set.
    let _ = file.set_len(0);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("paho-trace-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn write(stream: &mut Stream, numbers: std::ops::Range<u32>) {
        for number in numbers {
            stream.write_line(format!("{number}\n"));
        }
    }

    #[test]
    fn file_is_emptied_and_private() {
        let directory = Directory::new();
        let path = directory.0.join("log");
        std::fs::write(&path, "old").unwrap();
        let mut stream = Stream::file(path.clone(), 10);
        write(&mut stream, 0..2);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "0\n1\n");
        std::fs::remove_file(&path).unwrap();
        Stream::file(path.clone(), 10);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn full_file_is_kept_once_under_another_name() {
        let directory = Directory::new();
        let path = directory.0.join("log");
        let mut stream = Stream::file(path.clone(), 3);
        write(&mut stream, 0..8);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "6\n7\n");
        assert_eq!(std::fs::read_to_string(directory.0.join("log.0")).unwrap(), "3\n4\n5\n");
        assert_eq!(std::fs::read_dir(&directory.0).unwrap().count(), 2);
    }

    #[test]
    fn two_writers_of_one_file_keep_each_others_lines() {
        let directory = Directory::new();
        let path = directory.0.join("log");
        let mut first = Stream::file(path.clone(), 100);
        let mut second = Stream::file(path.clone(), 100);
        write(&mut first, 0..2);
        write(&mut second, 10..12);
        write(&mut first, 2..3);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "0\n1\n10\n11\n2\n");
    }

    #[test]
    fn unusable_name_means_standard_output() {
        let stream = Stream::file(PathBuf::from("/nonexistent-directory/log"), 3);
        assert!(matches!(stream.0, Target::StandardOutput));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_never_renamed() {
        let directory = Directory::new();
        let target = directory.0.join("target");
        let link = directory.0.join("link");
        std::fs::write(&target, "").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut stream = Stream::file(link.clone(), 2);
        write(&mut stream, 0..5);
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "0\n1\n2\n3\n4\n");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
