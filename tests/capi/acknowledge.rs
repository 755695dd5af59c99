//! `MQTTClientExt_acknowledge`: messages that the application acknowledges itself.

use crate::handle::*;
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::mosquitto::Directory;
use crate::support::packet::*;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

fn set(handle: &Handle, name: &CStr, value: &CStr) -> c_int {
    unsafe { MQTTClientExt_setOption(handle.0, name.as_ptr(), value.as_ptr(), ptr::null_mut(), 0) }
}

fn manual(listener: &Listener, version: c_int) -> Handle {
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
    assert_eq!(set(&handle, c"acknowledgement", c"manual"), 0);
    handle
}

/// Connects and keeps the session. What the server sends for each connection is sent by `serve`.
fn connect(handle: &Handle, listener: &Listener, version: c_int, present: bool) -> Peer {
    thread::scope(|scope| {
        let server = scope.spawn(|| listener.accept_client(present).0);
        let mut options = connect_options(version);
        (options.cleansession, options.cleanstart) = (0, 0);
        let code = if version == 5 {
            let none = ptr::null_mut();
            let mut response =
                unsafe { MQTTClient_connect5(handle.0, &raw mut options, none, ptr::null_mut()) };
            let code = response.reasonCode;
            free(&mut response);
            code
        } else {
            unsafe { MQTTClient_connect(handle.0, &raw mut options) }
        };
        assert_eq!(code, 0);
        server.join().unwrap()
    })
}

fn publish(version: c_int, qos: u8, id: u8, payload: u8) -> Vec<u8> {
    let mut body = vec![0, 1, b't'];
    if qos > 0 {
        body.extend([0, id]);
    }
    if version == 5 {
        body.push(0);
    }
    body.push(payload);
    let mut packet = vec![0x30 | qos << 1, body.len() as u8];
    packet.extend(body);
    packet
}

/// The next message: its msgid, payload and DUP; None if there is none at the moment.
fn receive(handle: &Handle, timeout: u64) -> Option<(c_int, u8, c_int)> {
    let (mut topic, mut length, mut message) = (ptr::null_mut(), 0, ptr::null_mut::<MQTTClient_message>());
    let rc =
        unsafe { MQTTClient_receive(handle.0, &raw mut topic, &raw mut length, &raw mut message, timeout) };
    assert_eq!(rc, 0);
    let found = unsafe { message.as_ref() }?;
    let seen = (found.msgid, unsafe { found.payload.cast::<u8>().read() }, found.dup);
    unsafe { MQTTClient_freeMessage(&raw mut message) };
    unsafe { MQTTClient_free(topic.cast()) };
    Some(seen)
}

fn acknowledge(handle: &Handle, msgid: c_int) -> c_int {
    unsafe { MQTTClientExt_acknowledge(handle.0, msgid) }
}

const LONG: u64 = 30_000;

#[test]
fn acknowledgements_are_sent_when_the_application_gives_them_and_in_order() {
    for version in [4, 5] {
        let listener = Listener::new();
        let handle = manual(&listener, version);
        let mut peer = connect(&handle, &listener, version, false);
        peer.send(
            &[publish(version, 1, 1, b'a'), publish(version, 2, 2, b'b'), publish(version, 1, 3, b'c')]
                .concat(),
        );
        let mut ids = vec![receive(&handle, LONG).unwrap()];
        if version == 4 {
            assert_eq!(peer.expect(PUBREC).id(), 2);
            peer.send(&[0x62, 2, 0, 2]);
        }
        ids.extend([receive(&handle, LONG).unwrap(), receive(&handle, LONG).unwrap()]);
        ids.sort_by_key(|(_, payload, _)| *payload);
        let [a, b, c] = [ids[0].0, ids[1].0, ids[2].0];
        assert!([a, b, c].iter().all(|id| *id > 0xffff && id & 0xffff <= 3), "{a:#x} {b:#x} {c:#x}");
        assert_eq!([acknowledge(&handle, c), acknowledge(&handle, b)], [0, 0]);
        assert_eq!([acknowledge(&handle, c), acknowledge(&handle, b)], [-51, -51]);
        assert_eq!(acknowledge(&handle, a), 0);
        // In version 4 the release of the second message came after the third.
        let (second, third) = if version == 5 { (PUBREC, PUBACK) } else { (PUBACK, PUBCOMP) };
        let expected = [
            (PUBACK, 1),
            (second, if version == 5 { 2 } else { 3 }),
            (third, if version == 5 { 3 } else { 2 }),
        ];
        for (kind, id) in expected {
            assert_eq!(peer.expect(kind).id(), id);
        }
    }
}

#[test]
fn a_message_comes_again_until_it_is_acknowledged_and_the_former_msgid_counts_no_more() {
    for version in [4, 5] {
        let listener = Listener::new();
        let handle = manual(&listener, version);
        let mut peer = connect(&handle, &listener, version, false);
        peer.send(&publish(version, 1, 7, b'x'));
        let (first, ..) = receive(&handle, LONG).unwrap();
        peer.send(&publish(version, 1, 8, b'y'));
        thread::scope(|scope| {
            // The second message waits for the application when the connection ends.
            scope.spawn(|| drop(peer));
            while unsafe { MQTTClient_isConnected(handle.0) } != 0 {
                MQTTClient_yield();
            }
        });
        assert_eq!(acknowledge(&handle, first), -52);
        let mut peer = connect(&handle, &listener, version, true);
        let mut again = publish(version, 1, 7, b'x');
        again[0] |= 8;
        peer.send(&again);
        let (second, payload, dup) = receive(&handle, LONG).unwrap();
        assert_eq!((payload, dup), (b'x', 1), "what was not fetched before is not delivered twice");
        assert_ne!(first, second);
        assert_eq!(acknowledge(&handle, first), -52);
        assert_eq!(acknowledge(&handle, second), 0);
        assert_eq!(peer.expect(PUBACK).id(), 7);
    }
}

#[test]
fn each_misuse_has_its_code_and_text() {
    let listener = Listener::new();
    let stale = Handle::new(4).0;
    let mut nothing = 0;
    for bad in [ptr::null_mut(), stale, (&raw mut nothing).cast()] {
        assert_eq!(unsafe { MQTTClientExt_acknowledge(bad, 0x10001) }, -1);
    }
    let automatic = Handle::to(&CString::new(listener.uri()).unwrap(), 4);
    let mut peer = connect(&automatic, &listener, 4, false);
    peer.send(&publish(4, 1, 9, b'x'));
    assert_eq!(receive(&automatic, LONG).unwrap().0, 9);
    assert_eq!(peer.expect(PUBACK).id(), 9);
    assert_eq!(acknowledge(&automatic, 9), -49);
    assert_eq!(set(&automatic, c"acknowledgement", c"manual"), 0);
    assert_eq!(acknowledge(&automatic, 9), -49, "it takes effect with the next connect");

    let handle = manual(&listener, 4);
    assert_eq!(acknowledge(&handle, 0x10001), -49, "it was never connected");
    let mut peer = connect(&handle, &listener, 4, false);
    peer.send(&publish(4, 0, 0, b'x'));
    assert_eq!(receive(&handle, LONG).unwrap().0, 0);
    for (msgid, code) in
        [(0, -50), (1, -51), (0x10001, -51), (0x20001, -51), (-1, -51), (c_int::MIN, -51), (c_int::MAX, -51)]
    {
        assert_eq!(acknowledge(&handle, msgid), code, "{msgid:#x}");
    }
    for (code, text) in [
        (-49, c"Client acknowledges messages itself"),
        (-50, c"Message of QoS 0 has no acknowledgement"),
        (-51, c"No such message waits for its acknowledgement"),
        (-52, c"Connection of the message has ended"),
    ] {
        assert_eq!(unsafe { CStr::from_ptr(MQTTExt_strerror(code)) }, text);
    }
}

/// What the callback does: reports the msgid, and acknowledges at once if told so.
struct Subscriber {
    handle: MQTTClient,
    at_once: bool,
    arrived: Sender<c_int>,
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTClient_message,
) -> c_int {
    let subscriber = unsafe { &*context.cast::<Subscriber>() };
    let msgid = unsafe { (*message).msgid };
    if subscriber.at_once {
        assert_eq!(unsafe { MQTTClientExt_acknowledge(subscriber.handle, msgid) }, 0);
    }
    subscriber.arrived.send(msgid).unwrap();
    unsafe { MQTTClient_freeMessage(&raw mut message) };
    unsafe { MQTTClient_free(topic.cast()) };
    1
}

fn subscriber(handle: &Handle, at_once: bool) -> (Box<Subscriber>, Receiver<c_int>) {
    let (sender, receiver) = channel();
    let subscriber = Box::new(Subscriber { handle: handle.0, at_once, arrived: sender });
    let context = ptr::from_ref::<Subscriber>(&subscriber).cast_mut().cast();
    assert_eq!(unsafe { MQTTClient_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
    (subscriber, receiver)
}

#[test]
fn a_callback_may_acknowledge_its_message() {
    let listener = Listener::new();
    let handle = manual(&listener, 5);
    let (_subscriber, ids) = subscriber(&handle, true);
    let mut peer = connect(&handle, &listener, 5, false);
    for id in 1..=20 {
        peer.send(&publish(5, 1 + id % 2, id, b'x'));
        assert_eq!(peer.next().unwrap().id(), u16::from(id));
        assert_eq!(ids.recv().unwrap() & 0xffff, c_int::from(id));
    }
    // What the callback uses goes after it.
    drop(handle);
}

#[test]
fn other_threads_may_acknowledge_and_reading_stops_while_too_much_is_not() {
    let listener = Listener::new();
    let handle = manual(&listener, 4);
    assert_eq!(set(&handle, c"receive.queue.messages", c"10"), 0);
    let (_subscriber, ids) = subscriber(&handle, false);
    let mut peer = connect(&handle, &listener, 4, false);
    // More than one read takes, so that the end of it shows.
    let message = |id: u16| {
        let mut packet = [&[0x32, 0x85, 0x80, 0x02, 0, 1, b't'][..], &id.to_be_bytes()].concat();
        packet.resize(packet.len() + 32768, b'x');
        packet
    };
    let mut sender = peer.handle();
    let (first, rest): (Vec<u16>, Vec<u16>) = (1..=400).partition(|id| *id <= 10);
    let writer = thread::spawn(move || {
        use std::io::Write;
        first.iter().chain(&rest).for_each(|id| sender.write_all(&message(*id)).unwrap());
    });
    let mut held: Vec<c_int> = (0..10).map(|_| ids.recv().unwrap()).collect();
    while let Ok(id) = ids.recv_timeout(Duration::from_millis(300)) {
        held.push(id);
    }
    assert!(held.len() < 20, "{} messages", held.len());
    let (mut done, address) = (0, handle.0.expose_provenance());
    while done < 400 {
        while let Ok(id) = ids.try_recv() {
            held.push(id);
        }
        let Some(id) = held.pop().or_else(|| ids.recv_timeout(Duration::from_secs(30)).ok()) else {
            panic!("{done}")
        };
        let acknowledged = thread::spawn(move || {
            let handle = ptr::with_exposed_provenance_mut(address);
            unsafe { MQTTClientExt_acknowledge(handle, id) }
        });
        assert_eq!(acknowledged.join().unwrap(), 0);
        done += 1;
    }
    writer.join().unwrap();
    for id in 1..=400 {
        assert_eq!(peer.expect(PUBACK).id(), id);
    }
    drop(handle);
}

#[test]
fn with_a_store_a_message_of_qos_2_does_not_come_again_after_its_acknowledgement() {
    for version in [4, 5] {
        let (listener, directory) = (Listener::new(), Directory::new("manual"));
        let path = CString::new(directory.path().to_str().unwrap()).unwrap();
        let stored = || {
            let mut handle = Handle(ptr::null_mut());
            let uri = CString::new(listener.uri()).unwrap();
            let context = path.as_ptr().cast_mut().cast();
            let mut options = create_options(version);
            let code = unsafe {
                let (uri, id) = (uri.as_ptr(), c"stored".as_ptr());
                MQTTClient_createWithOptions(&raw mut handle.0, uri, id, 0, context, &raw mut options)
            };
            assert_eq!(code, 0);
            assert_eq!(set(&handle, c"acknowledgement", c"manual"), 0);
            handle
        };
        let message = |id, payload| Publish::new("t", 2, id, payload);
        let handle = stored();
        let address = handle.0.expose_provenance();
        let mut peer = connect(&handle, &listener, version, false);
        let level = version as u8;
        peer.send(&[message(1, b"a").encode(level), message(2, b"b").encode(level)].concat());
        let ids = thread::scope(|scope| {
            let receiving = scope.spawn(|| {
                let handle = Handle(ptr::with_exposed_provenance_mut(address));
                let ids = [receive(&handle, LONG).unwrap(), receive(&handle, LONG).unwrap()];
                std::mem::forget(handle);
                ids
            });
            if version == 4 {
                assert_eq!([peer.expect(PUBREC).id(), peer.expect(PUBREC).id()], [1, 2]);
                peer.send(&[acknowledgement(PUBREL, 1), acknowledgement(PUBREL, 2)].concat());
            }
            receiving.join().unwrap()
        });
        assert_eq!(acknowledge(&handle, ids[1].0), 0);
        drop(handle);
        peer.close();

        let handle = stored();
        assert_eq!(set(&handle, c"receive.queue.messages", c"100"), 0);
        let mut peer = connect(&handle, &listener, version, true);
        let again = match version {
            4 => [acknowledgement(PUBREL, 1), acknowledgement(PUBREL, 2)].concat(),
            _ => [message(1, b"a").again().encode(level), message(2, b"b").again().encode(level)].concat(),
        };
        peer.send(&[again, publish(version, 0, 0, b'z')].concat());
        let (first, payload, _) = receive(&handle, LONG).unwrap();
        assert_eq!(payload, b'a');
        assert_eq!(receive(&handle, LONG).unwrap().1, b'z', "the other one was acknowledged");
        assert_eq!(acknowledge(&handle, first), 0);
        let kind = if version == 4 { PUBCOMP } else { PUBREC };
        assert_eq!([peer.expect(kind).id(), peer.expect(kind).id()], [1, 2]);
    }
}
