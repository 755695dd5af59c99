//! The process is killed at every system call of an exchange, and at random moments under load. Every message whose
//! publish call had returned arrives after the restart, those of QoS 2 once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod support;

use std::collections::hash_map::RandomState;
use std::ffi::c_void;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::ptr;
use support::ledger::Ledger;
use support::library::library_path;
use support::mosquitto::Directory;
use support::packet::{PUBCOMP, PUBREC, PUBREL, Publish, acknowledgement};
use support::store_client::{StoreClient, StoreProgram};
use support::wait::LIMIT;

fn trace(request: libc::c_uint, process: i32, data: i32) {
    let none: *mut c_void = ptr::null_mut();
    // SAFETY: the process is a child of this thread; no memory of either is touched.
    let result = unsafe { libc::ptrace(request, process, none, data as usize as *mut c_void) };
    assert_eq!(result, 0, "ptrace: {}", std::io::Error::last_os_error());
}

/// Waits for the next stop of a traced process; false when it has ended instead.
fn stops(process: i32) -> bool {
    let mut status = 0;
    // SAFETY: the status lives through the call.
    let waited = unsafe { libc::waitpid(process, &mut status, libc::__WALL) };
    assert_eq!(waited, process, "waitpid: {}", std::io::Error::last_os_error());
    libc::WIFSTOPPED(status)
}

/// Lets the program obey what it has been told, and kills it when it enters or leaves a system call for the time with
/// this number. False: it has not made so many.
fn kill_at(client: &mut StoreClient, commands: &[&str], stop: usize) -> bool {
    let process = client.process_id();
    trace(libc::PTRACE_SEIZE, process, libc::PTRACE_O_EXITKILL);
    trace(libc::PTRACE_INTERRUPT, process, 0);
    assert!(stops(process));
    commands.iter().for_each(|command| client.tell(command));
    client.close_input();
    for _ in 0..stop {
        trace(libc::PTRACE_SYSCALL, process, 0);
        if !stops(process) {
            return false;
        }
    }
    // SAFETY: the process is a child that has not been waited for.
    unsafe { libc::kill(process, libc::SIGKILL) };
    while stops(process) {}
    true
}

/// Starts a client with its store below `directory`, and connects it.
fn start(
    program: &StoreProgram,
    ledger: &Ledger,
    directory: &Path,
    level: u8,
    callbacks: bool,
) -> StoreClient {
    let mut client = program.start(&library_path(), &ledger.broker.uri());
    client.expect(&format!("create id 0 {} {level}", directory.display()), "create 0");
    if callbacks {
        client.expect("callbacks", "callbacks 0");
    }
    client.expect("connect 0", "connect 0");
    client
}

/// Completes what is pending, and ends.
fn finish(mut client: StoreClient, ledger: &Ledger, directory: &Path) {
    let pending = client.ask("pending");
    for token in pending.split(' ').skip(2) {
        client.expect(&format!("wait {token} {}", LIMIT.as_millis()), "wait 0");
    }
    client.expect("pending", "pending 0");
    client.expect("disconnect 0", "disconnect 0");
    client.expect("destroy", "destroy 0");
    client.end();
    assert!(ledger.is_settled(), "everything was released");
    assert!(fs::read_dir(directory).unwrap().next().is_none(), "nothing is left");
}

fn kill_at_every_system_call(level: u8, qos: u8) {
    let program = StoreProgram::new();
    let publish = format!("publish {qos} t message");
    let commands = [publish.as_str(), "wait 1 10000"];
    for stop in 1.. {
        let (directory, ledger) = (Directory::new("kill"), Ledger::new());
        let mut client = start(&program, &ledger, directory.path(), level, false);
        let killed = kill_at(&mut client, &commands, stop);
        let lines = client.kill();
        let client = start(&program, &ledger, directory.path(), level, false);
        finish(client, &ledger, directory.path());
        let (returned, arrived) = (lines.contains(&"publish 0 1".to_owned()), ledger.arrived("message"));
        assert!(!returned || arrived >= 1, "lost when killed at stop {stop}: {lines:?}");
        assert!(qos == 1 || arrived <= 1, "arrived {arrived} times when killed at stop {stop}: {lines:?}");
        if !killed {
            assert_eq!(lines, ["publish 0 1", "wait 0"]);
            assert!(stop > 20, "the exchange was traced");
            return;
        }
    }
}

#[test]
fn at_every_system_call_qos_1() {
    kill_at_every_system_call(4, 1);
}

#[test]
fn at_every_system_call_qos_2() {
    kill_at_every_system_call(4, 2);
}

#[test]
fn at_every_system_call_qos_1_mqtt_5() {
    kill_at_every_system_call(5, 1);
}

#[test]
fn at_every_system_call_qos_2_mqtt_5() {
    kill_at_every_system_call(5, 2);
}

/// A message of QoS 2 is on its way to the client while that is killed: the program gets it once in all - unless it was
/// killed between getting it and saying so.
fn kill_while_receiving(level: u8) {
    let program = StoreProgram::new();
    let publish = Publish::new("t/i", 2, 7, b"incoming");
    for stop in 1.. {
        let (directory, ledger) = (Directory::new("kill"), Ledger::new());
        let mut client = start(&program, &ledger, directory.path(), level, false);
        ledger.broker.send(0, &publish.clone().encode(level));
        let killed = kill_at(&mut client, &["receive 10000", "receive 1"], stop);
        let mut lines = client.kill();
        // What a broker sends again depends on how far the exchange had come.
        let released = ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREC);
        let completed = ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBCOMP);
        let again = match (released, completed) {
            (false, _) => publish.clone().again().encode(level),
            (true, false) => acknowledgement(PUBREL, 7),
            (true, true) => Vec::new(),
        };
        ledger.book.lock().unwrap().greeting = again;
        let mut client = start(&program, &ledger, directory.path(), level, false);
        while !completed && !has_completed_again(&ledger) {
            lines.push(client.ask("receive 1"));
        }
        lines.push(client.ask("receive 0"));
        let delivered = lines.iter().filter(|line| line.contains("incoming")).count();
        assert!(delivered <= 1, "delivered {delivered} times when killed at stop {stop}: {lines:?}");
        assert!(
            delivered == 1 || completed || was_handed_over(directory.path()),
            "lost at stop {stop}: {lines:?}"
        );
        if !killed {
            assert!(stop > 20, "the exchange was traced");
            return;
        }
    }
}

fn has_completed_again(ledger: &Ledger) -> bool {
    let log = ledger.broker.log();
    log.iter().any(|incoming| incoming.connection == 1 && incoming.packet.kind() == PUBCOMP)
}

/// Nothing waits in the store: the program had been given everything.
fn was_handed_over(directory: &Path) -> bool {
    let stores = fs::read_dir(directory).unwrap().map(|store| store.unwrap().path());
    stores.flat_map(|store| fs::read_dir(store).unwrap()).count() == 0
}

#[test]
fn while_a_message_arrives() {
    kill_while_receiving(4);
}

#[test]
fn while_a_message_arrives_mqtt_5() {
    kill_while_receiving(5);
}

/// The numbers in lines that begin with this word.
fn numbers(lines: &[String], word: &str) -> Vec<u64> {
    let of = |line: &String| line.strip_prefix(word)?.split(' ').nth(1)?.parse().ok();
    lines.iter().filter_map(of).collect()
}

fn kill_under_load(level: u8, qos: u8, times: usize) {
    let (program, directory, ledger) = (StoreProgram::new(), Directory::new("load"), Ledger::new());
    let random = RandomState::new();
    let (mut next, mut returned) = (1, Vec::new());
    for time in 0..times {
        let mut hasher = random.build_hasher();
        hasher.write_usize(time);
        let lines_until_kill = hasher.finish() % 150;
        let mut client = start(&program, &ledger, directory.path(), level, time % 2 == 0);
        client.tell(&format!("flood {qos} t {next}"));
        let mut lines: Vec<String> = (0..lines_until_kill).map_while(|_| client.line()).collect();
        lines.extend(client.kill());
        assert!(lines.iter().all(|line| !line.starts_with("flooded") || line.ends_with(" 0")), "{lines:?}");
        returned.extend(numbers(&lines, "flooded"));
        next = numbers(&lines, "trying").into_iter().max().unwrap_or(next - 1) + 1;
    }
    finish(start(&program, &ledger, directory.path(), level, false), &ledger, directory.path());
    for number in returned {
        assert!(ledger.arrived(&number.to_string()) >= 1, "{number} is lost");
    }
    let most = ledger.book.lock().unwrap().arrived.values().copied().max();
    assert!(qos == 1 || most == Some(1), "some message of QoS 2 has arrived {most:?} times");
}

#[test]
fn under_load() {
    for (level, qos) in [(4, 1), (5, 2)] {
        kill_under_load(level, qos, 15);
    }
}

#[test]
#[ignore = "a thousand times; run by make soak"]
fn soak_kills_under_load() {
    for (level, qos) in [(4, 1), (4, 2), (5, 1), (5, 2)] {
        kill_under_load(level, qos, 250);
    }
}
