//! Acknowledgements that belong to another kind of request, or come at another time: a message or subscription never ends
//! by one that is not its own, and always by the last that its server sends.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::{
    PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBSCRIBE, acknowledgement, acknowledgement_because, suback,
    unsuback,
};
use std::ffi::{CString, c_int};
use std::ptr;

/// A client with one message in flight at a time, and its server.
struct Scene {
    version: c_int,
    listener: Listener,
    handle: Handle,
    teller: Teller,
}

impl Scene {
    fn new(version: c_int) -> (Scene, Peer) {
        let (listener, teller) = (Listener::new(), Teller::new(Kind::Any));
        let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
        let scene = Scene { version, listener, handle, teller };
        let peer = scene.connect(false);
        (scene, peer)
    }

    /// The session is kept over the end of the connection.
    fn connect(&self, session_present: bool) -> Peer {
        let mut options = MQTTAsync_connectOptions {
            cleansession: 0,
            cleanstart: 0,
            maxInflight: 1,
            ..connect_options(self.version)
        };
        let mut list = NO_PROPERTIES;
        let expiry = MQTTProperty { identifier: 17, value: MQTTProperty_value { integer4: 1000 } };
        if self.version == 5 {
            assert_eq!(unsafe { MQTTProperties_add(&raw mut list, &raw const expiry) }, 0);
            options.connectProperties = &raw mut list;
        }
        self.teller.listen_to_connect(&mut options, self.version);
        assert_eq!(unsafe { MQTTAsync_connect(self.handle.0, &raw const options) }, 0);
        unsafe { MQTTProperties_free(&raw mut list) };
        let (peer, _) = self.listener.accept_client(session_present);
        self.is_told(&self.done(0));
        peer
    }

    /// The connection is cut, and another one made on which the server still has the session.
    fn resume(&self, peer: Peer) -> Peer {
        peer.close();
        until("the loss", || unsafe { MQTTAsync_isConnected(self.handle.0) } == 0);
        self.connect(true)
    }

    fn send(&self, qos: c_int) {
        let mut response = response_options();
        self.teller.listen(&mut response, self.version);
        let (topic, none) = (c"t".as_ptr(), ptr::null());
        assert_eq!(unsafe { MQTTAsync_send(self.handle.0, topic, 0, none, qos, 0, &raw mut response) }, 0);
    }

    fn done(&self, token: c_int) -> String {
        match self.version {
            5 => format!("5: {token} reason 0 [] done"),
            _ => format!("3: {token} done"),
        }
    }

    #[track_caller]
    fn is_told(&self, line: &str) {
        assert_eq!(self.teller.next(), line);
    }

    fn is_complete(&self, token: c_int) {
        unsafe {
            assert_eq!(MQTTAsync_waitForCompletion(self.handle.0, token, 10_000), 0);
            assert_eq!(MQTTAsync_isComplete(self.handle.0, token), 1);
        }
    }

    /// No further result of any request is reported.
    fn ends(self) {
        drop(self.handle);
        assert!(self.teller.told().is_empty());
    }
}

/// Some servers acknowledge messages of QoS 2 with PUBACK.
#[test]
fn puback_completes_a_message_of_qos_2_and_frees_its_place() {
    for (version, released) in [(4, false), (4, true), (5, false), (5, true)] {
        let (scene, mut peer) = Scene::new(version);
        scene.send(2);
        scene.send(1);
        assert_eq!(peer.expect(PUBLISH).id(), 1);
        if released {
            peer.send(&acknowledgement(PUBREC, 1));
            peer.expect(PUBREL);
        }
        peer.send(&acknowledgement(PUBACK, 1));
        scene.is_told(&scene.done(1));
        scene.is_complete(1);
        // There is room for the next one.
        assert_eq!(peer.expect(PUBLISH).id(), 2);
        peer.send(&acknowledgement(PUBACK, 2));
        scene.is_told(&scene.done(2));
        scene.ends();
    }
}

#[test]
fn puback_with_an_error_fails_a_message_of_qos_2() {
    for released in [false, true] {
        let (scene, mut peer) = Scene::new(5);
        scene.send(2);
        peer.expect(PUBLISH);
        if released {
            peer.send(&acknowledgement(PUBREC, 1));
            peer.expect(PUBREL);
        }
        peer.send(&acknowledgement_because(PUBACK, 1, 0x87));
        scene.is_told("5: 1 failed 0 reason 135 [] packet 4 NULL");
        scene.is_complete(1);
        scene.ends();
    }
}

#[test]
fn pubrec_completes_a_message_of_qos_1_and_is_answered() {
    for version in [4, 5] {
        let (scene, mut peer) = Scene::new(version);
        scene.send(1);
        scene.send(1);
        assert_eq!(peer.expect(PUBLISH).id(), 1);
        peer.send(&acknowledgement(PUBREC, 1));
        assert_eq!(peer.expect(PUBREL).id(), 1);
        scene.is_told(&scene.done(1));
        scene.is_complete(1);
        assert_eq!(peer.expect(PUBLISH).id(), 2);
        // What the server sends for that PUBREL is of no message any more.
        peer.send(&[acknowledgement(PUBCOMP, 1), acknowledgement(PUBACK, 2)].concat());
        scene.is_told(&scene.done(2));
        scene.ends();
    }
}

#[test]
fn pubrec_with_an_error_fails_a_message_of_qos_1_without_an_answer() {
    let (scene, mut peer) = Scene::new(5);
    scene.send(1);
    scene.send(1);
    peer.expect(PUBLISH);
    peer.send(&acknowledgement_because(PUBREC, 1, 0x87));
    scene.is_told("5: 1 failed 0 reason 135 [] packet 5 NULL");
    assert_eq!(peer.expect(PUBLISH).id(), 2, "the server does not wait for PUBREL");
    peer.send(&acknowledgement(PUBACK, 2));
    scene.is_told(&scene.done(2));
    scene.ends();
}

/// It may belong to an earlier message with this identifier.
#[test]
fn a_message_that_got_pubcomp_too_early_is_sent_again_on_the_next_connection() {
    for (version, qos) in [(4, 1), (4, 2), (5, 1), (5, 2)] {
        let (scene, mut peer) = Scene::new(version);
        scene.send(qos);
        peer.expect(PUBLISH);
        peer.send(&acknowledgement(PUBCOMP, 1));
        let mut peer = scene.resume(peer);
        let again = peer.expect(PUBLISH).publish();
        assert!(again.dup && again.id == 1);
        if qos == 2 {
            peer.send(&acknowledgement(PUBREC, 1));
            peer.expect(PUBREL);
        }
        peer.send(&acknowledgement(if qos == 2 { PUBCOMP } else { PUBACK }, 1));
        scene.is_told(&scene.done(1));
        scene.ends();
    }
}

#[test]
fn an_answer_to_a_subscription_is_none_to_a_message() {
    for version in [4, 5] {
        let (scene, mut peer) = Scene::new(version);
        let level = version as u8;
        for (token, qos) in [(1, 1), (2, 2)] {
            scene.send(qos);
            peer.expect(PUBLISH);
            let id = token as u16;
            peer.send(&[suback(level, id, &[0]), unsuback(level, id, &[0])].concat());
            if qos == 2 {
                peer.send(&acknowledgement(PUBREC, id));
                peer.expect(PUBREL);
                peer.send(&[suback(level, id, &[0]), unsuback(level, id, &[0])].concat());
            }
            assert_eq!(unsafe { MQTTAsync_isComplete(scene.handle.0, token) }, 0);
            peer.send(&acknowledgement(if qos == 2 { PUBCOMP } else { PUBACK }, id));
            scene.is_told(&scene.done(token));
        }
        scene.ends();
    }
}

#[test]
fn an_answer_to_a_message_is_none_to_a_subscription() {
    for version in [4, 5] {
        let (scene, mut peer) = Scene::new(version);
        let teller = Teller::new(Kind::Subscribe);
        let mut response = response_options();
        teller.listen(&mut response, version);
        assert_eq!(unsafe { MQTTAsync_subscribe(scene.handle.0, c"t".as_ptr(), 2, &raw mut response) }, 0);
        let (id, level) = (peer.expect(SUBSCRIBE).id(), version as u8);
        let others = [PUBACK, PUBREC, PUBCOMP].map(|kind| acknowledgement(kind, id)).concat();
        peer.send(&[others, unsuback(level, id, &[0]), suback(level, id, &[1])].concat());
        let granted = match version {
            5 => format!("5: {id} reason 1 [] subscribed [1]"),
            _ => format!("3: {id} subscribed 1"),
        };
        assert_eq!(teller.next(), granted);
        scene.ends();
        assert!(teller.told().is_empty());
    }
}

/// "No matching subscribers" is the usual one.
#[test]
fn every_success_has_reason_0() {
    let (scene, mut peer) = Scene::new(5);
    scene.send(1);
    peer.expect(PUBLISH);
    peer.send(&acknowledgement_because(PUBACK, 1, 0x10));
    scene.is_told(&scene.done(1));
    scene.send(2);
    peer.expect(PUBLISH);
    peer.send(&acknowledgement_because(PUBREC, 2, 0x10));
    peer.expect(PUBREL);
    peer.send(&acknowledgement(PUBCOMP, 2));
    scene.is_told(&scene.done(2));
    scene.ends();
}

#[test]
fn a_server_that_no_longer_knows_a_message_released_twice_has_it() {
    let (scene, mut peer) = Scene::new(5);
    scene.send(2);
    peer.expect(PUBLISH);
    peer.send(&acknowledgement(PUBREC, 1));
    peer.expect(PUBREL);
    let mut peer = scene.resume(peer);
    peer.expect(PUBREL);
    peer.send(&acknowledgement_because(PUBCOMP, 1, 0x92));
    scene.is_told(&scene.done(1));
    scene.is_complete(1);
    // Of a message that was released once it says that the server has lost it.
    scene.send(2);
    peer.expect(PUBLISH);
    peer.send(&acknowledgement(PUBREC, 2));
    peer.expect(PUBREL);
    peer.send(&acknowledgement_because(PUBCOMP, 2, 0x92));
    scene.is_told("5: 2 failed 0 reason 146 [] packet 7 NULL");
    scene.ends();
}
