//! Servers that flood a client in each way, and in each of its modes: its memory stays within its bound and, once it is full,
//! does not grow for as long as SOAK_SECONDS says.

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

/// How much it may grow in that time, up and down aside.
const GROWTH: f64 = (MIB / 2) as f64;

/// How long the program does something with each message of a flood that it is too slow for. Longer than a tick of the
/// library: where callbacks are shorter they empty the queue before more is read, and the memory goes down now and then.
const SLOW: Duration = Duration::from_millis(30);

/// A client is full when its memory has changed by no more than this for so long.
const FLAT: usize = MIB / 16;
const FULL: Duration = Duration::from_secs(10);

/// The time until then, on a machine that has much else to do.
const FULL_LIMIT: Duration = Duration::from_secs(300);

/// Between two looks at the memory.
const STEP: Duration = Duration::from_millis(100);

/// How long nothing comes after the connect.
const BEGINNING: Duration = Duration::from_secs(1);

/// A way to flood.
struct Flood {
    name: &'static str,
    /// What is sent over and over: a packet for each number below the other. Made by the server alone, because the client's
    /// memory is what is measured.
    packet: fn(u16) -> Vec<u8>,
    count: u16,
    /// The server reads what the client answers.
    reads: bool,
    is_slow: bool,
    bound: usize,
}

impl Flood {
    fn bytes(&self) -> Vec<u8> {
        (1..self.count).map(self.packet).collect::<Vec<_>>().concat()
    }
}

fn message(qos: u8, id: u16, size: usize) -> Vec<u8> {
    Publish::new("t", qos, id, &vec![0; size]).encode(4)
}

fn floods() -> Vec<Flood> {
    let slow =
        |name, packet, count| Flood { name, packet, count, reads: true, is_slow: true, bound: 16 * MIB };
    let deaf =
        |name, packet| Flood { name, packet, count: 1000, reads: false, is_slow: false, bound: MIB / 4 };
    let mixed = |id: u16| message(0, 0, [0, 1, 1000, 40_000][usize::from(id % 4)]);
    vec![
        slow("small messages", |_| message(0, 0, 1), 1000),
        slow("messages of all sizes", mixed, 1000),
        slow("messages never released", |id| message(2, id, 1000), 10_000),
        slow("larger messages never released", |id| message(2, id, 3000), 10_000),
        deaf("acknowledgements not read", |id| message(1, id, 1)),
        deaf("answers to PUBREL not read", |id| acknowledgement(PUBREL, id)),
    ]
}

fn seconds() -> u64 {
    env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[test]
#[ignore = "takes as long as SOAK_SECONDS says; run by make soak"]
fn soak_floods_do_not_fill_the_memory() {
    // Few at a time: a server that does not get to run is no flood.
    for (number, flood) in floods().into_iter().enumerate() {
        thread::scope(|scope| {
            for mode in ["callbacks", "no callbacks", "asynchronous"] {
                let bytes = flood.bytes();
                scope.spawn(move || run(number, mode, bytes, flood.reads));
            }
        });
    }
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
    let output = in_own_process_for(
        Duration::from_secs(seconds() + 60) + FULL_LIMIT,
        "floods::a_client_in_a_flood",
        &values,
    );
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
            let act = || {
                if fetches {
                    let (_, message) = client.receive(SLOW);
                    COUNT.fetch_add(usize::from(message.is_some()), Ordering::Relaxed);
                }
                thread::park_timeout(if fetches { takes } else { SLOW });
            };
            (before, watch(act))
        }
    };
    let most = samples.iter().max().unwrap().saturating_sub(before);
    let late = &samples[samples.len() / 2..];
    let change = late.iter().max().unwrap() - late.iter().min().unwrap();
    let growth = slope(late) * late.len() as f64;
    println!(
        "{}, {mode}: {} KiB before, {} KiB after, at most {} KiB more; in the last {} s {} KiB of change, {:.1} KiB/s; {} messages",
        flood.name,
        before >> 10,
        samples.last().unwrap() >> 10,
        most >> 10,
        late.len() / 10,
        change >> 10,
        growth / 1024.0 / (late.len() as f64 / 10.0),
        COUNT.load(Ordering::Relaxed)
    );
    assert!(most <= flood.bound + MARGIN, "{}, {mode}: {most} bytes more", flood.name);
    assert!(change <= MARGIN, "{}, {mode}: {change} bytes of change", flood.name);
    assert!(growth <= GROWTH, "{}, {mode}: {growth} bytes of growth", flood.name);
}

/// By how much the samples grow from one to the next: the line that is closest to them.
fn slope(samples: &[usize]) -> f64 {
    let middle = (samples.len() - 1) as f64 / 2.0;
    let mean = samples.iter().map(|sample| *sample as f64).sum::<f64>() / samples.len() as f64;
    let (mut up, mut along) = (0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let distance = place as f64 - middle;
        up += distance * (*sample as f64 - mean);
        along += distance * distance;
    }
    if along > 0.0 { up / along } else { 0.0 }
}

/// What this process has in memory besides what lies in files, as the code that it runs does.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// How many messages the program has had.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The memory of this process at each step, while `act` is done again and again: until it is full, and then for as long as
/// asked for. The samples of the second part, and the highest of the first in front of them.
fn watch(act: impl Fn()) -> Vec<usize> {
    let begin = Instant::now();
    let mut filling = vec![memory()];
    let steps = usize::try_from(FULL.as_millis() / STEP.as_millis()).unwrap();
    while !is_flat(&filling, steps) {
        assert!(begin.elapsed() < FULL_LIMIT, "the memory has not stopped growing: {} bytes", memory());
        step(&act);
        filling.push(memory());
    }
    let mut samples = vec![filling.into_iter().max().unwrap()];
    let end = Instant::now() + Duration::from_secs(seconds());
    while Instant::now() < end {
        step(&act);
        samples.push(memory());
    }
    samples
}

fn step(act: &impl Fn()) {
    let next = Instant::now() + STEP;
    while Instant::now() < next {
        act();
    }
}

/// The last samples hardly differ. The first ones, before and after the flood has begun, do not count.
fn is_flat(samples: &[usize], enough: usize) -> bool {
    if samples.len() < 2 * enough {
        return false;
    }
    let last = &samples[samples.len() - enough..];
    last.iter().max().unwrap() - last.iter().min().unwrap() <= FLAT
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
