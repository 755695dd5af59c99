//! The documents, checked: tests that `COMPATIBILITY.md` names exist, and so do the files that documents link to.

#![allow(clippy::unwrap_used, reason = "a document that cannot be read fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 23] = [
    "README.md",
    "ARCHITECTURE.md",
    "COMPATIBILITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/authentication.md",
    "docs/event-loop.md",
    "docs/insight.md",
    "docs/manual-acknowledgement.md",
    "docs/interop.md",
    "docs/moving.md",
    "docs/mqtt5.md",
    "docs/options.md",
    "docs/qos.md",
    "docs/cluster.md",
    "docs/reconnect.md",
    "docs/releasing.md",
    "docs/sessions.md",
    "docs/threads.md",
    "docs/tls.md",
    "docs/tuning.md",
    "docs/websocket.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The texts between `open` and `close`.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(inner, _)| inner))
}

/// The texts between back quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a name as in the last column of the tables is that of a test: `file` or `file::function` in `tests`, where
/// `directory::file` is as good as `file`; `layer::file` or `layer::file::function` beside the code.
fn test_exists(name: &str) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    ["tests", "src"].iter().any(|top| {
        let mut path = root().join(top);
        let mut rest = parts.as_slice();
        while let [part, behind @ ..] = rest {
            path.push(part);
            rest = behind;
            if !path.is_dir() {
                break;
            }
        }
        let file: PathBuf = if path.is_dir() { path.join("main.rs") } else { path.with_extension("rs") };
        file.exists() && rest.len() <= 1 && has_test(&file, rest.first().copied())
    })
}

/// A test program without tests of its own brings those of its modules together.
fn has_test(file: &Path, function: Option<&str>) -> bool {
    let source = fs::read_to_string(file).unwrap();
    match function {
        Some(function) => source.contains(&format!("fn {function}(")),
        None => source.contains("#[test]") || source.contains("\nmod "),
    }
}

/// The tests in the last column of a document's tables.
fn named_tests(document: &str) -> Vec<String> {
    let text = read(document);
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    let cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit_once("| "));
    let names = cells.flat_map(|(_, cell)| quoted(cell)).filter(|name| !name.contains(' '));
    names.map(str::to_owned).collect()
}

#[test]
fn tests_named_as_evidence_exist() {
    for (document, least) in [("COMPATIBILITY.md", 21), ("docs/threads.md", 21)] {
        let names = named_tests(document);
        assert!(names.len() >= least, "the tables of {document} were not understood");
        let gone: Vec<&String> = names.iter().filter(|name| !test_exists(name)).collect();
        assert!(gone.is_empty(), "{document} names tests that do not exist: {gone:?}");
    }
}

/// The anchor of a heading, as hosts of repositories make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|character| character.is_alphanumeric() || " -".contains(*character));
    kept.map(|character| if character == ' ' { '-' } else { character.to_ascii_lowercase() }).collect()
}

fn has_heading(document: &Path, wanted: &str) -> bool {
    let text = fs::read_to_string(document).unwrap();
    let headings = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    headings.map(anchor).any(|anchor| anchor == wanted)
}

#[test]
fn links_lead_somewhere() {
    for document in DOCUMENTS {
        let path = root().join(document);
        for target in between(&read(document), "](", ")").filter(|target| !target.contains("://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(file.exists(), "{document} links to {target}");
            assert!(anchor.is_empty() || has_heading(&file, anchor), "{document} links to {target}");
        }
    }
}

#[test]
fn every_guide_is_checked() {
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = format!("docs/{}", entry.unwrap().file_name().to_str().unwrap());
        assert!(!name.ends_with(".md") || DOCUMENTS.contains(&name.as_str()), "{name}");
    }
}

/// The tests that compare the lines of the log with what they should be.
const TESTS_OF_THE_LOG: [&str; 3] =
    ["tests/transports/failure_causes.rs", "tests/transports/wrong_ports.rs", "tests/client/trace.rs"];

#[test]
fn lines_of_the_log_in_the_readme_are_those_of_tests() {
    let tests: String = TESTS_OF_THE_LOG.iter().map(|test| read(test)).collect();
    let readme = read("README.md");
    let (_, table) = readme.split_once("| the log says | what to look at |\n| --- | --- |\n").unwrap();
    let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 10);
    for text in rows.iter().map(|row| quoted(row).next().unwrap()) {
        assert!(tests.contains(text), "no test looks for {text}");
    }
}
