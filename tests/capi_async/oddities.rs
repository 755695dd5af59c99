//! What servers send against the standard, and what follows for the asynchronous API: messages are delivered as they came,
//! what nobody can use is dropped, and the connection stays.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::{
    PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Packet, Publish, SUBSCRIBE, UNSUBSCRIBE, acknowledgement,
    packet, suback, unsuback,
};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::mpsc::{Receiver, Sender, channel};

/// What messageArrived was given: the topic, the payload, and the number of properties.
type Arrival = (Vec<u8>, Vec<u8>, c_int);

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    length: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe {
        let length = if length > 0 { length as usize } else { CStr::from_ptr(topic).count_bytes() };
        let named = std::slice::from_raw_parts(topic.cast::<u8>(), length).to_vec();
        let payload =
            std::slice::from_raw_parts((*message).payload.cast::<u8>(), (*message).payloadlen as usize);
        let arrival = (named, payload.to_vec(), (*message).properties.count);
        (*context.cast::<Sender<Arrival>>()).send(arrival).unwrap();
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

/// A connected client, and the server's side of its connection.
struct Scene {
    handle: Handle,
    peer: Peer,
    arrivals: Receiver<Arrival>,
}

impl Scene {
    fn new(version: c_int) -> Scene {
        let listener = Listener::new();
        let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
        let (sender, arrivals) = channel::<Arrival>();
        let context = Box::into_raw(Box::new(sender)).cast();
        assert_eq!(unsafe { MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
        let peer = std::thread::scope(|scope| {
            let peer = scope.spawn(|| listener.accept_client(false).0);
            handle.connect(version);
            peer.join().unwrap()
        });
        Scene { handle, peer, arrivals }
    }

    /// The bytes, and a message after them, with which the client is still there. Its answers up to then.
    fn answers_to(&mut self, bytes: &[u8], level: u8) -> Vec<Packet> {
        self.peer.send(&[bytes, &Publish::new("after", 1, 99, b"").encode(level)].concat());
        let mut answers = Vec::new();
        loop {
            let answer = self.peer.next().expect("the connection stays");
            if answer.kind() == PUBACK && answer.id() == 99 {
                let last =
                    std::iter::from_fn(|| self.arrivals.recv().ok()).find(|arrival| arrival.0 == b"after");
                assert!(last.is_some());
                return answers;
            }
            answers.push(answer);
        }
    }
}

const TOPICS: [&[u8]; 6] =
    [b"a/#", b"a/+/b", b"caf\xE9/t", b"", b"a/\x0E\t\x7F\xC2\x85\xEF\xBF\xBF/t", b"a\0b"];

#[test]
fn messages_with_bad_topics_are_delivered_as_they_came() {
    for version in [3, 4, 5] {
        let mut scene = Scene::new(version);
        for (number, topic) in TOPICS.into_iter().enumerate() {
            // 0 is an identifier, too.
            let (qos, id) = (number as u8 % 3, number as u16 / 3);
            let publish = Publish { topic: topic.to_vec(), ..Publish::new("", qos, id, b"x") };
            scene.peer.send(&publish.encode(version as u8));
            if qos == 1 {
                assert_eq!(scene.peer.expect(PUBACK).id(), id);
            } else if qos == 2 {
                assert_eq!(scene.peer.expect(PUBREC).id(), id);
                scene.peer.send(&acknowledgement(PUBREL, id));
                assert_eq!(scene.peer.expect(PUBCOMP).id(), id);
            }
            assert_eq!(scene.arrivals.recv().unwrap(), (topic.to_vec(), b"x".to_vec(), 0));
        }
    }
}

#[test]
fn properties_that_should_not_be_there_are_delivered() {
    let cases: [(&[u8], c_int); 9] = [
        (&[1, 2], 1),
        (&[1, 0, 1, 1], 2),
        (&[2, 0, 0, 0, 1, 2, 0, 0, 0, 2], 2),
        (&[0x0B, 0], 1),
        (&[0x21, 0, 0], 1),
        (&[0x23, 0, 0], 1),
        (&[0x23, 0, 9], 1),
        (&[3, 0, 2, 0xFF, 0xFE], 1),
        (&[0x26, 0, 1, 0xFF, 0, 1, 0xFE], 1),
    ];
    let mut scene = Scene::new(5);
    for (bytes, count) in cases {
        let publish = Publish { properties: bytes.to_vec(), ..Publish::new("t", 1, 7, b"x") };
        scene.peer.send(&publish.encode(5));
        assert_eq!(scene.peer.expect(PUBACK).id(), 7);
        assert_eq!(scene.arrivals.recv().unwrap(), (b"t".to_vec(), b"x".to_vec(), count));
    }
}

#[test]
fn packets_that_no_server_sends_are_dropped() {
    for version in [3, 4, 5] {
        let level = version as u8;
        let mut qos_3 = Publish::new("t", 2, 1, b"x").encode(level);
        qos_3[0] |= 6;
        let subscribe: &[u8] =
            if version == 5 { b"\x82\x07\0\x01\0\0\x01t\0" } else { b"\x82\x06\0\x01\0\x01t\0" };
        let unsubscribe: &[u8] =
            if version == 5 { b"\xA2\x06\0\x01\0\0\x01t" } else { b"\xA2\x05\0\x01\0\x01t" };
        let connect = b"\x10\x0D\0\x04MQTT\x04\x02\0\x3C\0\x01c";
        let mut packets = [&qos_3[..], subscribe, unsubscribe, connect, &[0xC0, 0]].concat();
        if version < 5 {
            packets.extend_from_slice(&[0xE0, 0]);
        }
        let mut scene = Scene::new(version);
        assert_eq!(scene.answers_to(&packets, level), []);
    }
}

#[test]
fn flags_and_bodies_that_say_nothing_change_nothing() {
    for version in [3, 4, 5] {
        let mut scene = Scene::new(version);
        let odd = [&[0x41, 2, 4, 210], &[0x7F, 2, 4, 210][..], &[0xD1, 0], &[0xD0, 1, 0]].concat();
        assert_eq!(scene.answers_to(&odd, version as u8), []);
        let answers = scene.answers_to(&[0x60, 2, 4, 210], version as u8);
        assert_eq!(
            answers.iter().map(|answer| (answer.kind(), answer.id())).collect::<Vec<_>>(),
            [(PUBCOMP, 1234)]
        );
    }
}

/// A content type, which belongs to messages.
const MISPLACED: [u8; 5] = [4, 3, 0, 1, b'x'];

/// An acknowledgement with that property.
fn oddly(kind: u8, id: u16) -> Vec<u8> {
    let flags = if kind == PUBREL { 2 } else { 0 };
    packet(kind << 4 | flags, &[&id.to_be_bytes()[..], &[0], &MISPLACED].concat())
}

#[test]
fn acknowledgements_with_properties_that_should_not_be_there_are_taken() {
    let mut scene = Scene::new(5);
    let answers = scene.answers_to(&[Publish::new("t", 2, 7, b"x").encode(5), oddly(PUBREL, 7)].concat(), 5);
    let kinds: Vec<_> = answers.iter().map(|answer| (answer.kind(), answer.id())).collect();
    assert_eq!(kinds, [(PUBREC, 7), (PUBCOMP, 7)]);

    for (token, qos, answers) in [(1, 1, &[PUBACK][..]), (2, 2, &[PUBREC, PUBCOMP])] {
        let (teller, mut response) = (Teller::new(Kind::Any), response_options());
        teller.listen(&mut response, 5);
        let sent = unsafe {
            let (topic, none) = (c"t".as_ptr(), std::ptr::null());
            MQTTAsync_send(scene.handle.0, topic, 0, none, qos, 0, &raw mut response)
        };
        assert_eq!(sent, 0);
        let id = scene.peer.expect(PUBLISH).id();
        for &answer in answers {
            scene.peer.send(&oddly(answer, id));
            if answer == PUBREC {
                assert_eq!(scene.peer.expect(PUBREL).id(), id);
            }
        }
        assert_eq!(teller.next(), format!("5: {token} reason 0 [\"3=1\"] done"));
    }
}

#[test]
fn answers_to_subscriptions_with_properties_that_should_not_be_there_are_taken() {
    for (ends, told) in [(false, "subscribed [1, 1]"), (true, "unsubscribed [1, 1]")] {
        let answer = |id: u16| {
            let first = if ends { 0xB0 } else { 0x90 };
            packet(first, &[&id.to_be_bytes()[..], &MISPLACED, &[1, 1]].concat())
        };
        assert_eq!(told_after(5, ends, answer), format!("5: 1 reason 1 [\"3=1\"] {told}"));
    }
}

/// The result of a request with two subscriptions after such an answer, which comes in one packet for each list of codes.
fn told_of_codes(version: c_int, ends: bool, packets: &[&[u8]]) -> String {
    told_after(version, ends, |id| {
        let answer = |codes: &&[u8]| match ends {
            true => unsuback(version as u8, id, codes),
            false => suback(version as u8, id, codes),
        };
        packets.iter().map(answer).collect::<Vec<_>>().concat()
    })
}

/// The result of a request with two subscriptions whose answer is made of its identifier.
fn told_after(version: c_int, ends: bool, answers: impl FnOnce(u16) -> Vec<u8>) -> String {
    let mut scene = Scene::new(version);
    let teller = Teller::new(if ends { Kind::Unsubscribe } else { Kind::SubscribeMany(2) });
    let mut response = response_options();
    teller.listen(&mut response, version);
    let (topics, qos) = ([c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()], [1, 1]);
    let code = match ends {
        true => unsafe { MQTTAsync_unsubscribeMany(scene.handle.0, 2, topics.as_ptr(), &raw mut response) },
        false => unsafe {
            MQTTAsync_subscribeMany(scene.handle.0, 2, topics.as_ptr(), qos.as_ptr(), &raw mut response)
        },
    };
    assert_eq!(code, 0);
    let id = scene.peer.expect(if ends { UNSUBSCRIBE } else { SUBSCRIBE }).id();
    assert_eq!(scene.answers_to(&answers(id), version as u8), []);
    let told = teller.next();
    assert!(teller.told().is_empty());
    told
}

#[test]
fn subscriptions_without_a_code_have_failed() {
    for (packets, granted) in [
        (&[&[1][..]][..], [1, 128]),
        (&[&[]], [128, 128]),
        (&[&[1, 0, 2]], [1, 0]),
        (&[&[1], &[0]], [1, 128]),
    ] {
        assert_eq!(told_of_codes(4, false, packets), format!("3: 1 subscribed {granted:?}"));
        let first = granted[0];
        assert_eq!(
            told_of_codes(5, false, packets),
            format!("5: 1 reason {first} [] subscribed {granted:?}")
        );
    }
}

#[test]
fn unsubscriptions_without_a_code_have_succeeded() {
    assert_eq!(told_of_codes(4, true, &[&[]]), "3: 1 unsubscribed");
    for (packets, codes) in
        [(&[&[0x11][..]][..], [0x11, 0]), (&[&[]], [0, 0]), (&[&[0, 0x11, 0x87]], [0, 0x11])]
    {
        let first = codes[0];
        assert_eq!(told_of_codes(5, true, packets), format!("5: 1 reason {first} [] unsubscribed {codes:?}"));
    }
}
