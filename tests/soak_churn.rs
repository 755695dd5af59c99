//! Eight threads that create, connect, use and destroy handles at random (`tests/c/churn.c`): for a short time as a
//! test, for a long time and under tools that watch memory and threads by `make soak`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod support;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use support::library::library_path;
use support::mosquitto::{Directory, Mosquitto};
use support::program::{Ended, Running, compile};

/// What a tool needs of the driver: options of the compiler, and what stands before the program.
struct Tool {
    options: &'static [&'static str],
    before: &'static [&'static str],
    /// How often the time of a run without it fits into one with it, at most.
    patience: u32,
}

const NO_TOOL: Tool = Tool { options: &[], before: &[], patience: 2 };

/// Errors and leaks of the library and of the driver.
const MEMCHECK: Tool = Tool {
    options: &[],
    before: &["valgrind", "--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=9"],
    patience: 10,
};

/// What the driver and the library do to each other's memory: double frees, writes behind blocks, leaks.
const ADDRESS_SANITIZER: Tool =
    Tool { options: &["-fsanitize=address", "-fno-omit-frame-pointer"], before: &[], patience: 4 };

fn include_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// Builds the driver against the library under test, under a name that a program can be linked with.
fn driver(tool: &Tool, directory: &Directory) -> PathBuf {
    let library = directory.join("libchurned.so");
    std::os::unix::fs::symlink(library_path(), &library).unwrap();
    let include = format!("-I{}", include_directory().display());
    let path = format!("-L{}", directory.join("").display());
    let mut options = vec!["-std=gnu11", &include, &path, "-lchurned", "-lpthread"];
    options.extend(tool.options);
    compile("churn.c", &options, directory)
}

fn command(tool: &Tool, program: &Path, directory: &Directory) -> Command {
    let mut command = match tool.before.split_first() {
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
        None => Command::new(program),
    };
    // The library has the name it was given above, or the one it was linked with.
    let path = library_path();
    std::os::unix::fs::symlink(&path, directory.join("libpaho-mqtt3c.so.1")).unwrap();
    command.env("LD_LIBRARY_PATH", directory.join(""));
    if !tool.before.is_empty() || !tool.options.is_empty() {
        command.env("CHURN_TOOL", "yes");
    }
    command
}

fn churn(tool: &Tool, seconds: u64) -> Ended {
    let directory = Directory::new("churn");
    let broker = Mosquitto::start();
    let program = driver(tool, &directory);
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().to_string();
    let mut command = command(tool, &program, &directory);
    command.args([&broker.uri(), &seconds.to_string(), &seed]);
    let ended = Running::start(&mut command).wait(Duration::from_secs(60 + seconds * u64::from(tool.patience)));
    assert!(ended.status.success(), "seed {seed}: {}\n{}{}", ended.status, ended.output, ended.errors);
    println!("{}{}", ended.output, ended.errors);
    ended
}

fn soak_seconds() -> u64 {
    env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[test]
fn churn_for_a_short_time() {
    churn(&NO_TOOL, 3);
}

#[test]
#[ignore = "long: make soak"]
fn soak_churn() {
    churn(&NO_TOOL, soak_seconds());
}

#[test]
#[ignore = "long: make soak"]
fn soak_churn_under_memcheck() {
    churn(&MEMCHECK, soak_seconds());
}

#[test]
#[ignore = "long: make soak"]
fn soak_churn_with_address_sanitizer() {
    churn(&ADDRESS_SANITIZER, soak_seconds());
}
