//! Messages that are sent while there is no connection: what is taken, in which order it leaves, what is told of it.

use crate::async_support::handle::*;
use crate::async_support::witness::{Witness, pending};
use crate::support::broker::{Listener, polite_answer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::{CString, c_int};

fn client(options: &MQTTAsync_createOptions) -> (Listener, Witness, Handle) {
    let (listener, witness) = (Listener::new(), Witness::new());
    let handle = Handle::with(&CString::new(listener.uri()).unwrap(), options);
    witness.watch(&handle);
    (listener, witness, handle)
}

/// What a send is answered before the first connect, while connecting, connected, behind a loss, behind a disconnect.
fn codes(while_disconnected: c_int, at_any_time: c_int) -> [c_int; 5] {
    let (listener, witness, handle) = client(&MQTTAsync_createOptions {
        sendWhileDisconnected: while_disconnected,
        allowDisconnectedSendAtAnyTime: at_any_time,
        ..create_options(4)
    });
    let send = || witness.send(&handle, "message", 1, 4);
    let never = send();
    assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
    let mut peer = listener.accept();
    peer.expect(CONNECT);
    let connecting = send();
    peer.send(&connack(4, false, 0, &[]));
    witness.until("connected");
    let connected = send();
    peer.close();
    witness.until("lost");
    let lost = send();
    assert_eq!(witness.subscribe(&handle, "subscribe", 4), -3, "never");
    assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
    let _peer = listener.accept_client(false);
    witness.until("connected");
    assert_eq!(witness.disconnect(&handle, "bye", 0), 0);
    witness.until("bye: done");
    let disconnected = send();
    drop(witness.close(handle));
    [never, connecting, connected, lost, disconnected]
}

#[test]
fn the_options_of_create_say_when_messages_are_taken() {
    assert_eq!(codes(0, 0), [-3, -3, 0, -3, -3]);
    assert_eq!(codes(0, 1), [-3, -3, 0, -3, -3]);
    assert_eq!(codes(1, 0), [-3, 0, 0, 0, -3]);
    assert_eq!(codes(1, 1), [0, 0, 0, 0, 0]);
}

#[test]
fn as_many_wait_as_may() {
    let (_listener, witness, handle) = client(&buffer_options(4, 3));
    for (qos, token) in [(0, 0), (1, 1), (2, 2)] {
        assert_eq!(witness.send(&handle, "kept", qos, 4), 0);
        assert_eq!(pending(&handle).last(), Some(&token));
    }
    for qos in 0..3 {
        assert_eq!(witness.send(&handle, "refused", qos, 4), -12);
    }
    assert_eq!(pending(&handle), [0, 1, 2]);
    assert_eq!(witness.close(handle), ["kept: failed -11"; 3]);
}

#[test]
fn the_oldest_makes_room() {
    for version in [4, 5] {
        let options = MQTTAsync_createOptions { deleteOldestMessages: 1, ..buffer_options(version, 3) };
        let (listener, witness, handle) = client(&options);
        for (index, name) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
            assert_eq!(witness.send(&handle, name, (index % 3) as c_int, version), 0);
        }
        witness.expect(["a: failed -12", "b: failed -12", "c: failed -12"]);
        // The tokens of those that are gone are free again, but not taken at once.
        assert_eq!(pending(&handle), [0, 3, 4]);
        assert_eq!(witness.connect(&handle, "connect", connect_options(version)), 0);
        let (mut peer, _) = listener.accept_client(false);
        for name in ["d", "e", "f"] {
            assert_eq!(peer.expect(PUBLISH).publish().payload, name.as_bytes());
        }
        witness.until("d: done");
        assert_eq!(witness.close(handle), ["e: failed -11", "f: failed -11"]);
    }
}

/// Waits, and is what it is, until it is acknowledged.
#[test]
fn tokens_of_messages_that_wait() {
    let (listener, witness, handle) = client(&buffer_options(4, 100));
    assert_eq!(witness.send(&handle, "waits", 1, 4), 0);
    unsafe {
        assert_eq!(MQTTAsync_isComplete(handle.0, 1), 0);
        assert_eq!(MQTTAsync_waitForCompletion(handle.0, 1, 10), -3);
        assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
        let (mut peer, _) = listener.accept_client(false);
        witness.expect(["connect: done", "connected"]);
        peer.expect(PUBLISH);
        assert_eq!((pending(&handle), MQTTAsync_isComplete(handle.0, 1)), (vec![1], 0));
        assert_eq!(MQTTAsync_waitForCompletion(handle.0, 1, 10), -1);
        let (number, copy) = (handle.0.addr(), handle.0.addr());
        let waiting = std::thread::spawn(move || {
            MQTTAsync_waitForCompletion(std::ptr::without_provenance_mut(number), 1, 60_000)
        });
        peer.send(&acknowledgement(PUBACK, 1));
        assert_eq!(waiting.join().unwrap(), 0);
        assert_eq!((pending(&handle), MQTTAsync_isComplete(handle.0, 1)), (vec![], 1));
        witness.expect(["complete 1", "waits: done"]);
        assert_eq!(witness.send(&handle, "lost", 1, 4), 0);
        assert_eq!(peer.expect(PUBLISH).id(), 2, "the clean session counts on from what waited");
        let waiting = std::thread::spawn(move || {
            MQTTAsync_waitForCompletion(std::ptr::without_provenance_mut(copy), 2, 60_000)
        });
        peer.close();
        assert_eq!(waiting.join().unwrap(), -3);
    }
    drop(witness.close(handle));
}

const MESSAGES: usize = 600;

/// Serves five connections, of which it ends four in the midst of things. The payloads in the order in which they came first.
fn serve(listener: &Listener) -> Vec<String> {
    let mut seen = Vec::new();
    for connection in 0..5 {
        let (mut peer, _) = listener.accept_client(connection > 0);
        for count in 0.. {
            let Some(packet) = peer.next().filter(|_| connection == 4 || count < 61) else { break };
            if packet.kind() == PUBLISH {
                let payload = String::from_utf8(packet.publish().payload).unwrap();
                if !seen.contains(&payload) {
                    seen.push(payload);
                }
            }
            if let Some(answer) = polite_answer(&packet) {
                peer.try_send(&answer);
            }
        }
        peer.close();
    }
    seen
}

/// Of QoS 0 some may be lost on the way; their order holds nevertheless.
#[test]
fn first_in_first_out_over_losses() {
    let (listener, witness, handle) = client(&buffer_options(4, MESSAGES as c_int));
    let server = std::thread::spawn(move || serve(&listener));
    let name = |index: usize| format!("m{index:03}");
    let options = MQTTAsync_connectOptions {
        cleansession: 0,
        maxInflight: 20,
        automaticReconnect: 1,
        minRetryInterval: 0,
        maxRetryInterval: 0,
        ..connect_options(4)
    };
    for index in 0..MESSAGES {
        if index == MESSAGES / 3 {
            assert_eq!(witness.connect(&handle, "connect", options), 0);
        }
        assert_eq!(witness.send(&handle, &name(index), (index % 3) as c_int, 4), 0);
    }
    let (mut lost, mut done) = (0, 0);
    while lost < 4 || done < MESSAGES * 2 / 3 {
        match witness.next().as_str() {
            "lost" => lost += 1,
            line if line.starts_with("complete") => done += 1,
            _ => {}
        }
    }
    assert_eq!(pending(&handle), [0; 0]);
    drop(witness.close(handle));
    let seen = server.join().unwrap();
    assert!(seen.is_sorted(), "{seen:?}");
    let certain = (0..MESSAGES).filter(|index| index % 3 > 0).map(name);
    assert!(certain.clone().all(|name| seen.contains(&name)), "{seen:?}");
}
