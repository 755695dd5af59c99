//! A client that publishes over a proxy whose connections are cut at random, and one without proxy that receives.
//!
//! The receiver is not cut: mosquitto 2.0.11 sends a QoS 2 PUBLISH again, although PUBREL was sent, when it is cut off
//! while it sends PUBREL again.

use crate::async_support::handle::*;
use crate::support::c_interface::*;
use crate::support::mosquitto::Mosquitto;
use crate::support::proxy::Proxy;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How many messages are under way at most.
const WINDOW: usize = 20;

#[derive(Default)]
struct Book {
    connected: usize,
    subscribed: bool,
    /// For each message how often it succeeded and failed.
    results: Vec<(usize, usize)>,
    ended: usize,
    /// The messages that came, by QoS 1 and 2.
    arrived: [Vec<usize>; 2],
    /// When anything last happened.
    last: Option<Instant>,
}

/// What the callbacks are given; it stays for ever.
#[derive(Default)]
struct Run {
    book: Mutex<Book>,
    changed: Condvar,
}

struct Request {
    run: &'static Run,
    index: usize,
}

impl Run {
    fn note(&self, change: impl FnOnce(&mut Book)) {
        let mut book = self.book.lock().unwrap();
        change(&mut book);
        book.last = Some(Instant::now());
        self.changed.notify_all();
    }

    /// Waits until the book shows it. `what` is told if nothing happens for long.
    fn wait(&self, what: &str, holds: impl Fn(&Book) -> bool) -> MutexGuard<'_, Book> {
        let started = Instant::now();
        let mut book = self.book.lock().unwrap();
        while !holds(&book) {
            let last = book.last.unwrap_or(started).max(started);
            assert!(
                last.elapsed() < Duration::from_secs(20),
                "{what}: nothing happens; {} of {} ended, {} and {} arrived, connected {} times",
                book.ended,
                book.results.len(),
                book.arrived[0].len(),
                book.arrived[1].len(),
                book.connected,
            );
            book = self.changed.wait_timeout(book, Duration::from_millis(500)).unwrap().0;
        }
        book
    }
}

fn run_of(context: *mut c_void) -> &'static Run {
    unsafe { &*context.cast::<Run>() }
}

unsafe extern "C" fn connected(context: *mut c_void, _: *mut c_char) {
    run_of(context).note(|book| book.connected += 1);
}

unsafe extern "C" fn subscribed(context: *mut c_void, _: *mut MQTTAsync_successData) {
    run_of(context).note(|book| book.subscribed = true);
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    message: *mut MQTTAsync_message,
) -> c_int {
    let mut message = message;
    unsafe {
        let payload = std::slice::from_raw_parts((*message).payload.cast(), (*message).payloadlen as usize);
        let index = std::str::from_utf8(payload).unwrap().trim_end_matches('.').parse().unwrap();
        let qos = usize::from(CStr::from_ptr(topic) == c"cuts/2");
        run_of(context).note(|book| book.arrived[qos].push(index));
        MQTTAsync_free(topic.cast());
        MQTTAsync_freeMessage(&raw mut message);
    }
    1
}

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let request = unsafe { &*context.cast::<Request>() };
    request.run.note(|book| {
        book.results[request.index].0 += 1;
        book.ended += 1;
    });
}

unsafe extern "C" fn failed(context: *mut c_void, _: *mut MQTTAsync_failureData) {
    let request = unsafe { &*context.cast::<Request>() };
    request.run.note(|book| {
        book.results[request.index].1 += 1;
        book.ended += 1;
    });
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn receiver(uri: &CStr) -> Handle {
    let mut handle = Handle(ptr::null_mut());
    let (id, none) = (c"receiver".as_ptr(), ptr::null_mut());
    assert_eq!(unsafe { MQTTAsync_create(&raw mut handle.0, uri.as_ptr(), id, NONE, none) }, 0);
    handle
}

fn connect(handle: &Handle, run: &'static Run) {
    let before = run.book.lock().unwrap().connected;
    let context = ptr::from_ref(run).cast_mut().cast();
    let mut options = connect_options(4);
    (options.cleansession, options.automaticReconnect) = (0, 1);
    (options.minRetryInterval, options.maxRetryInterval) = (0, 1);
    unsafe {
        assert_eq!(MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None), 0);
        assert_eq!(MQTTAsync_setConnected(handle.0, context, Some(connected)), 0);
        assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
    }
    drop(run.wait("connect", |book| book.connected > before));
}

fn subscribe(handle: &Handle, run: &'static Run) {
    let context = ptr::from_ref(run).cast_mut().cast();
    unsafe {
        let mut response = MQTTAsync_responseOptions { context, ..response_options() };
        response.onSuccess = Some(subscribed);
        assert_eq!(MQTTAsync_subscribe(handle.0, c"cuts/#".as_ptr(), 2, &raw mut response), 0);
    }
    drop(run.wait("subscribe", |book| book.subscribed));
}

fn send(handle: &Handle, run: &'static Run, index: usize, random: &mut Random) {
    run.note(|book| book.results.push((0, 0)));
    let mut response = response_options();
    response.context = ptr::from_ref(Box::leak(Box::new(Request { run, index }))).cast_mut().cast();
    response.onSuccess = Some(succeeded);
    response.onFailure = Some(failed);
    let (topic, qos) = if random.below(2) == 0 { (c"cuts/1", 1) } else { (c"cuts/2", 2) };
    let payload = CString::new(format!("{index}{}", ".".repeat(random.below(300) as usize))).unwrap();
    let (length, payload) = (payload.count_bytes() as c_int, payload.as_ptr().cast());
    let code =
        unsafe { MQTTAsync_send(handle.0, topic.as_ptr(), length, payload, qos, 0, &raw mut response) };
    assert_eq!(code, 0);
}

/// Publishes until the connection was cut so often, and looks whether everything arrived as it should. `number` tells runs
/// of one process apart.
pub(crate) fn survive(cuts: usize, number: u64) {
    let seed = (u64::from(std::process::id()) + number * 65_536) * 2_654_435_761 + cuts as u64;
    let mut random = Random(seed);
    let broker = Mosquitto::start_with("max_queued_messages 0");
    let proxy = Proxy::to(broker.port());
    let run: &Run = Box::leak(Box::default());
    let uri = CString::new(proxy.uri()).unwrap();
    let handle = Handle::with(&uri, &buffer_options(4, 1000));
    let receiver = receiver(&CString::new(broker.uri()).unwrap());
    connect(&receiver, run);
    subscribe(&receiver, run);
    connect(&handle, run);
    let (mut sent, mut armed) = (0, usize::MAX);
    while proxy.cuts() < cuts {
        if armed != proxy.cuts() {
            armed = proxy.cuts();
            proxy.cut_after(random.below(6000) as usize);
        }
        send(&handle, run, sent, &mut random);
        sent += 1;
        drop(run.wait(&format!("seed {seed}"), |book| book.ended + WINDOW > sent));
    }
    proxy.cut_after(usize::MAX);
    let book = run.wait(&format!("seed {seed}, the end"), |book| {
        let [once, exactly] = &book.arrived;
        let mut all: Vec<usize> = once.iter().chain(exactly).copied().collect();
        all.sort_unstable();
        all.dedup();
        book.ended == sent && all.len() == sent
    });
    assert!(book.results.iter().all(|result| *result == (1, 0)), "seed {seed}: {:?}", book.results);
    assert!(book.arrived[1].is_sorted_by(|one, next| one < next), "seed {seed}: {:?}", book.arrived[1]);
    assert_first_in_order(seed, &book.arrived[0]);
}

/// Each message of QoS 1 came for the first time in the order of sending.
fn assert_first_in_order(seed: u64, arrived: &[usize]) {
    let mut seen = std::collections::HashSet::new();
    let first: Vec<usize> = arrived.iter().copied().filter(|index| seen.insert(*index)).collect();
    assert!(first.is_sorted(), "seed {seed}: {arrived:?}");
}
