//! The programs in the guides: each C block is a program that compiles without a warning, and prints what the guide says.

use crate::support::http_proxy::http_proxy;
use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{Ended, Running};
use crate::support::tls::{Identity, Subject, write};
use crate::support::wait::LIMIT;
use crate::toolchain::{Language, compiler, headers, output, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A block between lines of three back quotes.
struct Block {
    /// What follows the first back quotes.
    kind: String,
    text: String,
    /// The last line of the text before it.
    introduction: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let (mut blocks, mut introduction) = (Vec::new(), String::new());
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("```") {
            Some(kind) => {
                let inner: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                let text = inner.iter().map(|line| format!("{line}\n")).collect();
                blocks.push(Block { kind: kind.to_owned(), text, introduction: introduction.clone() });
            }
            None if !line.is_empty() => line.clone_into(&mut introduction),
            None => {}
        }
    }
    blocks
}

/// The guides, and the page that everybody reads first.
fn guides() -> Vec<PathBuf> {
    let all = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut guides: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    guides.push(root().join("README.md"));
    guides
}

/// A program and what it prints.
fn programs(guide: &str) -> Vec<(String, String)> {
    let blocks = blocks(&fs::read_to_string(root().join(guide)).unwrap());
    let pairs = blocks.iter().zip(blocks.iter().skip(1)).filter(|(program, _)| program.kind == "c");
    pairs
        .map(|(program, printed)| {
            assert!(
                printed.kind == "text" && printed.introduction == "It prints:",
                "{guide}: {}",
                program.text
            );
            (program.text.clone(), printed.text.clone())
        })
        .collect()
}

/// The servers and files that the programs name.
struct World {
    directory: Directory,
    servers: Vec<(&'static str, String)>,
    _broker: Mosquitto,
    _secure: Mosquitto,
}

impl World {
    fn new() -> World {
        let directory = Directory::new("guides");
        let authority = Identity::authority("guide authority");
        let file = |name: &str, text: &str| write(&directory, name, text);
        let ca = file("ca.crt", &authority.certificate_text());
        let (certificate, key) = authority.issue(&Subject::named(&["localhost"])).save(&directory, "server");
        authority.issue(&Subject::with_common_name("guide")).save(&directory, "client");
        let mutual = format!("certfile {certificate}\nkeyfile {key}\ncafile {ca}\nrequire_certificate true");
        let (broker, web_socket) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
        let (secure, tls) = Mosquitto::start_with_listener(|_| mutual.clone());
        let servers = vec![
            ("tcp://localhost:1883", broker.uri()),
            ("ws://localhost:8080", format!("ws://localhost:{web_socket}")),
            ("ssl://localhost:8883", format!("ssl://localhost:{tls}")),
            ("http://localhost:3128", format!("http://localhost:{}", http_proxy())),
        ];
        World { directory, servers, _broker: broker, _secure: secure }
    }

    fn run(&self, number: usize, program: &str) -> Ended {
        let mut text = program.to_owned();
        self.servers.iter().for_each(|(given, ours)| text = text.replace(given, ours));
        let source = self.directory.join(format!("program{number}.c"));
        let executable = source.with_extension("");
        fs::write(&source, text).unwrap();
        let mut command = compiler(Language::C("-std=gnu17"), &headers());
        command.arg(&source).args(["-x", "none", "-pthread"]).arg(library_path());
        output(command.arg("-o").arg(&executable));
        let mut command = Command::new(&executable);
        command.env("LD_LIBRARY_PATH", library_path().parent().unwrap()).current_dir(self.directory.path());
        Running::start(&mut command).wait(LIMIT)
    }
}

#[track_caller]
fn check(guide: &str) {
    let (world, programs) = (World::new(), programs(guide));
    assert!(!programs.is_empty(), "{guide} has no program");
    for (number, (program, printed)) in programs.iter().enumerate() {
        let ended = world.run(number, program);
        assert!(ended.status.success() && ended.errors.is_empty(), "{guide}: {program}: {ended:?}");
        assert_eq!(&ended.output, printed, "{guide}: {program}");
    }
}

macro_rules! checks {
    ($($test:ident $guide:literal,)*) => {
        $(
            #[test]
            fn $test() {
                check($guide);
            }
        )*

        #[test]
        fn every_guide_is_checked() {
            let checked = BTreeSet::from([$(root().join($guide)),*]);
            for guide in guides() {
                let blocks = blocks(&fs::read_to_string(&guide).unwrap());
                let other = blocks.iter().find(|block| !["c", "text", "log"].contains(&block.kind.as_str()));
                assert!(other.is_none(), "{}: {}", guide.display(), other.unwrap().text);
                let has_program = blocks.iter().any(|block| block.kind == "c");
                assert_eq!(has_program, checked.contains(&guide), "{}", guide.display());
            }
        }
    };
}

checks! {
    readme "README.md",
    threads "docs/threads.md",
    qos "docs/qos.md",
    sessions "docs/sessions.md",
    reconnect "docs/reconnect.md",
    tls "docs/tls.md",
    websocket "docs/websocket.md",
    mqtt5 "docs/mqtt5.md",
    tuning "docs/tuning.md",
    options "docs/options.md",
    insight "docs/insight.md",
    authentication "docs/authentication.md",
    manual_acknowledgement "docs/manual-acknowledgement.md",
    event_loop "docs/event-loop.md",
}

/// Names of environment variables in a text that begin like ours.
fn variables(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_uppercase() || character == '_';
    let words = text.split(|character| !is_part(character));
    words
        .filter(|word| word.starts_with("PAHO_C_") || word.starts_with("MQTT_C_CLIENT_"))
        .map(str::to_owned)
        .collect()
}

fn sources(directory: &Path, found: &mut String) {
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else {
            found.push_str(&fs::read_to_string(&entry).unwrap());
        }
    }
}

#[test]
fn the_table_of_switches_has_every_environment_variable() {
    let mut source = String::new();
    sources(&root().join("src"), &mut source);
    // Names in quotes: those that are looked up.
    let looked_up: BTreeSet<String> = variables(&source)
        .into_iter()
        .filter(|name| name != "PAHO_C_RS_NO_SUCH_VARIABLE" && source.contains(&format!("\"{name}\"")))
        .collect();
    let table = fs::read_to_string(root().join("docs/tuning.md")).unwrap();
    assert!(looked_up.len() > 8, "{looked_up:?}");
    assert_eq!(variables(&table), looked_up);
}
