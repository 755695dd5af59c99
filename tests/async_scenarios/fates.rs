//! The fate of each pending request: every kind of request, every way in which an attempt, a connection, a session or a
//! client ends. Each that was accepted has exactly one result; `Witness::close` counts them.

use crate::async_support::black_hole::black_hole;
use crate::async_support::handle::*;
use crate::async_support::witness::{Witness, pending};
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::{CString, c_int};
use std::ptr;
use std::time::{Duration, Instant};

/// Version, and whether the session is kept when its connection ends.
const SESSIONS: [(c_int, bool); 4] = [(4, false), (4, true), (5, false), (5, true)];

/// What `Scene::busy` leaves without answer, in the order of sending; the second names are those of kept sessions.
const SENT: [&str; 4] = ["released", "subscribe", "flies", "unsubscribe"];
const SENT_AND_LOST: [&str; 2] = ["subscribe", "unsubscribe"];
const SENT_AND_KEPT: [&str; 2] = ["released", "flies"];
const QUEUED: [&str; 2] = ["queued", "queued too"];

fn failed(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}: failed -11")).collect()
}

/// A client and its server.
struct Scene {
    listener: Listener,
    witness: Witness,
    handle: Handle,
    version: c_int,
    kept: bool,
}

impl Scene {
    fn new(version: c_int, kept: bool) -> Scene {
        let (listener, witness) = (Listener::new(), Witness::new());
        let uri = CString::new(listener.uri()).unwrap();
        let handle = Handle::with(&uri, &buffer_options(version, 100));
        witness.watch(&handle);
        Scene { listener, witness, handle, version, kept }
    }

    fn connect_named(&self, name: &str) {
        let mut expiry = session_expiry(60);
        let mut options = MQTTAsync_connectOptions { maxInflight: 2, ..connect_options(self.version) };
        match self.version {
            5 if self.kept => (options.connectProperties, options.cleanstart) = (&raw mut expiry, 0),
            5 => {}
            _ => options.cleansession = (!self.kept).into(),
        }
        assert_eq!(self.witness.connect(&self.handle, name, options), 0);
        unsafe { MQTTProperties_free(&raw mut expiry) };
    }

    fn connected(&self, session_present: bool) -> Peer {
        self.connect_named("connect");
        self.listener.accept_client(session_present).0
    }

    /// With one request of each kind on its way.
    fn busy(version: c_int, kept: bool) -> (Scene, Peer) {
        let scene = Scene::new(version, kept);
        let mut peer = scene.connected(false);
        scene.witness.expect(["connect: done", "connected"]);
        let (handle, witness) = (&scene.handle, &scene.witness);
        assert_eq!(witness.send(handle, "released", 2, version), 0);
        assert_eq!(witness.subscribe(handle, "subscribe", version), 0);
        peer.expect(PUBLISH);
        peer.expect(SUBSCRIBE);
        peer.send(&acknowledgement(PUBREC, 1));
        peer.expect(PUBREL);
        assert_eq!(witness.send(handle, "flies", 1, version), 0);
        assert_eq!(witness.unsubscribe(handle, "unsubscribe", version), 0);
        peer.expect(PUBLISH);
        peer.expect(UNSUBSCRIBE);
        assert_eq!(witness.send(handle, "queued", 1, version), 0);
        assert_eq!(witness.send(handle, "queued too", 0, version), 0);
        assert_eq!(pending(handle), [5, 0, 1, 3]);
        (scene, peer)
    }

    /// What has failed when the connection is gone.
    fn discarded(&self) -> Vec<String> {
        failed(if self.kept { &SENT_AND_LOST } else { &SENT })
    }

    /// What is still to come.
    fn left(&self) -> Vec<String> {
        let kept: &[&str] = if self.kept { &SENT_AND_KEPT } else { &[] };
        [failed(kept), failed(&QUEUED)].concat()
    }

    #[track_caller]
    fn expect_all(&self, expected: &[String]) {
        let told: Vec<String> = expected.iter().map(|_| self.witness.next()).collect();
        assert_eq!(told, expected, "version {}, kept {}", self.version, self.kept);
    }

    #[track_caller]
    fn end(self, expected: &[String]) {
        let what = format!("version {}, kept {}", self.version, self.kept);
        assert_eq!(self.witness.close(self.handle), expected, "{what}");
    }
}

fn session_expiry(seconds: u32) -> MQTTProperties {
    let mut list = NO_PROPERTIES;
    let mut property = unsafe { std::mem::zeroed::<MQTTProperty>() };
    property.identifier = 17;
    property.value.integer4 = seconds;
    assert_eq!(unsafe { MQTTProperties_add(&raw mut list, &raw const property) }, 0);
    list
}

#[test]
fn a_loss() {
    for (version, kept) in SESSIONS {
        let (scene, peer) = Scene::busy(version, kept);
        peer.close();
        scene.expect_all(&scene.discarded());
        scene.witness.expect(["lost"]);
        let tokens: &[c_int] = if kept { &[5, 0, 1, 3] } else { &[5, 0] };
        assert_eq!(pending(&scene.handle), tokens);
        let left = scene.left();
        scene.end(&left);
    }
}

#[test]
fn a_disconnect_without_time() {
    for (version, kept) in SESSIONS {
        let (scene, mut peer) = Scene::busy(version, kept);
        assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 0), 0);
        peer.expect(DISCONNECT);
        peer.expect_end();
        scene.expect_all(&scene.discarded());
        scene.witness.expect(["bye: done"]);
        let left = scene.left();
        scene.end(&left);
    }
}

#[test]
fn a_disconnect_whose_time_passes() {
    for (version, kept) in SESSIONS {
        let (scene, mut peer) = Scene::busy(version, kept);
        let started = Instant::now();
        assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 150), 0);
        peer.expect(DISCONNECT);
        assert!(started.elapsed() >= Duration::from_millis(149), "to the millisecond");
        peer.expect_end();
        scene.expect_all(&scene.discarded());
        scene.witness.expect(["bye: done"]);
        let left = scene.left();
        scene.end(&left);
    }
}

#[test]
fn a_disconnect_that_waits_for_the_last_answer() {
    for (version, kept) in SESSIONS {
        let (scene, mut peer) = Scene::busy(version, kept);
        assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 3_600_000), 0);
        let level = version as u8;
        for answer in [
            acknowledgement(PUBCOMP, 1),
            suback(level, 2, &[1]),
            acknowledgement(PUBACK, 3),
            unsuback(level, 4, &[0]),
        ] {
            peer.send(&answer);
        }
        assert_eq!(peer.expect(PUBLISH).id(), 5);
        assert_eq!(peer.expect(PUBLISH).publish().qos, 0);
        assert_eq!(unsafe { MQTTAsync_isConnected(scene.handle.0) }, 1, "it waits");
        peer.send(&acknowledgement(PUBACK, 5));
        peer.expect(DISCONNECT);
        peer.expect_end();
        let mut told = scene.witness.until("bye: done");
        told.sort();
        let expected = [
            "complete 1",
            "complete 3",
            "complete 5",
            "flies: done",
            "queued too: done",
            "queued: done",
            "released: done",
            "subscribe: done",
            "unsubscribe: done",
        ];
        assert_eq!(told, expected);
        scene.end(&[]);
    }
}

#[test]
fn a_loss_while_disconnects_wait() {
    for (version, kept) in SESSIONS {
        let (scene, peer) = Scene::busy(version, kept);
        assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 3_600_000), 0);
        assert_eq!(scene.witness.disconnect(&scene.handle, "again", 3_000_000), 0);
        peer.close();
        scene.expect_all(&scene.discarded());
        scene.witness.expect(["bye: failed -3", "again: failed -3", "lost"]);
        let left = scene.left();
        scene.end(&left);
    }
}

#[test]
fn a_second_disconnect_behind_the_first() {
    let (scene, mut peer) = Scene::busy(4, true);
    assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 100), 0);
    assert_eq!(scene.witness.disconnect(&scene.handle, "again", 3_600_000), 0);
    peer.expect(DISCONNECT);
    peer.expect_end();
    scene.expect_all(&scene.discarded());
    scene.witness.expect(["bye: done", "again: failed -3"]);
    let left = scene.left();
    scene.end(&left);
}

#[test]
fn the_end_of_the_client() {
    for (version, kept) in SESSIONS {
        for waits in [false, true] {
            let (scene, mut peer) = Scene::busy(version, kept);
            let mut expected = [failed(&SENT), failed(&QUEUED)].concat();
            if waits {
                assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 3_600_000), 0);
                expected.push("bye: failed -11".to_owned());
            }
            scene.end(&expected);
            peer.expect(DISCONNECT);
            peer.expect_end();
        }
    }
}

#[test]
fn the_end_of_the_client_behind_a_disconnect() {
    for (version, kept) in SESSIONS {
        let (scene, mut peer) = Scene::busy(version, kept);
        assert_eq!(scene.witness.disconnect(&scene.handle, "bye", 0), 0);
        // Whether the disconnect is through or not: no more and no less than one result for each.
        let mut told = scene.witness.close(scene.handle);
        told.sort();
        let done = told.contains(&"bye: done".to_owned());
        let bye = if done { "bye: done" } else { "bye: failed -11" };
        let mut expected = [failed(&SENT), failed(&QUEUED), vec![bye.to_owned()]].concat();
        expected.sort();
        assert_eq!(told, expected);
        while peer.next().is_some() {}
    }
}

#[test]
fn a_later_connection_that_resumes_the_session() {
    for (version, kept) in SESSIONS {
        let (scene, peer) = Scene::busy(version, kept);
        peer.close();
        scene.witness.until("lost");
        let mut peer = scene.connected(kept);
        if kept {
            assert_eq!(peer.expect(PUBREL).id(), 1);
            let again = peer.expect(PUBLISH);
            assert!(again.publish().dup && again.id() == 3);
            peer.send(&acknowledgement(PUBCOMP, 1));
            peer.send(&acknowledgement(PUBACK, 3));
        }
        assert_eq!(peer.expect(PUBLISH).id(), 5);
        assert_eq!(peer.expect(PUBLISH).publish().qos, 0);
        peer.send(&acknowledgement(PUBACK, 5));
        let mut told = scene.witness.until("queued: done");
        told.sort();
        let mut expected = vec!["complete 5", "connect: done", "connected", "queued too: done"];
        if kept {
            expected.extend(["complete 1", "complete 3", "flies: done", "released: done"]);
            expected.sort();
        }
        assert_eq!(told, expected);
        scene.end(&[]);
    }
}

#[test]
fn a_later_connection_whose_session_is_new() {
    for (version, kept) in SESSIONS {
        let (mut scene, peer) = Scene::busy(version, kept);
        peer.close();
        scene.witness.until("lost");
        scene.kept = false;
        let mut peer = scene.connected(false);
        assert_eq!(peer.expect(PUBLISH).id(), 5);
        assert_eq!(peer.expect(PUBLISH).publish().qos, 0);
        let told = scene.witness.until("connected");
        let expected = if kept { failed(&SENT_AND_KEPT) } else { Vec::new() };
        let (last, before) = told.split_last().unwrap();
        assert_eq!((before, last.as_str()), (expected.as_slice(), "connect: done"));
        peer.send(&acknowledgement(PUBACK, 5));
        scene.witness.until("queued: done");
        scene.end(&[]);
    }
}

#[test]
fn a_message_of_qos_0_that_is_half_written() {
    for end_of_client in [false, true] {
        let scene = Scene::new(4, true);
        let peer = scene.connected(false);
        scene.witness.expect(["connect: done", "connected"]);
        // More than the buffers of both ends take.
        assert_eq!(scene.witness.send_large(&scene.handle, "half", 0, 4, 50_000_000), 0);
        assert_eq!(scene.witness.send(&scene.handle, "behind", 0, 4), 0);
        assert_eq!(pending(&scene.handle), [0], "only what is not being written");
        if end_of_client {
            scene.end(&failed(&["half", "behind"]));
            continue;
        }
        peer.close();
        scene.witness.expect(["half: failed -11", "lost"]);
        scene.end(&failed(&["behind"]));
    }
}

#[test]
fn an_attempt_that_fails() {
    for version in [4, 5] {
        let scene = Scene::new(version, false);
        let refused = if version == 5 { "failed -1 because 135" } else { "failed 5" };
        scene.connect_named("refused");
        let mut peer = scene.listener.accept();
        let code = if version == 5 { 135 } else { 5 };
        peer.expect(CONNECT);
        peer.send(&connack(version as u8, false, code, &[]));
        peer.expect_end();
        assert_eq!(scene.witness.next(), format!("refused: {refused}"));

        scene.connect_named("closed");
        let mut peer = scene.listener.accept();
        peer.expect(CONNECT);
        peer.close();
        scene.witness.expect(["closed: failed -1"]);

        scene.connect_named("nonsense");
        let mut peer = scene.listener.accept();
        peer.expect(CONNECT);
        peer.send(b"HTTP/1.1 400 Bad Request\r\n");
        scene.witness.expect(["nonsense: failed -1"]);

        let mut options = connect_options(version);
        options.connectTimeout = 0;
        assert_eq!(scene.witness.connect(&scene.handle, "at once", options), 0);
        scene.witness.expect(["at once: failed -1"]);

        options.connectTimeout = 1;
        let started = Instant::now();
        assert_eq!(scene.witness.connect(&scene.handle, "late", options), 0);
        // What is left of the attempt that had no time comes first, if at all.
        let mut peer = scene.listener.accept();
        while peer.next().is_none() {
            peer = scene.listener.accept();
        }
        scene.witness.expect(["late: failed -1"]);
        assert!(started.elapsed() >= Duration::from_millis(990));
        peer.expect_end();
        scene.end(&[]);
    }
}

#[test]
fn an_attempt_that_is_given_up() {
    let scene = Scene::new(4, false);
    assert_eq!(scene.witness.send(&scene.handle, "waits", 1, 4), 0);
    scene.connect_named("first");
    let mut first = scene.listener.accept();
    first.expect(CONNECT);
    scene.connect_named("second");
    scene.witness.expect(["first: failed -11"]);
    assert_eq!(scene.witness.disconnect(&scene.handle, "refused", 0), -3);
    scene.witness.expect(["second: failed -11"]);
    first.expect_end();
    scene.connect_named("third");
    let mut third = scene.listener.accept();
    third.expect(CONNECT);
    scene.end(&failed(&["third", "waits"]));
    third.expect_end();
}

#[test]
fn an_attempt_that_meets_a_black_hole() {
    // Nobody accepts, and no more connections fit in the queue of the system.
    let (hole, _queue) = black_hole();
    let witness = Witness::new();
    let uri = CString::new(format!("tcp://{}", hole.local_addr().unwrap())).unwrap();
    let handle = Handle::to(&uri, 4);
    let options = MQTTAsync_connectOptions { connectTimeout: 1, ..connect_options(4) };
    assert_eq!(witness.connect(&handle, "late", options), 0);
    witness.expect(["late: failed -1"]);
    assert_eq!(witness.connect(&handle, "given up", connect_options(4)), 0);
    assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, ptr::null()) }, -3);
    witness.expect(["given up: failed -11"]);
    assert_eq!(witness.connect(&handle, "destroyed", connect_options(4)), 0);
    assert_eq!(witness.close(handle), ["destroyed: failed -11"]);
}
