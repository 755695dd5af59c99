//! A process that carries out the calls, with one of the two libraries.

use crate::case::Mode;
use crate::support::mosquitto::Directory;
use crate::support::program::{InPlaceOfOriginal, compile};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a call may take.
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// The compiled drivers and the places of the libraries.
pub(crate) struct Programs {
    _directory: Directory,
    libraries: InPlaceOfOriginal,
    synchronous: PathBuf,
    asynchronous: PathBuf,
}

impl Programs {
    /// None where the original is not installed.
    pub(crate) fn new() -> Option<Programs> {
        if !PathBuf::from(crate::support::library::ORIGINAL).exists() {
            return None;
        }
        let directory = Directory::new("differential");
        let include = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
        let synchronous = compile("differential_sync.c", &[include, "-lpaho-mqtt3c"], &directory);
        let asynchronous = compile("differential_async.c", &[include, "-lpaho-mqtt3a"], &directory);
        Some(Programs {
            _directory: directory,
            libraries: InPlaceOfOriginal::new(),
            synchronous,
            asynchronous,
        })
    }

    pub(crate) fn start(&self, mode: Mode, original: bool) -> Driver {
        let mut command = match mode {
            Mode::Asynchronous => Command::new(&self.asynchronous),
            Mode::Callbacks | Mode::Receive => Command::new(&self.synchronous),
        };
        command.arg(if mode == Mode::Receive { "receive" } else { "callbacks" });
        if !original {
            self.libraries.apply(&mut command);
        }
        Driver::start(&mut command)
    }
}

pub(crate) struct Driver {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    /// Callbacks since they were taken last.
    events: Vec<String>,
    /// It hangs or has ended.
    pub(crate) lost: bool,
}

impl Driver {
    fn start(command: &mut Command) -> Driver {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        crate::support::mosquitto::die_with_parent(command);
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        let input = process.stdin.take().unwrap();
        Driver { process, input, lines, events: Vec::new(), lost: false }
    }

    /// Has a call made; its answer.
    pub(crate) fn call(&mut self, line: &str) -> String {
        if writeln!(self.input, "{line}").is_err() {
            self.lost = true;
            return "the driver has ended".to_owned();
        }
        let end = Instant::now() + CALL_LIMIT;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.starts_with('=') => return line,
                Ok(line) => self.events.push(line),
                Err(_) => {
                    self.lost = true;
                    return "no answer".to_owned();
                }
            }
        }
    }

    /// Waits for a callback whose line begins so; false: it did not come in time.
    pub(crate) fn wait_for(&mut self, limit: Duration, beginnings: &[&str]) -> bool {
        let end = Instant::now() + limit;
        loop {
            if self.events.iter().any(|event| beginnings.iter().any(|beginning| event.starts_with(beginning)))
            {
                return true;
            }
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.events.push(line),
                Err(_) => return false,
            }
        }
    }

    /// What has happened, and happens within this time.
    pub(crate) fn take_events(&mut self, grace: Duration) -> Vec<String> {
        let end = Instant::now() + grace;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.events.push(line);
        }
        std::mem::take(&mut self.events)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
