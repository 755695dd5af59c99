//! A process that carries out the calls, with one of the two libraries.

use crate::case::Mode;
use crate::support::mosquitto::Directory;
use crate::support::program::{InPlaceOfOriginal, compile};
use rustix::event::{PollFd, PollFlags};
use std::env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The compiled drivers and the places of the libraries.
pub(crate) struct Programs {
    directory: Directory,
    libraries: InPlaceOfOriginal,
    synchronous: PathBuf,
    asynchronous: PathBuf,
    /// The original takes our place, too: what differs then is noise.
    original_twice: bool,
}

impl Programs {
    /// None where the original is not installed.
    pub(crate) fn new() -> Option<Programs> {
        if !crate::support::library::original().exists() {
            return None;
        }
        let directory = Directory::new("differential");
        let include = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
        let synchronous = compile("differential_sync.c", &[include, "-lpaho-mqtt3c"], &directory);
        let asynchronous = compile("differential_async.c", &[include, "-lpaho-mqtt3a"], &directory);
        Some(Programs {
            directory,
            libraries: InPlaceOfOriginal::new(),
            synchronous,
            asynchronous,
            original_twice: env::var_os("PAHO_C_RS_ORIGINAL_TWICE").is_some(),
        })
    }

    /// For the stores of the clients.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn start(&self, mode: Mode, original: bool) -> Driver {
        let mut command = match mode {
            Mode::Asynchronous => Command::new(&self.asynchronous),
            Mode::Callbacks | Mode::Receive => Command::new(&self.synchronous),
        };
        command.arg(if mode == Mode::Receive { "receive" } else { "callbacks" });
        if !original && !self.original_twice {
            self.libraries.apply(&mut command);
        }
        Driver::start(&mut command)
    }
}

pub(crate) struct Driver {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// The beginning of a line that is not complete.
    partial: Vec<u8>,
    /// Callbacks since they were taken last.
    pub(crate) events: Vec<String>,
    /// The answer to the call under way.
    pub(crate) answer: Option<String>,
    /// It hangs or has ended.
    pub(crate) lost: bool,
}

impl Driver {
    fn start(command: &mut Command) -> Driver {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        crate::support::mosquitto::die_with_parent(command);
        let mut process = command.spawn().unwrap();
        Driver {
            input: process.stdin.take().unwrap(),
            output: process.stdout.take().unwrap(),
            process,
            partial: Vec::new(),
            events: Vec::new(),
            answer: None,
            lost: false,
        }
    }

    /// Begins a call; its answer comes with the output.
    pub(crate) fn begin(&mut self, line: &str) {
        self.answer = None;
        if self.input.write_all(format!("{line}\n").as_bytes()).is_err() {
            self.lost = true;
        }
    }

    pub(crate) fn readiness(&self) -> PollFd<'_> {
        PollFd::new(&self.output, PollFlags::IN)
    }

    /// Reads what is there; only when it is readable.
    pub(crate) fn read(&mut self) {
        let mut chunk = [0; 16_384];
        let count = self.output.read(&mut chunk).unwrap_or(0);
        self.lost |= count == 0;
        self.partial.extend_from_slice(&chunk[..count]);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.partial[..end]).into_owned();
            self.partial.drain(..=end);
            if line.starts_with('=') {
                self.answer = Some(line);
            } else {
                self.events.push(line);
            }
        }
    }

    pub(crate) fn has_event(&self, beginnings: &[&str]) -> bool {
        self.events.iter().any(|event| beginnings.iter().any(|beginning| event.starts_with(beginning)))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
