//! What belongs to whom, and until when: callbacks until the end of their handle, messages to the program.

use crate::support::abi::V3_1_1;
use crate::support::broker::{Broker, Reaction};
use crate::support::callbacks::{ALL, Event, Verdict};
use crate::support::client::Client;
use crate::support::library::{library_path, testing_the_original};
use crate::support::message::Delivered;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::version;
use crate::support::packet::PUBLISH;
use crate::support::program::{Running, compile};
use crate::support::wait::{LIMIT, next};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a call that must wait is watched.
const WHILE: Duration = Duration::from_millis(200);

/// A broker that sends back what it gets, with the same QoS.
fn echo() -> Broker {
    let id = AtomicUsize::new(0);
    Broker::with(move |incoming| match incoming.packet.kind() {
        PUBLISH => {
            let mut publish = incoming.packet.publish();
            let answer = crate::support::broker::polite_answer(&incoming.packet).unwrap_or_default();
            publish.id = (id.fetch_add(1, Ordering::Relaxed) % 65535 + 1) as u16;
            Reaction::Send([answer, publish.encode(incoming.packet.level)].concat())
        }
        _ => Reaction::Answer,
    })
}

/// A client whose handler, once inside, stays there until told to go on, or until the time is over.
struct Held {
    client: crate::support::client::Owner,
    entered: Receiver<()>,
    go_on: std::sync::mpsc::Sender<()>,
    /// Whether it was told.
    left: Receiver<bool>,
    _broker: Broker,
}

fn hold_inside_message_arrived() -> Held {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    let ((enter, entered), (go_on, wait), (leave, left)) = (channel(), channel::<()>(), channel());
    let ends = Mutex::new((enter, wait, leave));
    client.on_event(ALL, move |_, event| {
        if let Event::Message(_) = event {
            let (enter, wait, leave) = &*ends.lock().unwrap();
            let _ = enter.send(());
            let told = wait.recv_timeout(WHILE).is_ok();
            let _ = leave.send(told);
        }
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
    client.publish_ok("t", 0, b"");
    next(&entered, "messageArrived");
    Held { client, entered, go_on, left, _broker: broker }
}

impl Held {
    /// `end` has ended the handle's callbacks: the running one had to return before, no other one follows.
    fn check(self, end: impl Fn(&Client)) {
        end(&self.client);
        let _ = self.go_on.send(());
        assert!(!next(&self.left, "the end of messageArrived"), "it was still running");
        self.client.destroy();
        while self.entered.try_recv().is_ok() {}
        while self.left.try_recv().is_ok() {}
        assert!(self.entered.recv_timeout(WHILE).is_err(), "a callback ran after the handle's end");
    }
}

#[test]
fn no_callback_runs_once_disconnect_has_returned() {
    let held = hold_inside_message_arrived();
    held.check(|client| assert_eq!(client.disconnect(0), 0));
}

#[test]
fn no_callback_runs_once_destroy_has_returned() {
    hold_inside_message_arrived().check(Client::destroy);
}

#[test]
fn messages_belong_to_the_program() {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    client.on_event(ALL, move |_, event| {
        if let Event::Message(message) = event {
            let _ = sender.lock().unwrap().send(message.clone());
        }
        Verdict::Keep
    });
    client.connect_ok(&version(V3_1_1));
    for qos in 0..3 {
        client.publish_ok("topic", qos, &[b'a' + qos as u8; 1000]);
    }
    let kept: Vec<Delivered> = (0..3).map(|_| next(&receiver, "a message")).collect();
    client.disconnect(1000);
    client.destroy();
    for message in kept {
        let pointer = message.pointers.message as *mut crate::support::abi::Message;
        let again = Delivered::read(message.pointers.topic as *mut _, 0, pointer);
        assert_eq!(again, message, "unchanged after destroy");
        message.free();
    }
}

#[test]
fn received_messages_belong_to_the_program() {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("topic", 0, b"payload");
    let (code, message) = client.receive_and_keep(LIMIT);
    assert_eq!(code, 0);
    let message = message.unwrap();
    client.destroy();
    let pointer = message.pointers.message as *mut crate::support::abi::Message;
    assert_eq!(Delivered::read(message.pointers.topic as *mut _, 5, pointer).payload, b"payload");
    message.free();
}

/// Runs `tests/c/handles.c`.
fn expect_of_handles(what: &str, value: &str) {
    let directory = Directory::new("handles");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("handles.c", &[headers, "-ldl"], &directory);
    let mut command = Command::new(program);
    command.arg(library_path()).args([what, value]);
    let ended = Running::start(&mut command).wait(LIMIT * 4);
    assert!(ended.status.success(), "{ended:?}");
}

#[test]
fn a_handle_given_as_context_by_mistake_can_be_read() {
    if !testing_the_original() {
        let broker = Mosquitto::start();
        expect_of_handles("context", &broker.uri());
    }
}

#[test]
fn a_handle_that_is_gone_is_not_soon_that_of_another_client() {
    if !testing_the_original() {
        expect_of_handles("rotation", "20000");
    }
}
