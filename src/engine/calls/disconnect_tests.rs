//! What is taken while the client ends has a result.

use super::*;
use crate::engine::application::Application;
use crate::engine::inbox::message::Message;
use crate::engine::requester::{Completion, Requester};
use crate::engine::stand_ins::{StandIn, connect, message, server};
use crate::protocol::{QoS, Version};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

/// Counts the results of requests.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Application for Counter {
    fn message_arrived(&self, _: &mut Message) -> bool {
        true
    }

    fn completed(&self, _: &Completion) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_is_taken_while_destroy_waits_for_a_slow_writer_has_a_result() {
    let results = Arc::new(Counter::default());
    let client = Client::new_asynchronous(server(), b"c", 4, results.clone(), BufferOptions::default());
    let stream = StandIn::new(&[]);
    connect(&client, &mut client.state.lock(), stream.clone(), Version::V311);
    let (writing, written) = (channel(), channel());
    stream.happens_during_write(move || {
        writing.0.send(()).unwrap();
        written.1.recv().unwrap();
    });
    let send = || {
        client
            .send(&message(b"t", QoS::AtLeastOnce), Some(Requester([MaybeUninit::uninit(); 5])), |_| {})
            .is_ok()
    };
    let is_closing =
        || client.state.lock().connection.as_ref().is_none_or(|connection| !connection.is_established());
    thread::scope(|scope| {
        let first = scope.spawn(send);
        writing.1.recv().unwrap();
        let end = scope.spawn(|| client.destroy());
        while !is_closing() {
            thread::yield_now();
        }
        // Destroy has given up waiting for the writer once: this is in time for the second wait, or not taken.
        let second = send();
        end.join().unwrap();
        written.0.send(()).unwrap();
        assert!(first.join().unwrap());
        assert_eq!(results.0.load(Ordering::Relaxed), 1 + usize::from(second));
    });
}
