//! Eight threads that create, connect, use and destroy handles at random (`tests/c/churn.c`): for a short time as a
//! test, for a long time and under tools that watch memory and threads by `make soak`.

use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{Running, compile};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
    before: &[
        "valgrind",
        "--quiet",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--error-exitcode=9",
    ],
    patience: 10,
};

/// What the driver and the library do to each other's memory: double frees, writes behind blocks, leaks.
const ADDRESS_SANITIZER: Tool =
    Tool { options: &["-fsanitize=address", "-fno-omit-frame-pointer"], before: &[], patience: 4 };

fn include_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

fn source_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c")
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

/// `lanes`: whether callbacks run one at a time in the whole process, or for each client.
fn churn(tool: &Tool, lanes: &str, seconds: u64) {
    let directory = Directory::new("churn");
    let broker = Mosquitto::start();
    let program = driver(tool, &directory);
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().to_string();
    let mut command = command(tool, &program, &directory);
    command.env("PAHO_C_RS_CALLBACK_LANES", lanes);
    command.args([&broker.uri(), &seconds.to_string(), &seed]);
    let ended =
        Running::start(&mut command).wait(Duration::from_secs(60 + seconds * u64::from(tool.patience)));
    assert!(ended.status.success(), "seed {seed}: {}\n{}{}", ended.status, ended.output, ended.errors);
    eprintln!("{}{}", ended.output, ended.errors);
}

fn soak_seconds() -> u64 {
    env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

const PROCESS: &str = "process";
const CLIENT: &str = "client";

#[test]
fn churn_for_a_short_time() {
    churn(&NO_TOOL, PROCESS, 3);
}

#[test]
fn churn_with_a_lane_for_each_client_leaves_nothing_behind() {
    churn(&ADDRESS_SANITIZER, CLIENT, 3);
}

#[test]
#[ignore = "long: make soak"]
fn soak_churn() {
    churn(&NO_TOOL, PROCESS, soak_seconds());
    churn(&NO_TOOL, CLIENT, soak_seconds());
}

#[test]
#[ignore = "long: make soak"]
fn soak_churn_under_memcheck() {
    churn(&MEMCHECK, PROCESS, soak_seconds());
    churn(&MEMCHECK, CLIENT, soak_seconds());
}

#[test]
#[ignore = "long: make soak"]
fn soak_churn_with_address_sanitizer() {
    churn(&ADDRESS_SANITIZER, PROCESS, soak_seconds());
    churn(&ADDRESS_SANITIZER, CLIENT, soak_seconds());
}

/// Threads and memory of the library itself. The toolchain's own switch for this is not a stable one, so that the
/// library is built once more, in a directory of its own.
#[test]
#[ignore = "long: make soak"]
fn soak_churn_with_thread_sanitizer() {
    let Some(runtime) = thread_sanitizer_runtime() else {
        eprintln!("skipped: this toolchain has no ThreadSanitizer");
        return;
    };
    let directory = Directory::new("sanitized");
    let program = sanitized_driver(&runtime, &directory);
    let broker = Mosquitto::start();
    let mut command = Command::new(program);
    let suppressions = source_directory().join("thread_sanitizer.supp");
    command.env("TSAN_OPTIONS", format!("exitcode=66 suppressions={}", suppressions.display()));
    command.env("CHURN_TOOL", "yes").args([&broker.uri(), &soak_seconds().to_string(), "1"]);
    let ended = Running::start(&mut command).wait(Duration::from_secs(120 + 4 * soak_seconds()));
    assert!(ended.status.success(), "{}\n{}{}", ended.status, ended.output, ended.errors);
    eprintln!("{}", ended.output);
}

fn thread_sanitizer_runtime() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output().ok()?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let names = ["librustc-stable_rt.tsan.a", "librustc-nightly_rt.tsan.a", "librustc-dev_rt.tsan.a"];
    names.iter().map(|name| libraries.join(name)).find(|path| path.exists())
}

fn sanitized_driver(runtime: &Path, directory: &Directory) -> PathBuf {
    let target = "x86_64-unknown-linux-gnu";
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/thread-sanitizer");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "rustc",
        "--quiet",
        "--lib",
        "--crate-type",
        "staticlib",
        "--no-default-features",
        "--features",
        "sync-api",
        "--target",
        target,
        "--target-dir",
    ]);
    cargo.arg(&build).env("RUSTC_BOOTSTRAP", "1");
    cargo.env("RUSTFLAGS", "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer");
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let library = build.join(target).join("debug/libpaho_c_rs.a");
    let program = directory.join("churn");
    let mut clang = Command::new("clang");
    clang.args(["-std=gnu11", "-O1", "-g", "-rdynamic", "-o"]).arg(&program);
    clang.arg(format!("-I{}", include_directory().display())).arg(source_directory().join("churn.c"));
    clang.arg(library).arg("-Wl,--whole-archive").arg(runtime).arg("-Wl,--no-whole-archive");
    let output = clang.args(["-lpthread", "-ldl", "-lm", "-lrt"]).output().expect("clang is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}
