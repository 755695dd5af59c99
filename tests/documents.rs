//! The documents, checked: tests that `COMPATIBILITY.md` names exist, and so do the files that documents link to.

#![allow(clippy::unwrap_used, reason = "a document that cannot be read fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "COMPATIBILITY.md", "CONTRIBUTING.md", "CHANGELOG.md"];

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

#[test]
fn tests_named_as_evidence_exist() {
    let text = read("COMPATIBILITY.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    let cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit_once("| "));
    let names: Vec<&str> =
        cells.flat_map(|(_, cell)| quoted(cell)).filter(|name| !name.contains(' ')).collect();
    assert!(names.len() > 20, "the tables were not understood");
    let gone: Vec<&&str> = names.iter().filter(|name| !test_exists(name)).collect();
    assert!(gone.is_empty(), "COMPATIBILITY.md names tests that do not exist: {gone:?}");
}

#[test]
fn linked_files_exist() {
    for document in DOCUMENTS {
        for target in between(&read(document), "](", ")") {
            let outside = target.contains("://") || target.starts_with('#');
            assert!(outside || root().join(target).exists(), "{document} links to {target}");
        }
    }
}
