//! The fuzzer of both APIs (`tests/c/fuzz.c`, described in `tests/c/fuzz.h`): a short run of each build as a test, long ones by
//! `make soak`. A run prints its seed; `FUZZ_SEED` in the environment repeats it, `FUZZ_SECONDS` says how long it takes.

use crate::support::library::{library_path, testing_the_original};
use crate::support::mosquitto::Directory;
use crate::support::program::{Ended, Running, compile};
use std::env;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SOURCES: [&str; 8] = [
    "fuzz.c",
    "fuzz_async.c",
    "fuzz_extensions.c",
    "fuzz_ledger.c",
    "fuzz_misuse.c",
    "fuzz_server.c",
    "fuzz_sync.c",
    "fuzz_watch.c",
];

/// A short run. The three of them make a minute.
const SHORT: u64 = 20;
/// A call takes no longer, even where many tests share few processors.
const PATIENCE: u64 = 60;
/// A long run is made of stretches, each with a seed of its own, so that none takes long to repeat.
const STRETCH: u64 = 60;

/// What the fuzzer and the library are built with.
#[derive(Clone, Copy)]
struct Build {
    /// The name of the compilers for it, and that of its run-time library; none for a plain build.
    sanitizer: Option<(&'static str, &'static str)>,
    /// What stands before the program.
    before: &'static [&'static str],
}

const PLAIN: Build = Build { sanitizer: None, before: &[] };
const ADDRESS: Build = Build { sanitizer: Some(("address", "asan")), before: &[] };
const THREAD: Build = Build { sanitizer: Some(("thread", "tsan")), before: &[] };
const MEMCHECK: Build = Build {
    sanitizer: None,
    before: &[
        "valgrind",
        "--quiet",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--error-exitcode=9",
    ],
};

/// The fuzzer, and the library that it loads.
struct Fuzzer {
    build: Build,
    directory: Directory,
    program: PathBuf,
    library: PathBuf,
}

impl Fuzzer {
    /// `None` where this toolchain does not have the sanitizer.
    fn new(build: Build) -> Option<Fuzzer> {
        let directory = Directory::new("fuzz");
        let (program, library) = match build.sanitizer {
            None => (plain_program(&directory), library_path()),
            Some((sanitizer, runtime)) => {
                let runtime = runtime_library(runtime)?;
                (sanitized_program(sanitizer, &runtime, &directory), sanitized_library(sanitizer, &directory))
            }
        };
        Some(Fuzzer { build, directory, program, library })
    }

    fn run(&self, seed: u64, seconds: u64, threads: u64, lanes: &str) -> Ended {
        let stores = self.directory.join(format!("stores-{seed}"));
        fs::create_dir(&stores).unwrap();
        let mut command = match self.build.before.split_first() {
            None => Command::new(&self.program),
            Some((tool, options)) => {
                let mut command = Command::new(tool);
                command.args(options).arg(&self.program).env("FUZZ_TOOL", "yes");
                command
            }
        };
        let suppressions = format!("{ROOT}/tests/c/thread_sanitizer.supp");
        command.env("TSAN_OPTIONS", format!("exitcode=66 halt_on_error=0 suppressions={suppressions}"));
        command.env("PAHO_C_RS_CALLBACK_LANES", lanes);
        if testing_the_original() {
            command.env("FUZZ_NO_MISUSE", "yes");
        }
        command.arg(&self.library);
        command.args([seed, seconds, threads, PATIENCE].map(|number| number.to_string())).arg(&stores);
        let ended = Running::start(&mut command).wait(Duration::from_secs(2 * seconds + 5 * PATIENCE));
        fs::remove_dir_all(&stores).unwrap();
        ended
    }
}

/// Options of the C compiler, and the sources but for the first.
fn options_of_c() -> Vec<String> {
    let mut options: Vec<String> = ["-std=gnu11", "-rdynamic"].map(Into::into).to_vec();
    options.push(format!("-I{ROOT}/include"));
    options.extend(SOURCES[1..].iter().map(|name| format!("{ROOT}/tests/c/{name}")));
    options.extend(["-ldl", "-lpthread"].map(Into::into));
    options
}

fn plain_program(directory: &Directory) -> PathBuf {
    let options = options_of_c();
    compile(SOURCES[0], &options.iter().map(String::as_str).collect::<Vec<_>>(), directory)
}

/// The C part only has the calls of the sanitizer compiled in; what they call is that of the Rust toolchain, so that there is
/// one for both languages. The library finds it in the program.
fn sanitized_program(sanitizer: &str, runtime: &Path, directory: &Directory) -> PathBuf {
    let mut options = vec![format!("-fsanitize={sanitizer}"), "-fno-omit-frame-pointer".into(), "-c".into()];
    options.push(format!("-I{ROOT}/include"));
    options.push("-std=gnu11".into());
    let objects: Vec<PathBuf> = SOURCES
        .iter()
        .map(|source| compile(source, &options.iter().map(String::as_str).collect::<Vec<_>>(), directory))
        .collect();
    let program = directory.join("program");
    let mut linker = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    linker.arg("-rdynamic").arg("-o").arg(&program).args(objects);
    linker.arg("-Wl,--whole-archive").arg(runtime).arg("-Wl,--no-whole-archive");
    succeed(linker.args(["-lpthread", "-ldl", "-lm", "-lrt", "-lstdc++"]));
    program
}

fn runtime_library(name: &str) -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output().ok()?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let found = ["stable", "nightly", "dev"]
        .map(|channel| libraries.join(format!("librustc-{channel}_rt.{name}.a")))
        .into_iter()
        .find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: this toolchain has no librustc-..._rt.{name}.a");
        return None;
    }
    // Without names the suppressions fit nothing.
    let symbolizer = Command::new("llvm-symbolizer").arg("--version").output();
    if symbolizer.is_err() {
        eprintln!("skipped: llvm-symbolizer is not installed");
        return None;
    }
    found
}

/// Whether the compiler knows this code generation option.
fn compiler_has(option: &str) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let options = Command::new(rustc).args(["-C", "help"]).output().unwrap();
    String::from_utf8_lossy(&options.stdout).contains(option)
}

/// The library built once more. Only its own code is instrumented: its dependencies hold no data that threads share. The switch
/// for it is not a stable one, so the compiler is called through a script that allows it for this crate alone, and all other
/// crates are those of the ordinary build.
fn sanitized_library(sanitizer: &str, directory: &Directory) -> PathBuf {
    let target = target_directory();
    // Both builds write the same file, so the other one waits. The compiler has one name, too: another would make cargo build
    // everything again.
    let shared = target.join("sanitized");
    fs::create_dir_all(&shared).unwrap();
    let lock = File::create(shared.join("lock")).unwrap();
    // SAFETY: the descriptor is open; the lock goes with it.
    assert_eq!(unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) }, 0);
    let compiler = shared.join("rustc");
    fs::write(&compiler, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec \"$@\"\n").unwrap();
    fs::set_permissions(&compiler, fs::Permissions::from_mode(0o755)).unwrap();
    let platform = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(ROOT).env("RUSTC_WORKSPACE_WRAPPER", &compiler);
    cargo.args(["rustc", "--quiet", "--lib", "--crate-type", "cdylib", "--no-default-features"]);
    cargo.args(["--features", "sync-api,async-api", "--target", &platform, "--target-dir"]).arg(&target);
    cargo.args(["--", &format!("-Zsanitizer={sanitizer}")]);
    if compiler_has("unsafe-allow-abi-mismatch") {
        cargo.arg("-Cunsafe-allow-abi-mismatch=sanitizer");
    }
    // Otherwise functions for atomics that a dependency has compiled, too, are taken from there, and not instrumented.
    cargo.arg("-Zshare-generics=no");
    succeed(&mut cargo);
    let library = directory.join(format!("{sanitizer}.so"));
    fs::copy(target.join(platform).join("debug/libpaho_c_rs.so"), &library).unwrap();
    library
}

/// Where cargo builds: the test program is in `debug/deps` of it.
fn target_directory() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_path_buf()
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

fn new_seed() -> u64 {
    number("FUZZ_SEED").unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64 % 1_000_000_000
    })
}

fn short_run(build: Build, lanes: &str) {
    if testing_the_original() && build.sanitizer.is_some() {
        return;
    }
    let Some(fuzzer) = Fuzzer::new(build) else { return };
    let (seed, seconds) = (new_seed(), number("FUZZ_SECONDS").unwrap_or(SHORT));
    let ended = fuzzer.run(seed, seconds, 8, lanes);
    assert!(
        ended.status.success(),
        "FUZZ_SEED={seed} repeats this: {}\n{}{}",
        ended.status,
        ended.output,
        ended.errors
    );
    eprintln!("seed {seed}: {}", ended.output);
}

/// Stretch after stretch; what they find comes at the end.
fn long_run(build: Build, threads: impl Fn(u64) -> u64) {
    let Some(fuzzer) = Fuzzer::new(build) else { return };
    let end = Instant::now() + Duration::from_secs(number("SOAK_SECONDS").unwrap_or(60));
    let (mut seed, mut found) = (new_seed(), Vec::new());
    while Instant::now() < end {
        let (lanes, threads) = (if seed % 4 == 3 { "client" } else { "process" }, threads(seed));
        let ended = fuzzer.run(seed, STRETCH, threads, lanes);
        eprint!("seed {seed}, {threads} threads, lanes {lanes}: {}", ended.output);
        if !ended.status.success() {
            eprintln!("FAILED: {}\n{}", ended.status, ended.errors);
            found.push(seed);
        }
        seed += 1;
    }
    assert!(found.is_empty(), "seeds that found something: {found:?}");
}

/// Eight threads half the time, since they meet most, else one and more.
fn some_threads(seed: u64) -> u64 {
    if seed % 2 == 0 { 8 } else { 1 + seed / 2 % 8 }
}

#[test]
fn threads_do_anything_with_both_apis_and_any_server() {
    short_run(PLAIN, "process");
}

#[test]
fn threads_do_anything_under_the_address_sanitizer() {
    short_run(ADDRESS, "client");
}

#[test]
fn threads_do_anything_under_the_thread_sanitizer() {
    short_run(THREAD, "process");
}

#[test]
#[ignore = "long: make soak"]
fn soak_fuzz() {
    long_run(PLAIN, some_threads);
}

#[test]
#[ignore = "long: make soak"]
fn soak_fuzz_with_address_sanitizer() {
    long_run(ADDRESS, some_threads);
}

#[test]
#[ignore = "long: make soak"]
fn soak_fuzz_with_thread_sanitizer() {
    long_run(THREAD, some_threads);
}

#[test]
#[ignore = "long: make soak"]
fn soak_fuzz_under_memcheck() {
    long_run(MEMCHECK, |seed| 1 + seed % 3);
}
