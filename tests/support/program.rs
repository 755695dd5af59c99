//! Running programs: this test program again in a process of its own, Debian's programs and our own C programs.

use super::library::library_path;
use super::mosquitto::{Directory, die_with_parent};
use super::wait::LIMIT;
use rustix::fs::{StatVfsMountFlags, statvfs};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Runs one ignored test of this test program in a new process and fails unless it passes. `values` are its
/// environment variables. What it printed.
#[track_caller]
pub(crate) fn in_own_process(test: &str, values: &[(&str, &str)]) -> String {
    in_own_process_for(LIMIT * 3, test, values)
}

/// The same for a test that may take so long.
#[track_caller]
pub(crate) fn in_own_process_for(limit: Duration, test: &str, values: &[(&str, &str)]) -> String {
    end_of_own_process(limit, test, values).output
}

/// The same with what it wrote to standard error.
#[track_caller]
pub(crate) fn end_of_own_process(limit: Duration, test: &str, values: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    command.envs(values.iter().copied());
    let ended = Running::start(&mut command).wait(limit);
    assert!(ended.status.success(), "{test}: {}\n{}{}", ended.status, ended.output, ended.errors);
    assert!(ended.output.contains("1 passed"), "{test} did not run: {}", ended.output);
    ended
}

/// The same in a set-group-id process, which must not obey its environment. `None` where this user cannot start one.
#[track_caller]
pub(crate) fn in_privileged_process(test: &str, values: &[(&str, &str)]) -> Option<String> {
    let directory = Directory::new("privileged");
    let program = directory.join("program");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let flags = statvfs(&program).unwrap().f_flag;
    if flags.contains(StatVfsMountFlags::NOSUID) || chown(&program, None, Some(65534)).is_err() {
        eprintln!("skipped: this user cannot make set-group-id programs");
        return None;
    }
    fs::set_permissions(&program, fs::Permissions::from_mode(0o2755)).unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    command.envs(values.iter().copied()).env("PAHO_C_RS_LIBRARY", library_path());
    let ended = Running::start(&mut command).wait(LIMIT * 3);
    assert!(ended.output.contains("1 passed"), "{test}: {ended:?}");
    Some(ended.output)
}

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// A program on its way; killed when dropped before it ended.
pub(crate) struct Running {
    process: Child,
    lines: Receiver<String>,
    read: String,
    errors: Receiver<String>,
    read_errors: String,
    ended: bool,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        die_with_parent(command);
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let lines = pieces_of(process.stdout.take().unwrap());
        let errors = pieces_of(process.stderr.take().unwrap());
        Running { process, lines, read: String::new(), errors, read_errors: String::new(), ended: false }
    }

    /// Its standard input; the program sees the end of it when this is dropped.
    pub(crate) fn input(&mut self) -> std::process::ChildStdin {
        self.process.stdin.take().expect("standard input is taken once")
    }

    /// Waits until the program has written this to its standard output.
    #[track_caller]
    pub(crate) fn wait_for_output(&mut self, text: &str) {
        wait_for(text, &self.lines, &mut self.read);
    }

    /// The same for its standard error.
    #[track_caller]
    pub(crate) fn wait_for_error(&mut self, text: &str) {
        wait_for(text, &self.errors, &mut self.read_errors);
    }

    pub(crate) fn signal(&self, signal: i32) {
        // SAFETY: the process is a child that has not been waited for, so the number is its own.
        unsafe { libc::kill(self.process.id() as i32, signal) };
    }

    pub(crate) fn try_wait(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().unwrap()
    }

    #[track_caller]
    pub(crate) fn wait(mut self, limit: Duration) -> Ended {
        let end = Instant::now() + limit;
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                self.read.extend(self.lines.try_iter());
                let errors: String = self.errors.try_iter().collect();
                panic!("the program did not end within {limit:?}: {:?} {errors:?}", self.read);
            }
            thread::park_timeout(Duration::from_millis(1));
        };
        self.ended = true;
        self.read.extend(self.lines.iter());
        self.read_errors.extend(self.errors.iter());
        let (output, errors) = (std::mem::take(&mut self.read), std::mem::take(&mut self.read_errors));
        Ended { status, output, errors }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

#[track_caller]
fn wait_for(text: &str, pieces: &Receiver<String>, read: &mut String) {
    let end = Instant::now() + LIMIT;
    while !read.contains(text) {
        let left = end.saturating_duration_since(Instant::now());
        match pieces.recv_timeout(left) {
            Ok(piece) => read.push_str(&piece),
            Err(error) => panic!("{text:?} was not written ({error}), but {read:?}"),
        }
    }
}

fn pieces_of(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            if sender.send(String::from_utf8_lossy(&chunk[..count]).into_owned()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A directory in which the library under test has the names under which programs look for the original.
pub(crate) struct InPlaceOfOriginal(Directory);

impl InPlaceOfOriginal {
    pub(crate) fn new() -> InPlaceOfOriginal {
        // Without it the dynamic linker would silently take the original.
        assert!(library_path().exists(), "no library at {}", library_path().display());
        let directory = Directory::new("libraries");
        for flavour in ["c", "cs", "a", "as"] {
            let name = format!("libpaho-mqtt3{flavour}.so.1");
            symlink(library_path(), directory.join(&name)).unwrap();
        }
        // Rust 1.85 gives libraries that cargo builds their file's name, which is what programs linked with them look for.
        symlink(library_path(), directory.join("libpaho_c_rs.so")).unwrap();
        InPlaceOfOriginal(directory)
    }

    /// The library under test under one of its names.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Lets a program load the library under test.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env("LD_LIBRARY_PATH", self.0.join(""));
    }
}

/// Compiles a C file of `tests/c`; gives the program or shared library (`-shared` among the options).
pub(crate) fn compile(source: &str, options: &[&str], directory: &Directory) -> PathBuf {
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    compile_with(&compiler, source, options, directory)
}

/// The same with a compiler of one's own.
pub(crate) fn compile_with(
    compiler: &OsStr,
    source: &str,
    options: &[&str],
    directory: &Directory,
) -> PathBuf {
    let target = directory.join(source.trim_end_matches(".c"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c").join(source);
    let mut command = Command::new(compiler);
    command.args(["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&target).arg(&source).args(options);
    let output = command.output().expect("a C compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target
}
