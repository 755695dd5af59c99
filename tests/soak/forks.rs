//! Processes that are forked while other threads use the library (`tests/c/forks.c`), and threads that do anything with both
//! APIs, forks included (`tests/c/storm.c`): short runs as tests, long ones by `make soak`.

use crate::support::library::{library_path, testing_the_original};
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{Running, compile};
#[cfg(feature = "tls")]
use crate::support::tls::{Identity, Subject};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a fork takes at most, with the child's work, when the machine is busy.
const PATIENCE: Duration = Duration::from_millis(500);

fn fork(times: u32, lanes: &str) {
    let broker = Mosquitto::start_with("max_connections -1\n");
    run(times, lanes, &broker.uri(), None);
}

/// The same with encrypted connections.
#[cfg(feature = "tls")]
fn fork_with_tls(times: u32, lanes: &str) {
    let directory = Directory::new("forks_tls");
    let (authority, server) = (Identity::authority("test authority"), Subject::named(&["localhost"]));
    let (trust_store, _) = authority.save(&directory, "authority");
    let (certificate, key) = authority.issue(&server).save(&directory, "server");
    let files = format!("certfile {certificate}\nkeyfile {key}\nmax_connections -1\n");
    let (_broker, port) = Mosquitto::start_with_listener(|_| files.clone());
    run(times, lanes, &format!("ssl://localhost:{port}"), Some(&trust_store));
}

fn run(times: u32, lanes: &str, uri: &str, trust_store: Option<&str>) {
    let directory = Directory::new("forks");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("forks.c", &["-std=gnu11", headers, "-ldl", "-lpthread"], &directory);
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().to_string();
    let mut command = Command::new(program);
    command.env("PAHO_C_RS_CALLBACK_LANES", lanes);
    command.arg(library_path()).args([uri, &times.to_string(), &seed]).args(trust_store);
    let begin = Instant::now();
    let ended = Running::start(&mut command).wait(Duration::from_secs(120) + PATIENCE * times);
    assert!(ended.status.success(), "seed {seed}: {}\n{}{}", ended.status, ended.output, ended.errors);
    eprintln!("{times} forks to {uri} in {:?}: {}", begin.elapsed(), ended.output);
}

/// Calls at random for so long; one in `forks` is a fork.
fn storm(seconds: u64, lanes: &str, forks: u32, options: &[&str]) {
    let directory = Directory::new("storm");
    let broker = Mosquitto::start_with("max_connections -1\n");
    // The last one is what Rust 1.85 has the program look for.
    for name in ["libstormed.so", "libpaho-mqtt3c.so.1", "libpaho_c_rs.so"] {
        std::os::unix::fs::symlink(library_path(), directory.join(name)).unwrap();
    }
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let path = format!("-L{}", directory.join("").display());
    let options = [&["-std=gnu11", headers, &path, "-lstormed", "-lpthread"], options].concat();
    let mut command = Command::new(compile("storm.c", &options, &directory));
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().to_string();
    command.env("LD_LIBRARY_PATH", directory.join("")).env("PAHO_C_RS_CALLBACK_LANES", lanes);
    command.args([&broker.uri(), &seconds.to_string(), &seed, &forks.to_string()]);
    let ended = Running::start(&mut command).wait(Duration::from_secs(180 + seconds * 2));
    assert!(ended.status.success(), "seed {seed}: {}\n{}{}", ended.status, ended.output, ended.errors);
    eprintln!("{}", ended.output);
}

const ADDRESS_SANITIZER: &[&str] = &["-fsanitize=address", "-fno-omit-frame-pointer"];

#[test]
fn threads_do_anything_with_both_apis_and_fork() {
    if !testing_the_original() {
        storm(3, "process", 200, &[]);
    }
}

#[test]
#[ignore = "long: make soak"]
fn soak_threads_do_anything_with_both_apis_and_fork() {
    let seconds = std::env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    for lanes in ["process", "client"] {
        storm(seconds, lanes, 200, &[]);
        storm(seconds, lanes, 0, ADDRESS_SANITIZER);
    }
}

#[test]
fn forked_children_use_the_library_while_threads_of_the_parent_do() {
    // Children of the original have neither its threads nor its locks.
    if !testing_the_original() {
        fork(150, "process");
    }
}

#[test]
fn forked_children_do_so_with_a_lane_for_each_client() {
    if !testing_the_original() {
        fork(50, "client");
    }
}

#[cfg(feature = "tls")]
#[test]
fn forked_children_do_so_with_tls() {
    if !testing_the_original() {
        fork_with_tls(30, "process");
    }
}

#[cfg(feature = "tls")]
#[test]
#[ignore = "long: make soak"]
fn soak_forks_with_tls() {
    fork_with_tls(5000, "process");
    fork_with_tls(1000, "client");
}

#[test]
#[ignore = "long: make soak"]
fn soak_forks() {
    fork(5000, "process");
    fork(1000, "client");
}
