//! The programs of Debian's package paho.mqtt.c-examples, which are compiled against the original, on either library.

use super::broker::Broker;
use super::mosquitto::{Directory, Mosquitto};
use super::packet::Packet;
use super::program::{Ended, InPlaceOfOriginal, Running, compile};
use super::wait::{LIMIT, until};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which library a program runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Original,
    Ours,
}

/// What is needed to run the programs.
pub(crate) struct Stage {
    libraries: InPlaceOfOriginal,
    redirect: PathBuf,
    _directory: Directory,
}

impl Stage {
    /// None where the programs cannot be had.
    pub(crate) fn set() -> Option<Stage> {
        if !Path::new("/usr/bin/paho_cs_pub").exists() {
            assert!(!Path::new("/usr/bin/apt-get").exists(), "install the package paho.mqtt.c-examples");
            eprintln!("skipped: this system has no paho.mqtt.c-examples");
            return None;
        }
        let directory = Directory::new("programs");
        let redirect = compile("redirect.c", &["-shared", "-fPIC", "-ldl"], &directory);
        Some(Stage { libraries: InPlaceOfOriginal::new(), redirect, _directory: directory })
    }

    /// A program whose server is the one on this port, whatever it was told.
    pub(crate) fn command(&self, program: &str, arguments: &[&str], port: u16, on: On) -> Command {
        let mut command = Command::new(format!("/usr/bin/{program}"));
        command.args(arguments).env("LD_PRELOAD", &self.redirect).env("REDIRECT_PORT", port.to_string());
        command.env_remove("LD_LIBRARY_PATH");
        if on == On::Ours {
            self.libraries.apply(&mut command);
        }
        command
    }

    pub(crate) fn start(&self, program: &str, arguments: &[&str], port: u16, on: On) -> Running {
        Running::start(&mut self.command(program, arguments, port, on))
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str], port: u16, on: On) -> Ended {
        self.start(program, arguments, port, on).wait(LIMIT)
    }

    /// Runs a program with a broker that writes everything down; gives what it printed and sent.
    pub(crate) fn run_recorded(&self, program: &str, arguments: &[&str], on: On) -> (Ended, Vec<Packet>) {
        let broker = Broker::polite();
        let ended = self.run(program, arguments, broker.port(), on);
        until("the end of the connection", || broker.has_ended(0));
        (ended, broker.log().into_iter().map(|incoming| incoming.packet).collect())
    }
}

/// Ended well, the same way and with the same output.
#[track_caller]
pub(crate) fn assert_same(what: &str, original: &Ended, ours: &Ended) {
    assert!(original.status.success(), "{what} on the original: {original:?}");
    assert_eq!(ours.status, original.status, "{what}: {ours:?}");
    assert_eq!(ours.output, original.output, "{what}");
    assert_eq!(ours.errors, original.errors, "{what}: {ours:?}");
}

/// Waits until this client has subscribed.
pub(crate) fn subscribed(broker: &Mosquitto, id: &str) {
    until("the subscription", || broker.log().contains(&format!("Sending SUBACK to {id}")));
}

/// A callback prints whenever its turn comes, before or after what the main thread prints.
pub(crate) fn sort_lines(text: &mut String) {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    *text = lines.join("\n");
}

/// Runs a program on both libraries: it prints and sends the same.
pub(crate) fn compare_recorded(stage: &Stage, program: &str, arguments: &[&str]) {
    let (mut original, sent_by_original) = stage.run_recorded(program, arguments, On::Original);
    let (mut ours, sent_by_ours) = stage.run_recorded(program, arguments, On::Ours);
    for ended in [&mut original, &mut ours] {
        sort_lines(&mut ended.output);
    }
    assert_same(program, &original, &ours);
    assert_eq!(sent_by_ours, sent_by_original, "{program} {arguments:?}");
}
