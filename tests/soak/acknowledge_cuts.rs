//! Messages that the application acknowledges itself, over a connection that is cut at any place: nothing that is not
//! acknowledged is lost, and no message of QoS 2 comes again after its acknowledgement.

use crate::async_support::handle::*;
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::collections::HashSet;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Most messages that the server has under way.
const WINDOW: usize = 20;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What became of the messages of QoS 1 and 2.
#[derive(Default)]
struct Book {
    acknowledged: HashSet<u32>,
    /// Acknowledgements whose connection had ended.
    late: usize,
    /// Messages of QoS 2 that came after their acknowledgement.
    doubled: Vec<u32>,
    delivered: usize,
}

/// A message that is not complete.
struct Open {
    id: u16,
    qos: u8,
    index: u32,
    released: bool,
}

/// The server's side of the session.
struct Server {
    level: u8,
    open: Vec<Open>,
    sent: u32,
    last_id: u16,
    random: Random,
}

impl Server {
    fn encoded(&self, open: &Open, dup: bool) -> Vec<u8> {
        if open.released {
            return acknowledgement(PUBREL, open.id);
        }
        let publish = Publish::new("t", open.qos, open.id, &open.index.to_be_bytes());
        if dup { publish.again() } else { publish }.encode(self.level)
    }

    fn next(&mut self) -> Vec<u8> {
        while self.last_id == 0 || self.open.iter().any(|open| open.id == self.last_id) {
            self.last_id = self.last_id % 50 + 1;
        }
        let qos = 1 + self.random.below(2) as u8;
        let open = Open { id: self.last_id, qos, index: self.sent, released: false };
        self.last_id = self.last_id % 50 + 1;
        self.sent += 1;
        let packet = self.encoded(&open, false);
        self.open.push(open);
        packet
    }

    fn take(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        let at = self.open.iter().position(|open| open.id == packet.id())?;
        match packet.kind() {
            PUBREC => {
                self.open[at].released = true;
                return Some(acknowledgement(PUBREL, packet.id()));
            }
            PUBACK | PUBCOMP => drop(self.open.remove(at)),
            other => panic!("packet of type {other}"),
        }
        None
    }

    /// One connection, which ends after `steps` packets in the middle of one, or when nothing is open any more.
    fn serve(&mut self, peer: &mut Peer, steps: Option<u64>) {
        let again: Vec<u8> = self.open.iter().flat_map(|open| self.encoded(open, true)).collect();
        let mut out = again;
        for step in 0.. {
            if let Some(steps) = steps {
                while self.open.len() < WINDOW {
                    out.extend(self.next());
                }
                if step == steps {
                    let part = self.random.below(out.len() as u64 + 1) as usize;
                    peer.try_send(&out[..part]);
                    return;
                }
            } else if self.open.is_empty() {
                return;
            }
            if !peer.try_send(&std::mem::take(&mut out)) {
                return;
            }
            let Some(packet) = peer.next() else { return };
            out.extend(self.take(&packet).unwrap_or_default());
        }
    }
}

/// Cuts the connection so often. How many messages were sent.
fn serve(listener: &Listener, level: u8, cuts: usize, seed: u64) -> u32 {
    let mut sender = Server { level, open: Vec::new(), sent: 0, last_id: 1, random: Random(seed) };
    for cut in 0..=cuts {
        let (mut peer, _) = listener.accept_client(cut > 0);
        let steps = (cut < cuts).then(|| sender.random.below(40));
        sender.serve(&mut peer, steps);
        peer.close();
    }
    assert!(sender.open.is_empty());
    sender.sent
}

/// Takes messages, holds some of them for a while, and acknowledges them in any order, until there are no more.
fn work(
    book: &Mutex<Book>,
    messages: &Receiver<(c_int, u32)>,
    seed: u64,
    acknowledge: impl Fn(c_int) -> c_int,
) {
    let (mut random, mut held) = (Random(seed), Vec::new());
    loop {
        let wait = if held.is_empty() { 1000 } else { 0 };
        match messages.recv_timeout(Duration::from_millis(wait)) {
            Ok(message) => {
                held.push(message);
                if random.below(12) > held.len() as u64 {
                    continue;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if held.is_empty() {
            continue;
        }
        let (msgid, index) = held.swap_remove(random.below(held.len() as u64) as usize);
        let mut book = book.lock().unwrap();
        match acknowledge(msgid) {
            0 => drop(book.acknowledged.insert(index)),
            -52 => book.late += 1,
            code => panic!("message {index}, {msgid:#x}: {code}"),
        }
    }
}

struct Arrivals {
    book: Arc<Mutex<Book>>,
    messages: Mutex<Option<Sender<(c_int, u32)>>>,
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    let arrivals = unsafe { &*context.cast::<Arrivals>() };
    let (msgid, qos) = unsafe { ((*message).msgid, (*message).qos) };
    let index = u32::from_be_bytes(unsafe { (*message).payload.cast::<[u8; 4]>().read_unaligned() });
    unsafe { MQTTAsync_freeMessage(&raw mut message) };
    unsafe { MQTTAsync_free(topic.cast()) };
    let mut book = arrivals.book.lock().unwrap();
    book.delivered += 1;
    if qos == 2 && book.acknowledged.contains(&index) {
        book.doubled.push(index);
    }
    drop(book);
    if let Some(messages) = &*arrivals.messages.lock().unwrap() {
        messages.send((msgid, index)).unwrap();
    }
    1
}

fn survive(version: c_int, cuts: usize) {
    let seed = u64::from(std::process::id()) * 2_654_435_761 + cuts as u64 + version as u64;
    let listener = Listener::new();
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
    let (name, value) = (c"acknowledgement".as_ptr(), c"manual".as_ptr());
    assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, 0);
    let (sender, messages) = channel();
    let book = Arc::new(Mutex::new(Book::default()));
    let arrivals = Arrivals { book: book.clone(), messages: Mutex::new(Some(sender)) };
    let context = (&raw const arrivals).cast_mut().cast();
    assert_eq!(unsafe { MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
    let server = thread::spawn(move || serve(&listener, version as u8, cuts, seed));
    let worker = {
        let (book, address) = (book.clone(), handle.0.expose_provenance());
        thread::spawn(move || {
            let acknowledge = |msgid| {
                let handle = ptr::with_exposed_provenance_mut(address);
                unsafe { MQTTAsyncExt_acknowledge(handle, msgid) }
            };
            work(&book, &messages, seed + 1, acknowledge);
        })
    };
    let mut options = connect_options(version);
    (options.cleansession, options.cleanstart, options.automaticReconnect) = (0, 0, 1);
    (options.minRetryInterval, options.maxRetryInterval) = (0, 1);
    let mut expiry = MQTTProperties { count: 0, max_count: 0, length: 0, array: ptr::null_mut() };
    if version == 5 {
        let property = MQTTProperty { identifier: 17, value: MQTTProperty_value { integer4: 1000 } };
        assert_eq!(unsafe { MQTTProperties_add(&raw mut expiry, &raw const property) }, 0);
        options.connectProperties = &raw mut expiry;
    }
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let sent = server.join().unwrap();
    unsafe { MQTTProperties_free(&raw mut expiry) };
    drop(arrivals.messages.lock().unwrap().take());
    worker.join().unwrap();
    // What the callback uses goes after it.
    drop(handle);
    let book = book.lock().unwrap();
    println!(
        "version {version}: {cuts} cuts, {sent} messages, {} deliveries, {} acknowledgements too late",
        book.delivered, book.late
    );
    assert!(book.doubled.is_empty(), "seed {seed}: {:?}", book.doubled);
    let lost: Vec<u32> = (0..sent).filter(|index| !book.acknowledged.contains(index)).collect();
    assert!(lost.is_empty(), "seed {seed}: {lost:?}");
    assert!(book.late > 0);
}

#[test]
fn nothing_that_is_not_acknowledged_is_lost_with_mqtt_3_1_1() {
    survive(4, 25);
}

#[test]
fn nothing_that_is_not_acknowledged_is_lost_with_mqtt_5() {
    survive(5, 25);
}

#[test]
#[ignore = "takes long; part of make soak"]
fn soak_manual_acknowledgement_over_a_thousand_cuts() {
    thread::scope(|scope| {
        for version in [4, 5] {
            scope.spawn(move || survive(version, 1000));
        }
    });
}
