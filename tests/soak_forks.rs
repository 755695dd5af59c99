//! Processes that are forked while other threads use the library (`tests/c/forks.c`): a short run as a test, a long one by
//! `make soak`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test ends by failing")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use support::library::{library_path, testing_the_original};
use support::mosquitto::{Directory, Mosquitto};
use support::program::{Running, compile};

/// How long a fork takes at most, with the child's work, when the machine is busy.
const PATIENCE: Duration = Duration::from_millis(500);

fn fork(times: u32, lanes: &str) {
    let directory = Directory::new("forks");
    let broker = Mosquitto::start_with("max_connections -1\n");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("forks.c", &["-std=gnu11", headers, "-ldl", "-lpthread"], &directory);
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().to_string();
    let mut command = Command::new(program);
    command.env("PAHO_C_RS_CALLBACK_LANES", lanes);
    command.arg(library_path()).args([&broker.uri(), &times.to_string(), &seed]);
    let begin = Instant::now();
    let ended = Running::start(&mut command).wait(Duration::from_secs(120) + PATIENCE * times);
    assert!(ended.status.success(), "seed {seed}: {}\n{}{}", ended.status, ended.output, ended.errors);
    eprintln!("{times} forks in {:?}: {}", begin.elapsed(), ended.output);
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

#[test]
#[ignore = "long: make soak"]
fn soak_forks() {
    fork(5000, "process");
    fork(1000, "client");
}
