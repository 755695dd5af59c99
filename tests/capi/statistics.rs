//! `MQTTClientExt_getStatistics`: the numbers are those that a proxy between client and server has counted.

use crate::handle::*;
use crate::support::c_interface::*;
use crate::support::mosquitto::Mosquitto;
use paho_c_rs::protocol::{Framing, Properties, Property, PropertyId, PropertyValue, split_frame};
use std::ffi::{CString, c_int};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

fn empty() -> MQTTExt_statistics {
    MQTTExt_statistics { struct_id: struct_id(b"MQXS"), ..MQTTExt_statistics::default() }
}

fn statistics(handle: &Handle) -> MQTTExt_statistics {
    let mut statistics = empty();
    assert_eq!(unsafe { MQTTClientExt_getStatistics(handle.0, &raw mut statistics) }, 0);
    assert_eq!((statistics.struct_id, statistics.struct_version), (struct_id(b"MQXS"), 0));
    statistics
}

#[test]
fn each_misuse_has_its_code_and_fills_nothing() {
    let handle = Handle::new(4);
    let mut given = empty();
    let ask = |handle, given: &mut MQTTExt_statistics| unsafe {
        MQTTClientExt_getStatistics(handle, &raw mut *given)
    };
    assert_eq!(ask(ptr::null_mut(), &mut given), -1);
    let other = (&raw mut given).cast();
    assert_eq!(ask(other, &mut given), -1);
    assert_eq!(unsafe { MQTTClientExt_getStatistics(handle.0, ptr::null_mut()) }, -6);
    for (id, version) in [(b"MQTX", 0), (b"MQXS", 1), (b"MQXS", -1)] {
        given = MQTTExt_statistics { struct_id: struct_id(id), struct_version: version, ..empty() };
        assert_eq!(ask(handle.0, &mut given), -8);
    }
    assert_eq!(given, MQTTExt_statistics { struct_version: -1, ..empty() });
}

#[test]
fn a_new_client_has_done_nothing_and_a_failure_counts_as_an_attempt() {
    let handle = Handle::new(4);
    let new = statistics(&handle);
    assert_eq!((new.sent, new.received), Default::default());
    assert_eq!((new.attempts, new.connects, new.losses, new.connected), (0, 0, 0, 0));
    assert_eq!([new.pingTime, new.connectTime, new.connackTime, new.maximumPacketSize], [-1; 4]);
    let mut options = connect_options(4);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
    let failed = statistics(&handle);
    assert_eq!((failed.attempts, failed.failedAttempts, failed.connects), (1, 1, 0));
}

#[test]
fn what_a_server_announces_is_there() {
    let mut properties = Properties::new();
    for (id, value) in [
        (PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(7)),
        (PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(4_000_000_000)),
        (PropertyId::MaximumQoS, PropertyValue::Byte(1)),
        (PropertyId::ServerKeepAlive, PropertyValue::TwoByteInteger(33)),
        (PropertyId::TopicAliasMaximum, PropertyValue::TwoByteInteger(4)),
        (PropertyId::SharedSubscriptionAvailable, PropertyValue::Byte(0)),
    ] {
        properties.push(&Property { id, value }).unwrap();
    }
    let server = Server::start(Script { properties, ..Script::default() });
    let handle = Handle::to(&server.uri, 5);
    handle.connect(5);
    let now = statistics(&handle);
    assert_eq!((now.receiveMaximum, now.maximumPacketSize, now.maximumQoS), (7, 4_000_000_000, 1));
    assert_eq!((now.serverKeepAlive, now.topicAliasMaximum), (33, 4));
    assert_eq!((now.sharedSubscriptionAvailable, now.wildcardSubscriptionAvailable), (0, -1));
    assert_eq!((now.sessionExpiryInterval, now.retainAvailable, now.sessionPresent), (-1, -1, 0));
    assert_eq!((now.connected, now.MQTTVersion, now.connects, now.reconnects), (1, 5, 1, 0));
    assert!(now.resolveTime >= 0 && now.connectTime >= 0 && now.connackTime >= 0, "{now:?}");
    assert_eq!([now.proxyTime, now.tlsTime, now.webSocketTime], [-1; 3]);
}

#[test]
fn messages_that_wait_are_counted() {
    let messages = vec![(b"t".to_vec(), b"x".to_vec()); 3];
    let server = Server::start(Script { messages, silent: true, ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    let mut options = MQTTClient_connectOptions { reliable: 0, ..connect_options(4) };
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, 0);
    for _ in 0..2 {
        let payload = c"hello".as_ptr().cast();
        let code = unsafe { MQTTClient_publish(handle.0, c"t".as_ptr(), 5, payload, 1, 0, ptr::null_mut()) };
        assert_eq!(code, 0);
    }
    while statistics(&handle).waiting < 3 {
        MQTTClient_yield();
    }
    let now = statistics(&handle);
    assert_eq!((now.inFlight, now.waiting, now.queued, now.stored), (2, 3, 0, 0));
    assert_eq!((now.sent.messages, now.received.messages), ([0, 2, 0], [3, 0, 0]));
    assert_eq!(now.sent.messageBytes, [0, 2 * (2 + 2 + 1 + 2 + 5), 0]);
}

/// Counts in both directions, of one connection: from the client, and to it.
type Counts = Arc<Mutex<[MQTTExt_traffic; 2]>>;

/// A proxy that counts packets, and ends each connection when so many bytes went to the client.
struct CountingProxy {
    uri: CString,
    allowed: Arc<AtomicUsize>,
    /// What it has counted, once both directions have ended.
    ended: Receiver<[MQTTExt_traffic; 2]>,
}

impl CountingProxy {
    /// Ends with the process.
    fn before(port: u16) -> CountingProxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = CString::new(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let (allowed, (to_test, ended)) = (Arc::new(AtomicUsize::new(usize::MAX)), channel());
        let limit = allowed.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                let counts = Counts::default();
                let (from, to, upwards) = (client.try_clone(), server.try_clone(), counts.clone());
                let sender = thread::spawn(move || pass(from.unwrap(), to.unwrap(), usize::MAX, 0, &upwards));
                pass(server, client, limit.load(Ordering::SeqCst), 1, &counts);
                sender.join().unwrap();
                let counted = *counts.lock().unwrap();
                if to_test.send(counted).is_err() {
                    return;
                }
            }
        });
        CountingProxy { uri, allowed, ended }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut allowed: usize, direction: usize, counts: &Counts) {
    let (mut waiting, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        let now = count.min(allowed);
        allowed -= now;
        waiting.extend_from_slice(&chunk[..now]);
        count_whole(&mut waiting, &mut counts.lock().unwrap()[direction]);
        if to.write_all(&chunk[..now]).is_err() || now < count {
            break;
        }
    }
    // What the client has sent is read to the end; what goes to it may be cut.
    let _ = to.shutdown(Shutdown::Both);
    if direction == 1 {
        let _ = from.shutdown(Shutdown::Both);
    }
}

fn count_whole(waiting: &mut Vec<u8>, traffic: &mut MQTTExt_traffic) {
    while let Ok(Framing::Complete(frame)) = split_frame(waiting, 0) {
        traffic.packets += 1;
        traffic.bytes += frame.length as u64;
        if frame.first_byte >> 4 == 3 {
            let qos = usize::from(frame.first_byte >> 1 & 3);
            traffic.messages[qos] += 1;
            traffic.messageBytes[qos] += frame.length as u64;
        }
        let length = frame.length;
        waiting.drain(..length);
    }
}

fn difference(after: MQTTExt_traffic, before: MQTTExt_traffic) -> MQTTExt_traffic {
    let by_qos = |after: [u64; 3], before: [u64; 3]| [0, 1, 2].map(|qos| after[qos] - before[qos]);
    MQTTExt_traffic {
        packets: after.packets - before.packets,
        bytes: after.bytes - before.bytes,
        messages: by_qos(after.messages, before.messages),
        messageBytes: by_qos(after.messageBytes, before.messageBytes),
    }
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Fetches messages until there are so many, or the connection has ended.
fn receive(handle: &Handle, most: u64) -> u64 {
    let mut received = 0;
    while received < most {
        let (mut topic, mut length, mut message) = (ptr::null_mut(), 0, ptr::null_mut());
        let code = unsafe {
            MQTTClient_receive(handle.0, &raw mut topic, &raw mut length, &raw mut message, 10_000)
        };
        if message.is_null() {
            assert_ne!(code, 0, "{most} messages wanted, {received} came: {:?}", statistics(handle));
            break;
        }
        received += 1;
        unsafe {
            MQTTClient_freeMessage(&raw mut message);
            MQTTClient_free(topic.cast());
        }
    }
    received
}

/// Subscribes, publishes some messages, and gets them back. How many came, and whether nothing went wrong.
fn exchange(handle: &Handle, random: &mut Random) -> (u64, bool) {
    if unsafe { MQTTClient_subscribe(handle.0, c"s".as_ptr(), 1) } != 0 {
        return (receive(handle, u64::MAX), false);
    }
    let payload = vec![b'x'; 20_000];
    let (mut token, mut published) = (0, 0);
    for _ in 0..random.below(6) {
        let (length, qos) = ([0, 1, 100, 9000, 20_000][random.below(5)], random.below(2) as c_int);
        let data = payload.as_ptr().cast();
        let code =
            unsafe { MQTTClient_publish(handle.0, c"s".as_ptr(), length, data, qos, 0, &raw mut token) };
        if code != 0 {
            return (receive(handle, u64::MAX), false);
        }
        if qos == 1 && unsafe { MQTTClient_waitForCompletion(handle.0, token, 10_000) } != 0 {
            return (receive(handle, u64::MAX), false);
        }
        published += 1;
    }
    let received = receive(handle, published);
    (received, received == published)
}

/// `PAHO_C_RS_CONNECTIONS=1000` for more of them.
#[test]
fn statistics_are_what_a_proxy_has_counted_over_many_cuts() {
    let broker = Mosquitto::start();
    let proxy = CountingProxy::before(broker.port());
    let handle = Handle::to(&proxy.uri, 4);
    let mut random = Random(20);
    let (mut whole, mut cut) = (0, 0);
    let connections = std::env::var("PAHO_C_RS_CONNECTIONS").map_or(200, |count| count.parse().unwrap());
    for _ in 0..connections {
        let is_cut = random.below(3) > 0;
        proxy.allowed.store(if is_cut { random.below(3000) } else { usize::MAX }, Ordering::SeqCst);
        let before = statistics(&handle);
        let mut options = MQTTClient_connectOptions { reliable: 0, ..connect_options(4) };
        let connected = unsafe { MQTTClient_connect(handle.0, &raw mut options) } == 0;
        let (received, is_whole) = if connected { exchange(&handle, &mut random) } else { (0, false) };
        unsafe { MQTTClient_disconnect(handle.0, 0) };
        let after = statistics(&handle);
        let [sent, got] = proxy.ended.recv().unwrap();
        let (ours_sent, ours_got) =
            (difference(after.sent, before.sent), difference(after.received, before.received));
        // After a loss that was reported the rest waits, until a new session begins.
        let left = after.waiting - if connected { 0 } else { before.waiting };
        let messages = ours_got.messages.iter().sum::<u64>();
        assert_eq!(messages, received + u64::try_from(left).unwrap(), "each message counts once");
        assert_eq!(after.attempts - before.attempts, 1);
        assert_eq!(after.connects - before.connects, u64::from(connected));
        if is_whole {
            whole += 1;
            assert_eq!((ours_sent, ours_got), (sent, got));
            assert_eq!(after.losses, before.losses);
        } else {
            cut += 1;
            assert!(ours_got.packets <= got.packets && ours_got.bytes <= got.bytes);
            assert!(ours_sent.packets >= sent.packets && ours_sent.bytes >= sent.bytes);
        }
    }
    assert!(whole > connections / 10 && cut > connections / 10, "{whole} whole, {cut} cut");
    let all = statistics(&handle);
    assert_eq!(all.attempts, all.connects + all.failedAttempts);
    assert!(all.losses > 0 && all.losses <= cut);
}
