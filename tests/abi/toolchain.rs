//! What the tests of the C interface share: the compiler, the made libraries, and looking into them.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where Debian's package `libpaho-mqtt-dev` puts the original's headers.
pub(crate) const ORIGINAL_HEADERS: &str = "/usr/include";
/// What no warning may pass.
const STRICT: [&str; 3] = ["-Wall", "-Wextra", "-Werror"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn headers() -> PathBuf {
    root().join("include")
}

/// Whether the original's headers are there to compare with. Says so loudly if not.
#[allow(clippy::print_stderr, reason = "a test that checks nothing has to say so")]
pub(crate) fn original_is_installed() -> bool {
    let installed = Path::new(ORIGINAL_HEADERS).join("MQTTClient.h").exists();
    if !installed {
        eprintln!("\n*** NOT CHECKED: the original is not installed (Debian package libpaho-mqtt-dev) ***\n");
    }
    installed
}

/// A directory of this test alone, empty.
pub(crate) fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// A language and how its compiler is called for it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    C(&'static str),
    Cxx(&'static str),
}

pub(crate) const LANGUAGES: [Language; 5] = [
    Language::C("-std=gnu89"),
    Language::C("-std=c99"),
    Language::C("-std=c11"),
    Language::Cxx("-std=c++11"),
    Language::Cxx("-std=c++17"),
];

/// The compiler, with warnings as errors.
pub(crate) fn compiler(language: Language, headers: &Path) -> Command {
    let (variable, default, standard, kind) = match language {
        Language::C(standard) => ("CC", "cc", standard, "c"),
        Language::Cxx(standard) => ("CXX", "c++", standard, "c++"),
    };
    let mut command = Command::new(env::var(variable).unwrap_or_else(|_| default.to_owned()));
    command.args(STRICT).arg(standard).arg("-I").arg(headers).args(["-x", kind]);
    command
}

/// Runs a command; what it wrote to its standard output.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The directory with the libraries that `make` has made. The first caller makes all that is installed.
pub(crate) fn libraries() -> &'static Path {
    static LIBRARIES: OnceLock<PathBuf> = OnceLock::new();
    LIBRARIES.get_or_init(|| {
        let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("libraries.lock")).unwrap();
        // SAFETY: the descriptor is open; the lock goes with it. Other test programs may be here too.
        assert_eq!(unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) }, 0);
        make(&["all"]);
        root().join("dist/lib")
    })
}

/// Runs `make` as a user would: not as part of the `make` that may be running the tests.
#[track_caller]
pub(crate) fn make(arguments: &[&str]) {
    let mut command = Command::new("make");
    command.arg("--directory").arg(root()).args(arguments);
    command.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
    output(&mut command);
}

/// The names of the functions a shared library exports.
pub(crate) fn exported(library: &Path) -> BTreeSet<String> {
    symbols(Command::new("nm").args(["--dynamic", "--defined-only"]).arg(library))
}

/// The names an object or a static library gives to a program.
pub(crate) fn global(library: &Path) -> BTreeSet<String> {
    symbols(Command::new("nm").args(["--extern-only", "--defined-only"]).arg(library))
}

fn symbols(command: &mut Command) -> BTreeSet<String> {
    let listed = output(command);
    let lines = listed.lines().filter_map(|line| line.split_once(' ')).map(|(_, rest)| rest);
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(kind, name)| {
            assert!(matches!(kind, "T" | "W"), "{name} is no function");
            name.to_owned()
        })
        .collect()
}

/// The entries of a shared library's dynamic section that have this tag.
pub(crate) fn dynamic_entries(library: &Path, tag: &str) -> Vec<String> {
    let listed = output(Command::new("readelf").args(["--dynamic", "--wide"]).arg(library));
    let tag = format!("({tag})");
    let lines = listed.lines().filter(|line| line.contains(&tag));
    lines
        .map(|line| {
            let value = line.split_once(&tag).map_or("", |(_, value)| value);
            value
                .split_once('[')
                .and_then(|(_, name)| name.split_once(']'))
                .map_or(value.trim(), |(name, _)| name)
                .to_owned()
        })
        .collect()
}
