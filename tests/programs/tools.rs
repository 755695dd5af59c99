//! The command line tools beside those of Debian's package paho.mqtt.c-examples: the same command lines give the same
//! output, exit status and packets, but for the differences that [`Expected`] lists.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::support::broker::{Broker, Listener};
use crate::support::debian_programs::{sort_lines, subscribed};
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::packet::PUBLISH;
use crate::support::program::{Ended, InPlaceOfOriginal, Running};
use crate::support::wait::{LIMIT, until};
use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Debians,
    Ours,
}

/// How our tool ends and what it prints, compared with Debian's.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The same standard output, standard error, exit status and packets.
    Same,
    /// The same, and our error continues with the cause: the original does not name it.
    CauseAdded,
    /// The original prints its help, which scrolls the cause away if there is one. Ours prints the cause only. Both end
    /// with 1.
    CauseInPlaceOfHelp,
    /// The original ends with 0 although it failed: a script cannot see that. Ours ends with this.
    FailsWith(i32),
    /// The original tries for ever, whatever the reason, and does not succeed. Ours ends with this.
    EndsWith(i32),
    /// The original takes what means nothing or cannot work. Ours refuses the command line, with 1.
    Refused,
}

use Expected::{CauseAdded, CauseInPlaceOfHelp, EndsWith, FailsWith, Refused, Same};

/// Our tools, built from `tools/` against our headers and linked with the library under test.
pub(crate) struct Tools {
    libraries: InPlaceOfOriginal,
    directory: Directory,
}

impl Tools {
    pub(crate) fn build() -> Tools {
        let tools = Tools { libraries: InPlaceOfOriginal::new(), directory: Directory::new("tools") };
        fs::write(tools.directory.join("payload"), b"two\nlines\0and a zero byte").unwrap();
        for (name, shared, flavour) in [
            ("paho_c_pub", "async.c", "as"),
            ("paho_c_sub", "async.c", "as"),
            ("paho_cs_pub", "sync.c", "cs"),
            ("paho_cs_sub", "sync.c", "cs"),
        ] {
            let library = tools.libraries.path(&format!("libpaho-mqtt3{flavour}.so.1"));
            let directory = library.parent().unwrap().display().to_string();
            let link = [format!("-L{directory}"), format!("-l:libpaho-mqtt3{flavour}.so.1")];
            tools.compile(name, &["options.c", "common.c", shared], &[&link[0], &link[1], "-lpthread"]);
        }
        tools.compile("MQTTVersion", &[], &["-ldl"]);
        tools
    }

    fn compile(&self, name: &str, sources: &[&str], options: &[&str]) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
        command.args(["-std=c99", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-isystem"]);
        command.arg(root.join("include")).arg("-o").arg(self.directory.join(name));
        command.arg(root.join("tools").join(name).with_extension("c"));
        command.args(sources.iter().map(|source| root.join("tools").join(source))).args(options);
        let output = command.output().expect("a C compiler");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn program(&self, whose: Whose, name: &str) -> PathBuf {
        match whose {
            Whose::Debians => Path::new("/usr/bin").join(name),
            Whose::Ours => self.directory.join(name),
        }
    }

    pub(crate) fn command(&self, whose: Whose, name: &str) -> Command {
        let mut command = Command::new(self.program(whose, name));
        command.env_remove("LD_LIBRARY_PATH");
        if whose == Whose::Ours {
            self.libraries.apply(&mut command);
        }
        command
    }

    /// Starts a command line: its words are separated by spaces, `''` is an empty one, `{server}` is `-h` and `-p` for
    /// this port, `{port}` only that, and `{file}` a file with two lines and a zero byte.
    pub(crate) fn start(&self, whose: Whose, line: &str, port: u16) -> Running {
        let (port, file) = (port.to_string(), self.directory.join("payload").display().to_string());
        let line = line.replace("{server}", "-h 127.0.0.1 -p {port}").replace("{port}", &port);
        let line = line.replace("{file}", &file);
        let words: Vec<&str> = line.split(' ').map(|word| if word == "''" { "" } else { word }).collect();
        let mut command = self.command(whose, words[0]);
        command.args(&words[1..]);
        Running::start(&mut command)
    }

    pub(crate) fn run(&self, whose: Whose, line: &str, port: u16) -> Ended {
        self.start(whose, line, port).wait(LIMIT)
    }
}

/// None, with a message, where Debian's tools are not installed.
fn beside_debians() -> Option<Tools> {
    if !Path::new("/usr/bin/paho_cs_pub").exists() {
        eprintln!("skipped: this system has no paho.mqtt.c-examples");
        return None;
    }
    Some(Tools::build())
}

/// Command lines of the publishers; each is run with `paho_c_pub` and with `paho_cs_pub`.
const PUBLISH_LINES: [&str; 14] = [
    "a/topic -m hello {server}",
    "-t a/topic -m hello -q 1 {server}",
    "a/topic {server} -m hello -q 2 -r --verbose",
    "a/topic {server} -m hello -q 1 -V mqttv31",
    "a/topic {server} -m hello -q 1 -V 5 --verbose",
    "a/topic {server} -m hello -q 2 -V 5 -r",
    "a/topic {server} -m x -V 5 -q 1 --message-expiry 9 --user-property name value",
    "a/topic {server} -n -r --verbose",
    "a/topic {server} -m '' --verbose",
    "a/topic {server} -f {file} -q 1 --verbose",
    "a/topic {server} -m x -u user -P password -k 77 -i me --quiet",
    "a/topic {server} -m x --will-topic w --will-payload gone --will-qos 1 --will-retain 1",
    "first -t second -m -r -c tcp://127.0.0.1:{port} --verbose",
    "a/topic {server} -m x -n -q 1",
];

#[test]
fn messages_are_published_as_by_the_original() {
    let Some(tools) = beside_debians() else { return };
    for name in ["paho_c_pub", "paho_cs_pub"] {
        for line in PUBLISH_LINES {
            let line = format!("{name} {line}");
            let [original, ours] = [Whose::Debians, Whose::Ours].map(|whose| {
                let broker = Broker::polite();
                let mut ended = tools.run(whose, &line, broker.port());
                until(&format!("the end of {whose:?} {line}"), || broker.has_ended(0));
                // Callbacks print when their turn comes.
                sort_lines(&mut ended.output);
                ended.output = ended.output.replace(&broker.port().to_string(), "PORT");
                let sent: Vec<_> = broker.log().into_iter().map(|incoming| incoming.packet).collect();
                (ended, sent)
            });
            compare(&line, Same, &original.0, &ours.0);
            assert_eq!(ours.1, original.1, "{line}");
        }
    }
}

#[track_caller]
fn compare(line: &str, expected: Expected, original: &Ended, ours: &Ended) {
    let codes = (original.status.code(), ours.status.code());
    let said = format!("{line}: {expected:?}\noriginal: {original:?}\nours: {ours:?}");
    match expected {
        Same => {
            assert_eq!(ours.output, original.output, "{said}");
            assert_eq!(ours.errors, original.errors, "{said}");
            assert_eq!(codes.1, codes.0, "{said}");
        }
        CauseAdded => {
            assert_eq!((&ours.output, codes.1), (&original.output, codes.0), "{said}");
            assert!(ours.errors.starts_with(original.errors.trim_end()), "{said}");
        }
        FailsWith(code) => {
            assert_eq!((&ours.output, codes), (&original.output, (Some(0), Some(code))), "{said}");
            assert!(ours.errors.starts_with(original.errors.trim_end()), "{said}");
        }
        EndsWith(code) => {
            // The test has killed the original, which so lost what it had not flushed.
            assert_eq!(codes, (None, Some(code)), "{said}");
            assert!(ours.errors.starts_with(original.errors.trim_end()), "{said}");
        }
        CauseInPlaceOfHelp => {
            assert_eq!(codes, (Some(1), Some(1)), "{said}");
            assert!(original.output.contains("Usage: ") && ours.output.is_empty(), "{said}");
            assert!(ours.errors.starts_with(original.errors.trim_end()), "{said}");
            assert!(ours.errors.lines().count() == 2 && ours.errors.contains("--help"), "{said}");
        }
        Refused => assert!(ours.output.is_empty() && codes.1 == Some(1), "{said}"),
    }
}

/// The lines about packets, from the client identifier on: time and socket differ in each run.
fn packet_lines(errors: &str) -> Vec<&str> {
    let packets = errors.lines().filter(|line| line.starts_with("Trace : 4, "));
    packets.filter_map(|line| line.find(" paho-").map(|start| &line[start..])).collect()
}

#[test]
fn the_trace_is_printed_as_by_the_original() {
    let Some(tools) = beside_debians() else { return };
    for name in ["paho_c_pub", "paho_cs_pub"] {
        let broker = Broker::polite();
        let line = format!("{name} t {{server}} -m x -q 1 --trace protocol");
        let [original, ours] =
            [Whose::Debians, Whose::Ours].map(|whose| tools.run(whose, &line, broker.port()).errors);
        assert!(packet_lines(&ours).len() > 4, "{ours}");
        assert_eq!(packet_lines(&ours), packet_lines(&original), "{line}");
    }
}

/// Command lines that cannot work, and what differs. `{port}` is one at which nobody listens.
const FAILING_LINES: [(&str, Expected); 24] = [
    ("paho_c_pub t -m x -c nonsense://127.0.0.1:{port}", CauseAdded),
    ("paho_c_sub t -c nonsense://127.0.0.1:{port}", CauseAdded),
    ("paho_cs_pub t -m x -c nonsense://127.0.0.1:{port}", CauseAdded),
    ("paho_cs_sub t -c nonsense://127.0.0.1:{port}", CauseAdded),
    ("paho_c_pub t -m x {server}", EndsWith(2)),
    ("paho_c_pub t -m x {server} --verbose", EndsWith(2)),
    ("paho_c_sub t {server}", EndsWith(2)),
    ("paho_cs_pub t -m x {server}", FailsWith(2)),
    ("paho_cs_pub t -m x {server} --verbose -V 5", FailsWith(2)),
    ("paho_cs_pub t -m x {server} --quiet", FailsWith(2)),
    ("paho_cs_sub t {server} --verbose", FailsWith(2)),
    ("paho_c_pub t -m x --bogus", CauseInPlaceOfHelp),
    ("paho_c_sub t -m x", CauseInPlaceOfHelp),
    ("paho_cs_pub t -m x -R", CauseInPlaceOfHelp),
    ("paho_cs_sub t u", CauseInPlaceOfHelp),
    ("paho_c_pub t -m", CauseInPlaceOfHelp),
    ("paho_cs_pub t -m x -q 3", CauseInPlaceOfHelp),
    ("paho_c_sub t -V 4", CauseInPlaceOfHelp),
    ("paho_cs_sub -q 1", CauseInPlaceOfHelp),
    ("paho_c_pub t -m x --trace everything", CauseInPlaceOfHelp),
    // The original takes what is no number for 0.
    ("paho_cs_pub t -m x {server} -k soon", Refused),
    // A server closes the connection.
    ("paho_cs_pub t/# -m x {server} -q 1", Refused),
    ("paho_cs_pub t -m x {server} -P secret", Refused),
    ("paho_cs_sub t {server} --will-topic w/+", Refused),
];

#[test]
fn failures_are_those_of_the_original_with_a_cause_and_an_exit_status() {
    let Some(tools) = beside_debians() else { return };
    let nobody = Listener::new().port();
    for (line, expected) in FAILING_LINES {
        let mut original = tools.start(Whose::Debians, line, nobody);
        if let EndsWith(_) = expected {
            original.wait_for_error("Connect failed");
            original.signal(libc::SIGKILL);
        }
        let original = original.wait(LIMIT);
        let ours = tools.run(Whose::Ours, line, nobody);
        compare(line, expected, &original, &ours);
        assert!(line.contains("--quiet") || !ours.errors.is_empty(), "{line}: {ours:?}");
    }
}

/// Command lines of the subscribers; each is run with `paho_c_sub` and with `paho_cs_sub`.
const SUBSCRIBE_LINES: [&str; 8] = [
    "a/topic {server} -i sub",
    "a/topic {server} -i sub -q 2 --verbose",
    "a/# {server} -i sub --quiet",
    "-t a/topic {server} -i sub -V 5 --verbose",
    "-t a/+ {server} -i sub -V 5 -q 1",
    "a/topic {server} -i sub --no-delimiter",
    "a/topic {server} -i sub --delimiter --",
    "a/topic {server} -i sub -V 31 --maxdatalen 3 -k 20",
];

/// Publishes before and after a tool has subscribed; what it prints until SIGINT.
fn received(tools: &Tools, whose: Whose, line: &str, messages: &[&str]) -> Ended {
    let broker = Mosquitto::start_with("log_type all");
    let publish = |arguments: &str| {
        let ended = tools.run(Whose::Ours, &format!("paho_c_pub {{server}} {arguments}"), broker.port());
        assert!(ended.status.success(), "{arguments}: {ended:?}");
    };
    publish("a/topic -m kept -r -q 1");
    let mut subscriber = tools.start(whose, line, broker.port());
    subscribed(&broker, "sub");
    for message in messages {
        publish(message);
        // A message of QoS 2 is printed after a second exchange, which the next one of QoS 1 may overtake.
        until("the end of the exchange", || {
            let log = broker.log();
            let count = |text: &str| log.matches(text).count();
            count("Sending PUBLISH to sub (d0, q2,") == count("Received PUBCOMP from sub (")
        });
    }
    subscriber.wait_for_output("last");
    subscriber.signal(libc::SIGINT);
    let mut ended = subscriber.wait(LIMIT);
    ended.output = ended.output.replace(&broker.port().to_string(), "PORT");
    ended
}

#[test]
fn messages_are_printed_as_by_the_original() {
    let Some(tools) = beside_debians() else { return };
    let messages = [
        "a/topic -m first -q 1",
        "a/topic -n -q 2",
        "a/topic -m more -V 5 --user-property name value --message-expiry 60 -q 1",
        "a/topic -m last -q 1",
    ];
    for name in ["paho_c_sub", "paho_cs_sub"] {
        for line in SUBSCRIBE_LINES {
            let line = format!("{name} {line}");
            let original = received(&tools, Whose::Debians, &line, &messages);
            let ours = received(&tools, Whose::Ours, &line, &messages);
            assert!(ours.output.contains("first") && ours.status.success(), "{line}: {ours:?}");
            compare(&line, Same, &original, &ours);
        }
    }
}

/// The original prints retained messages whatever -R says, and a payload up to its first zero byte.
#[test]
fn what_the_original_loses_is_printed() {
    let Some(tools) = beside_debians() else { return };
    for name in ["paho_c_sub", "paho_cs_sub"] {
        let messages = ["a/topic -f {file} -q 1", "a/topic -m last -q 1"];
        let line = format!("{name} a/topic {{server}} -i sub -R");
        let original = received(&tools, Whose::Debians, &line, &messages);
        let ours = received(&tools, Whose::Ours, &line, &messages);
        assert_eq!(original.output, "kept\ntwo\nlines\nlast\n", "{name}");
        assert_eq!(ours.output, "two\nlines\0and a zero byte\nlast\n", "{name}");
    }
}

/// After the end of standard input the original publishes messages without end.
#[test]
fn lines_of_standard_input_are_published_as_by_the_original() {
    let Some(tools) = beside_debians() else { return };
    for (name, more) in
        [("paho_c_pub", ""), ("paho_cs_pub", " --delimiter ;"), ("paho_cs_pub", " --maxdatalen 2")]
    {
        let line = format!("{name} a/topic {{server}} -q 1{more}");
        let [original, ours] = [Whose::Debians, Whose::Ours].map(|whose| {
            let broker = Broker::polite();
            let mut program = tools.start(whose, &line, broker.port());
            let mut input = program.input();
            input.write_all(b"one\ntwo;\nthree;\n").unwrap();
            let messages = [(); 2].map(|()| broker.expect(PUBLISH).packet);
            drop(input);
            (program, messages, broker)
        });
        assert_eq!(ours.1, original.1, "{line}");
        let ended = ours.0.wait(LIMIT);
        assert!(ended.status.success() && ended.errors.is_empty(), "{line}: {ended:?}");
    }
}

/// The second line of Debian's output names the owner of its source.
#[test]
fn versions_are_printed_as_by_the_original() {
    let Some(tools) = beside_debians() else { return };
    let library = tools.libraries.path("libpaho-mqtt3cs.so.1").display().to_string();
    let original = tools.run(Whose::Debians, &format!("MQTTVersion {library}"), 1);
    let ours = tools.run(Whose::Ours, &format!("MQTTVersion {library}"), 1);
    let lines: Vec<&str> = original.output.lines().filter(|line| !line.starts_with("Copyright")).collect();
    assert!(lines.len() > 3, "{original:?}");
    assert_eq!(ours.output.lines().collect::<Vec<_>>(), lines);
    assert!(ours.status.success());

    let missing = tools.run(Whose::Ours, "MQTTVersion /no/such/library.so", 1);
    let original = tools.run(Whose::Debians, "MQTTVersion /no/such/library.so", 1);
    assert!(original.output.contains(missing.errors.trim_end()), "{missing:?}");
    assert_eq!((original.status.code(), missing.status.code()), (Some(0), Some(1)));
    let all = tools.run(Whose::Ours, "MQTTVersion", 1);
    assert_eq!(all.output.matches("--- Trying library paho-mqtt3").count(), 4, "{all:?}");
}
