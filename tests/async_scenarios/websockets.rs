//! Many clients of one process over WebSockets at once.

use crate::async_support::handle::*;
use crate::support::c_interface::*;
use crate::support::mosquitto::Mosquitto;
use crate::support::wait::next;
use crate::support::websocket::{is_one_packet, one_packet_server};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::mpsc::{Receiver, Sender, channel};

const CLIENTS: u32 = 50;
const MESSAGES: u32 = 20;

#[derive(Debug, PartialEq)]
enum Event {
    Done,
    Failed(c_int),
    Message { topic: CString, payload: Vec<u8> },
}

/// A client with a topic of its own.
struct Worker {
    number: u32,
    topic: CString,
    handle: Handle,
    /// A sender of events, which stays for ever.
    context: *mut c_void,
    events: Receiver<Event>,
}

impl Worker {
    /// Asks for a connection.
    fn connect(uri: &CStr, number: u32) -> Worker {
        let name = CString::new(format!("own-{number}")).unwrap();
        let handle = Handle::named(&name, uri, &create_options(4));
        let (sender, events) = channel::<Event>();
        let context = Box::into_raw(Box::new(sender)).cast();
        let options = MQTTAsync_connectOptions {
            context,
            onSuccess: Some(succeeded),
            onFailure: Some(failed),
            ..connect_options(4)
        };
        unsafe {
            assert_eq!(MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None), 0);
            assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
        }
        Worker { number, topic: name, handle, context, events }
    }

    fn response(&self) -> MQTTAsync_responseOptions {
        MQTTAsync_responseOptions {
            context: self.context,
            onSuccess: Some(succeeded),
            onFailure: Some(failed),
            ..response_options()
        }
    }

    fn subscribe(&self) {
        let (topic, mut response) = (self.topic.as_ptr(), self.response());
        assert_eq!(unsafe { MQTTAsync_subscribe(self.handle.0, topic, 1, &raw mut response) }, 0);
    }

    /// No two messages of all clients are equal.
    fn payload(&self, round: u32) -> Vec<u8> {
        (0..round * 400 + self.number).map(|index| (index * (self.number + 1) + round) as u8).collect()
    }

    fn send(&self, round: u32) {
        let (payload, mut response) = (self.payload(round), self.response());
        let (topic, length) = (self.topic.as_ptr(), payload.len() as c_int);
        let payload = payload.as_ptr().cast();
        let code = unsafe { MQTTAsync_send(self.handle.0, topic, length, payload, 1, 0, &raw mut response) };
        assert_eq!(code, 0);
    }

    fn expect_done(&self) {
        assert_eq!(next(&self.events, "a result"), Event::Done, "client {}", self.number);
    }

    /// What was sent has come back, each once, and was acknowledged; nothing else came.
    fn expect_all(self) {
        let (mut done, mut rounds) = (0, 0..MESSAGES);
        while done < MESSAGES || !rounds.is_empty() {
            match next(&self.events, "a message or a result") {
                Event::Done => done += 1,
                Event::Failed(code) => panic!("client {}: {code}", self.number),
                Event::Message { topic, payload } => {
                    let round = rounds.next().expect("no message comes twice");
                    assert_eq!(topic, self.topic);
                    assert!(payload == self.payload(round), "client {}, round {round}", self.number);
                }
            }
        }
        drop(self.handle);
        assert_eq!(self.events.try_recv().ok(), None, "client {}", self.number);
    }
}

fn tell(context: *mut c_void, event: Event) {
    let sender = unsafe { &*context.cast::<Sender<Event>>() };
    let _ = sender.send(event);
}

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData) {
    tell(context, Event::Done);
}

unsafe extern "C" fn failed(context: *mut c_void, data: *mut MQTTAsync_failureData) {
    tell(context, Event::Failed(unsafe { (*data).code }));
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe {
        let payload = std::slice::from_raw_parts((*message).payload.cast(), (*message).payloadlen as usize);
        tell(context, Event::Message { topic: CStr::from_ptr(topic).into(), payload: payload.to_vec() });
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

#[test]
fn many_clients_do_not_mix_up_their_bytes() {
    let (_broker, port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    let uri = CString::new(format!("ws://127.0.0.1:{port}")).unwrap();
    let workers: Vec<Worker> = (0..CLIENTS).map(|number| Worker::connect(&uri, number)).collect();
    workers.iter().for_each(Worker::expect_done);
    workers.iter().for_each(Worker::subscribe);
    workers.iter().for_each(Worker::expect_done);
    // All have messages under way in both directions at the same time.
    for round in 0..MESSAGES {
        workers.iter().for_each(|worker| worker.send(round));
    }
    workers.into_iter().for_each(Worker::expect_all);
}

#[test]
fn each_packet_is_a_message_of_its_own() {
    let (port, messages) = one_packet_server();
    let worker = Worker::connect(&CString::new(format!("ws://127.0.0.1:{port}")).unwrap(), 0);
    worker.expect_done();
    // Their payloads grow to 80,000 bytes.
    (0..200).for_each(|round| worker.send(round));
    (0..200).for_each(|_| worker.expect_done());
    drop(worker);
    for number in 0..=201 {
        let message = next(&messages, "a packet");
        assert!(is_one_packet(&message), "{number}: {} bytes", message.len());
        assert_eq!(message[0] == 0xE0, number == 201);
    }
}
