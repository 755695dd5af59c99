//! The C programs `tests/c/store_client.c` and `store_async_client.c`: a client with a store in a process of its own, that
//! may be killed.

use super::mosquitto::{Directory, die_with_parent};
use super::program::{compile, compile_with};
use super::wait::LIMIT;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

/// This library for another processor, whose programs run here too: `PAHO_C_RS_OTHER_LIBRARY`, and for its programs the
/// compiler `PAHO_C_RS_OTHER_CC`. `make check-target` sets them.
pub(crate) fn other_library() -> Option<PathBuf> {
    let library = env::var_os("PAHO_C_RS_OTHER_LIBRARY").map(PathBuf::from);
    if library.is_none() {
        eprintln!("skipped: there is no library for another processor");
    }
    library
}

/// The program, compiled.
pub(crate) struct StoreProgram {
    path: PathBuf,
    /// For `other_library`.
    other_path: Option<PathBuf>,
    _directories: [Directory; 2],
}

impl StoreProgram {
    pub(crate) fn new() -> StoreProgram {
        StoreProgram::compiled("store_client.c")
    }

    /// The one for the asynchronous interface.
    pub(crate) fn asynchronous() -> StoreProgram {
        StoreProgram::compiled("store_async_client.c")
    }

    fn compiled(source: &str) -> StoreProgram {
        let directories = ["store-client", "other-store-client"].map(Directory::new);
        let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
        let options = [headers, "-ldl", "-lpthread"];
        let path = compile(source, &options, &directories[0]);
        let other = env::var_os("PAHO_C_RS_OTHER_CC");
        let other_path = other.map(|compiler| compile_with(&compiler, source, &options, &directories[1]));
        StoreProgram { path, other_path, _directories: directories }
    }

    /// The program that can load this library.
    fn program_for(&self, library: &Path) -> &Path {
        let is_other = env::var_os("PAHO_C_RS_OTHER_LIBRARY").is_some_and(|other| library == other);
        self.other_path.as_deref().filter(|_| is_other).unwrap_or(&self.path)
    }

    /// Starts it on a library.
    pub(crate) fn start(&self, library: &Path, uri: &str) -> StoreClient {
        self.start_by(Command::new(self.program_for(library)), library, uri)
    }

    /// Starts it with a variable in its environment.
    pub(crate) fn start_with(&self, library: &Path, uri: &str, variable: (&str, &str)) -> StoreClient {
        let mut command = Command::new(&self.path);
        command.env(variable.0, variable.1);
        self.start_by(command, library, uri)
    }

    /// Where the program is, for commands that run it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Starts it by a command to which its arguments are added.
    pub(crate) fn start_by(&self, mut command: Command, library: &Path, uri: &str) -> StoreClient {
        command.arg(library).arg(uri).stdin(Stdio::piped()).stdout(Stdio::piped());
        die_with_parent(&mut command);
        let mut process = command.spawn().expect("the program starts");
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        let input = process.stdin.take();
        StoreClient { process, input, lines, arrivals: Vec::new() }
    }
}

/// The running program.
pub(crate) struct StoreClient {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What it has told of received messages while something else was asked.
    arrivals: Vec<String>,
}

impl StoreClient {
    /// Gives a command and waits for its answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        loop {
            let line = self.line().unwrap_or_else(|| panic!("{command:?}: {:?}", self.process.wait()));
            if !line.starts_with("arrived ") {
                return line;
            }
            self.arrivals.push(line);
        }
    }

    /// Waits for the next received message; None when the program has ended.
    #[track_caller]
    pub(crate) fn arrival(&mut self) -> Option<String> {
        if self.arrivals.is_empty() { self.line() } else { Some(self.arrivals.remove(0)) }
    }

    /// Gives a command that must be answered with this.
    #[track_caller]
    pub(crate) fn expect(&mut self, command: &str, answer: &str) {
        assert_eq!(self.ask(command), answer, "{command}");
    }

    /// The received messages of which it has told while something else was asked.
    pub(crate) fn arrivals(&mut self) -> Vec<String> {
        std::mem::take(&mut self.arrivals)
    }

    pub(crate) fn tell(&mut self, command: &str) {
        let input = self.input.as_mut().expect("the input is open");
        // A program that has been killed takes no command.
        let _ = writeln!(input, "{command}");
    }

    /// The next line; None when the program has ended.
    pub(crate) fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the program did not answer within {LIMIT:?}"),
        }
    }

    /// No more commands: the program ends when it has obeyed those it has.
    pub(crate) fn close_input(&mut self) {
        drop(self.input.take());
    }

    pub(crate) fn process_id(&self) -> i32 {
        self.process.id() as i32
    }

    /// Kills the program; gives the lines that it still had to say.
    pub(crate) fn kill(mut self) -> Vec<String> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        std::mem::take(&mut self.arrivals).into_iter().chain(self.lines.iter()).collect()
    }

    /// Lets the program end at the end of its input.
    #[track_caller]
    pub(crate) fn end(mut self) {
        drop(self.input.take());
        assert_eq!(self.line(), None);
        assert!(self.process.wait().unwrap().success(), "the program ended well");
    }
}

impl Drop for StoreClient {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
