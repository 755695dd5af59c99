//! The shape of the source, checked: which layer names which, what the pure layers keep away from (`pure`), that files do
//! not take names from each other in a circle (`circles`), where `unsafe` and the C calling convention stand, how long files
//! are.

#![allow(clippy::unwrap_used, reason = "a source that cannot be read fails the test")]

mod circles;
mod modules;
mod pure;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};
use tokens::{Token, paths, tokens};

/// Each layer and the layers it may name.
const ARROWS: [(&str, &[&str]); 9] = [
    ("protocol", &[]),
    ("system", &[]),
    ("locks", &["system"]),
    ("persistence", &["locks", "system"]),
    ("transport", &["locks", "system"]),
    ("session", &["protocol"]),
    ("trace", &["protocol", "locks", "system"]),
    ("engine", &["protocol", "session", "trace", "persistence", "transport", "locks", "system"]),
    ("capi", &["engine", "protocol", "trace", "locks", "system"]),
];

/// Files outside `capi` that need `unsafe`, because no safe wrapper exists for one thing: what differs
/// from system to system (`src/system`); a socket in the poller; the signal mask of a thread, and its stack; local time, and standard output as C sees it; calls of OpenSSL; locks;
/// the memory of the handles; what happens at a fork.
const SYSTEM_FILES: [&str; 18] = [
    "src/system/apple.rs",
    "src/system/freebsd.rs",
    "src/system/linux.rs",
    "src/system/linux_only.rs",
    "src/system/portable.rs",
    "src/system/tests.rs",
    "src/engine/runtime/poller/portable.rs",
    "src/locks/mod.rs",
    "src/locks/hold.rs",
    "src/engine/drivers/fork.rs",
    "src/transport/tls/openssl_pin.rs",
    "src/transport/tls/openssl_engine.rs",
    "src/transport/tls/openssl_store.rs",
    "src/engine/runtime/handle_memory.rs",
    "src/engine/runtime/signals.rs",
    "src/engine/runtime/stack.rs",
    "src/trace/system.rs",
    "src/transport/tls/openssl_calls.rs",
];

const LONGEST_FILE: usize = 500;

struct Source {
    /// Relative to the crate, with `/`.
    name: String,
    layer: String,
    /// `["engine", "client"]` for `src/engine/client.rs`.
    module: Vec<String>,
    text: String,
}

impl Source {
    fn new(name: &str, text: String) -> Source {
        let inner = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let module: Vec<String> = inner.split('/').map(str::to_owned).collect();
        Source { name: name.to_owned(), layer: module[0].clone(), module, text }
    }

    /// A `mod.rs`, which hands on what its folder offers.
    fn is_face(&self) -> bool {
        self.name.ends_with("/mod.rs")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    assert!(files.len() > ARROWS.len(), "no sources found");
    files.iter().map(|file| source(root, file)).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source(root: &Path, file: &Path) -> Source {
    let name = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    Source::new(&name, fs::read_to_string(file).unwrap())
}

/// The layer that a path from this source leads to, if it leads out of the file's own layer by name.
fn target<'a>(source: &Source, path: &'a [String]) -> Option<&'a str> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let rest = match path.first().map(String::as_str) {
        Some("crate" | "paho_c_rs") => &path[1..],
        Some("super") if ups >= source.module.len() => &path[ups..],
        _ => return None,
    };
    let layer = rest.first()?.as_str();
    ARROWS.iter().any(|(name, _)| *name == layer).then_some(layer)
}

fn report(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn layers_name_only_the_layers_below_them() {
    let mut found = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == source.layer) else { continue };
        for path in paths(&tokens(&source.text)) {
            match target(&source, &path) {
                Some(layer) if layer != source.layer && !allowed.contains(&layer) => {
                    found.push(format!("{}: {}", source.name, path.join("::")));
                }
                _ => {}
            }
        }
    }
    report("arrows against the design", &found);
}

#[test]
fn the_two_apis_do_not_name_each_other() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.layer == "capi") {
        let other = match source.module.get(1).map(String::as_str) {
            Some("client") => "async_client",
            Some("async_client") => "client",
            _ => continue,
        };
        for path in paths(&tokens(&source.text)) {
            let starts_outside = matches!(path[0].as_str(), "crate" | "super");
            if starts_outside && path.iter().any(|part| part == other) {
                found.push(format!("{}: {}", source.name, path.join("::")));
            }
        }
    }
    report("paths from one API to the other", &found);
}

#[test]
fn the_c_calling_convention_and_unsafe_stand_in_known_places() {
    let mut found = Vec::new();
    for source in sources() {
        if source.layer == "capi" || SYSTEM_FILES.contains(&source.name.as_str()) {
            continue;
        }
        let tokens = tokens(&source.text);
        if tokens.windows(2).any(|pair| pair[0].is("extern") && matches!(pair[1], Token::Text)) {
            found.push(format!("{}: extern \"C\"", source.name));
        }
        if tokens.iter().any(|token| token.is("unsafe")) {
            found.push(format!("{}: unsafe", source.name));
        }
    }
    report("outside capi and the named system files", &found);
}

#[test]
fn named_system_files_exist() {
    let names: Vec<String> = sources().into_iter().map(|source| source.name).collect();
    let gone: Vec<String> = SYSTEM_FILES
        .iter()
        .filter(|file| !names.iter().any(|name| name == *file))
        .map(|f| f.to_string())
        .collect();
    report("named in this test but gone", &gone);
}

#[test]
fn no_file_is_too_long() {
    let mut found = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            found.push(format!("{}: {lines} lines", source.name));
        }
    }
    report("files to split", &found);
}

/// Clippy knows which functions of the standard library are too new for the `rust-version` of Cargo.toml, but not which
/// parts of the language. Chains of conditions with `let` in them came with 1.88.
#[test]
fn conditions_have_no_let_after_an_and() {
    let mut files = Vec::new();
    for directory in ["src", "tests", "cbindgen"] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), &mut files);
    }
    let chain = concat!("&&", " let ");
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let mut code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        if code.any(|line| line.contains(chain)) {
            found.push(file.display().to_string());
        }
    }
    report("let after &&, which Rust 1.85 does not compile", &found);
}

#[test]
fn the_reader_of_paths_sees_them() {
    let code = "use crate::{engine::{a, b as c}, protocol}; // crate::hidden\nfn f() { super::super::capi::x(\"crate::text\") }";
    let found: Vec<String> = paths(&tokens(code)).iter().map(|path| path.join("::")).collect();
    for expected in ["crate::engine::a", "crate::engine::b", "crate::protocol", "super::super::capi::x"] {
        assert!(found.iter().any(|path| path == expected), "{expected} in {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("hidden") || path.contains("text")));
}
