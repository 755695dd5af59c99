//! Servers that flood a client in each way, and in each of its modes, for as long as SOAK_SECONDS says: its memory stays within
//! its bound and does not grow.

use crate::async_support::handle::Handle;
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use crate::support::callbacks::{ALL, Verdict};
use crate::support::client::Client;
use crate::support::options::version;
use crate::support::packet::{PUBREL, Publish, acknowledgement};
use crate::support::program::in_own_process_for;
use std::env;
use std::ffi::{CString, c_char, c_int, c_void};
use std::fs;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

/// What a client may grow beyond its bound, and how much its memory may change in the second half of the time.
const MARGIN: usize = 2 * MIB;
const CHANGE: usize = MIB / 2;

/// How long the program does something with each message of a flood that it is too slow for.
const SLOW: Duration = Duration::from_millis(10);

/// The flood of QoS 2 messages without PUBREL.
const UNRELEASED: &str = "messages never released";

/// How long nothing comes after the connect.
const BEGINNING: Duration = Duration::from_secs(1);

/// A way to flood.
struct Flood {
    name: &'static str,
    /// What is sent over and over.
    bytes: Vec<u8>,
    /// The server reads what the client answers.
    reads: bool,
    is_slow: bool,
    bound: usize,
}

fn floods() -> Vec<Flood> {
    let message = |qos, id: u16, size| Publish::new("t", qos, id, &vec![0; size]).encode(4);
    let mixed = |id: u16| message(0, 0, [0, 1, 1000, 40_000][usize::from(id % 4)]);
    let flood = |name, packet: &dyn Fn(u16) -> Vec<u8>, count, reads, is_slow, bound| {
        let packets: Vec<_> = (1..count).map(packet).collect();
        Flood { name, bytes: packets.concat(), reads, is_slow, bound }
    };
    vec![
        flood("small messages", &|_| message(0, 0, 1), 1000, true, true, 16 * MIB),
        flood("messages of all sizes", &mixed, 1000, true, true, 16 * MIB),
        flood(UNRELEASED, &|id| message(2, id, 1000), 10_000, true, true, 16 * MIB),
        flood("acknowledgements not read", &|id| message(1, id, 1), 1000, false, false, MIB / 4),
        flood("answers to PUBREL not read", &|id| acknowledgement(PUBREL, id), 1000, false, false, MIB / 4),
    ]
}

fn seconds() -> u64 {
    env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[test]
#[ignore = "takes as long as SOAK_SECONDS says; run by make soak"]
fn soak_floods_do_not_fill_the_memory() {
    thread::scope(|scope| {
        for (number, flood) in floods().into_iter().enumerate() {
            for mode in ["callbacks", "no callbacks", "asynchronous"] {
                let bytes = flood.bytes.clone();
                scope.spawn(move || run(number, mode, bytes, flood.reads));
            }
        }
    });
}

fn run(number: usize, mode: &str, bytes: Vec<u8>, reads: bool) {
    let listener = Listener::new();
    let uri = listener.uri();
    thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        let mut writer = peer.handle();
        writer.set_write_timeout(None).unwrap();
        // Until then the client notes what it has without a flood.
        thread::park_timeout(BEGINNING);
        if reads {
            let mut reader = peer.handle();
            thread::spawn(move || {
                let _ = std::io::copy(&mut reader, &mut std::io::sink());
            });
        }
        while std::io::Write::write_all(&mut writer, &bytes).is_ok() {}
        peer.try_send(&[]);
    });
    let number = number.to_string();
    let values = [("TEST_URI", uri.as_str()), ("TEST_FLOOD", &number), ("TEST_MODE", mode)];
    let output =
        in_own_process_for(Duration::from_secs(seconds() + 60), "floods::a_client_in_a_flood", &values);
    output.lines().filter(|line| line.contains("KiB")).for_each(|line| println!("{line}"));
}

#[test]
#[ignore = "run by the soak in processes of their own"]
fn a_client_in_a_flood() {
    let value = |name| env::var(name).unwrap();
    let (uri, mode) = (value("TEST_URI"), value("TEST_MODE"));
    let flood = floods().swap_remove(value("TEST_FLOOD").parse().unwrap());
    let (before, samples) = match mode.as_str() {
        "asynchronous" => {
            let handle = Handle::to(&CString::new(uri).unwrap(), 4);
            let arrived = if flood.is_slow { arrived_slow } else { arrived };
            let code =
                unsafe { MQTTAsync_setCallbacks(handle.0, ptr::null_mut(), None, Some(arrived), None) };
            assert_eq!(code, 0);
            handle.connect(4);
            let before = memory();
            (before, watch(|| thread::park_timeout(SLOW)))
        }
        mode => {
            let client = Client::new(&uri, crate::support::abi::V3_1_1);
            let takes = if flood.is_slow { SLOW } else { Duration::ZERO };
            if mode == "callbacks" {
                client.on_event(ALL, move |_, _| {
                    COUNT.fetch_add(1, Ordering::Relaxed);
                    thread::park_timeout(takes);
                    Verdict::Accept
                });
            }
            client.connect_ok(&version(crate::support::abi::V3_1_1).keep_alive(600));
            let before = memory();
            let fetches = mode == "no callbacks";
            let step = || {
                if fetches {
                    let (_, message) = client.receive(SLOW);
                    COUNT.fetch_add(usize::from(message.is_some()), Ordering::Relaxed);
                }
                thread::park_timeout(if fetches { takes } else { SLOW });
            };
            (before, watch(step))
        }
    };
    let most = samples.iter().max().unwrap().saturating_sub(before);
    let late = &samples[samples.len() / 2..];
    let change = late.iter().max().unwrap() - late.iter().min().unwrap();
    println!(
        "{}, {mode}: {} KiB more at most, {} KiB of change in the second half, {} messages",
        flood.name,
        most >> 10,
        change >> 10,
        COUNT.load(Ordering::Relaxed)
    );
    assert!(most <= flood.bound + MARGIN, "{}, {mode}: {most} bytes more", flood.name);
    // Messages that are delivered before their release move to another place of the heap, one for each that is consumed.
    let allowed = if flood.name == UNRELEASED { MARGIN } else { CHANGE };
    assert!(change <= allowed, "{}, {mode}: {change} bytes of change", flood.name);
}

/// What this process has in memory besides what lies in files, as the code that it runs does.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// How many messages the program has had.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The memory of this process at each tenth of a second, while `step` is done again and again.
fn watch(step: impl Fn()) -> Vec<usize> {
    let end = Instant::now() + Duration::from_secs(seconds());
    let mut samples = vec![memory()];
    let mut next = Instant::now();
    while Instant::now() < end {
        step();
        if Instant::now() >= next {
            samples.push(memory());
            next += Duration::from_millis(100);
        }
    }
    samples
}

unsafe extern "C" fn arrived(
    _: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    COUNT.fetch_add(1, Ordering::Relaxed);
    unsafe {
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

unsafe extern "C" fn arrived_slow(
    context: *mut c_void,
    topic: *mut c_char,
    length: c_int,
    message: *mut MQTTAsync_message,
) -> c_int {
    thread::park_timeout(SLOW);
    unsafe { arrived(context, topic, length, message) }
}
