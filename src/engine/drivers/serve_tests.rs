//! When an acknowledgement goes out: with the answer of a callback, or by itself.

use super::*;
use crate::engine::application::Application;
use crate::engine::client::{Mode, PROCESS};
use crate::engine::inbox::message::Message;
use crate::engine::stand_ins::{StandIn, connect, message, server};
use crate::protocol::{PropertyView, QoS, ReasonCode, Version};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Does something on each message.
#[derive(Default)]
struct Program(OnceLock<Box<dyn Fn() + Send + Sync>>);

impl Application for Program {
    fn message_arrived(&self, _: &mut Message) -> bool {
        if let Some(reaction) = self.0.get() {
            reaction();
        }
        true
    }
}

/// A message of QoS 1 with identifier 5, its acknowledgement, and the answer of the application.
const MESSAGE: [u8; 7] = [0x32, 5, 0, 1, b't', 0, 5];
const ACKNOWLEDGEMENT: [u8; 4] = [0x40, 2, 0, 5];
const ANSWER: [u8; 5] = [0x30, 3, 0, 1, b'a'];

/// A client with callbacks whose server sends these bytes.
struct Scene {
    client: Arc<Client>,
    stream: Arc<StandIn>,
    program: Arc<Program>,
    pool: Arc<Pool>,
}

impl Scene {
    fn new(bytes: &[u8]) -> Scene {
        let (program, stream) = (Arc::<Program>::default(), StandIn::new(bytes));
        // One for itself: other tests have callbacks that take long.
        let pool = PROCESS.pool_in(&mut None).unwrap();
        let mut client = Client::new(server(), b"c", 4, program.clone());
        // Not the lane that the ticks of the pool look at, so that time changes nothing.
        Arc::get_mut(&mut client).unwrap().lane = Arc::new(Lane::shared()).into();
        let mut state = client.state.lock();
        state.mode = Mode::Pooled(Some(pool.clone()));
        connect(&client, &mut state, stream.clone(), Version::V311);
        state.deliveries.resume(true);
        drop(state);
        Scene { client, stream, program, pool }
    }

    /// What is written after the message has come, and what was by the time at which its callback has done this.
    fn written_during(&self, reaction: impl Fn(&Arc<Client>) + Send + Sync + 'static) -> [Vec<Vec<u8>>; 2] {
        let (client, stream) = (self.client.clone(), self.stream.clone());
        let during = Arc::new(Mutex::new(None));
        let first = during.clone();
        let reacts = move || {
            reaction(&client);
            first.lock().unwrap().get_or_insert_with(|| stream.writes());
        };
        assert!(self.program.0.set(Box::new(reacts)).is_ok());
        self.client.serve(1, Readiness { read: true, write: false }, &self.pool);
        let during = during.lock().unwrap().take().expect("the callback has run");
        [during, self.stream.writes()]
    }
}

fn answer(client: &Arc<Client>) {
    assert!(client.publish(&message(b"a", QoS::AtMostOnce), |_| {}).is_ok());
}

fn alone() -> Vec<Vec<u8>> {
    vec![ACKNOWLEDGEMENT.to_vec()]
}

#[test]
fn an_answer_of_the_callback_takes_the_acknowledgement_along() {
    let both = vec![[&ACKNOWLEDGEMENT[..], &ANSWER].concat()];
    assert_eq!(Scene::new(&MESSAGE).written_during(answer), [both.clone(), both]);
}

#[test]
fn an_answer_by_the_asynchronous_interface_does_so_too() {
    let both = vec![[&ACKNOWLEDGEMENT[..], &ANSWER].concat()];
    let scene = Scene::new(&MESSAGE);
    scene.client.state.lock().mode = Mode::Asynchronous(Some(scene.pool.clone()));
    let written = scene.written_during(|client| {
        assert!(client.send(&message(b"a", QoS::AtMostOnce), None, |_| {}).is_ok());
    });
    assert_eq!(written, [both.clone(), both]);
}

#[test]
fn an_answer_in_a_burst_takes_it_along_too() {
    let scene = Scene::new(&MESSAGE);
    let mut state = scene.client.state.lock();
    state.connection.as_mut().unwrap().serve_by_pool();
    let now = clock::now();
    while !state.calls.note_message(now) {}
    drop(state);
    let written = scene.written_during(|client| {
        answer(client);
    });
    assert_eq!(written[0], vec![[&ACKNOWLEDGEMENT[..], &ANSWER].concat()]);
}

#[test]
fn without_an_answer_it_goes_out_when_the_callback_has_returned() {
    assert_eq!(Scene::new(&MESSAGE).written_during(|_| {}), [vec![], alone()]);
}

#[test]
fn it_does_not_wait_for_the_end_of_a_callback_that_takes_long() {
    // What the tick does.
    let written = Scene::new(&MESSAGE).written_during(|client| client.read_on());
    assert_eq!(written, [alone(), alone()]);
}

#[test]
fn it_does_not_wait_where_the_callback_waits_for_the_server() {
    let written = Scene::new(&MESSAGE).written_during(|client| {
        let limit = Some(clock::after(Duration::ZERO));
        assert!(client.wait_until(&mut client.state.lock(), limit, |_| None::<()>).is_none());
    });
    assert_eq!(written, [alone(), alone()]);
}

#[test]
fn it_does_not_wait_where_more_than_one_message_has_come() {
    let both = vec![[ACKNOWLEDGEMENT, ACKNOWLEDGEMENT].concat()];
    let scene = Scene::new(&[MESSAGE, MESSAGE].concat());
    assert_eq!(scene.written_during(|_| {}), [both.clone(), both]);
}

#[test]
fn it_does_not_wait_while_a_call_waits_for_the_server() {
    let scene = Scene::new(&MESSAGE);
    scene.client.state.lock().calls.begin_awaiting_server();
    assert_eq!(scene.written_during(|_| {}), [alone(), alone()]);
}

#[test]
fn a_callback_that_disconnects_ends_the_connection_after_it() {
    let written = Scene::new(&MESSAGE).written_during(|client| {
        client.disconnect(Duration::ZERO, ReasonCode::SUCCESS, PropertyView::default());
    });
    assert_eq!(written[1].concat(), [&ACKNOWLEDGEMENT[..], &[0xE0, 0]].concat());
}

#[test]
fn where_another_thread_usually_answers_it_waits_a_moment_after_the_callback() {
    let scene = Scene::new(&[]);
    let mut state = scene.client.state.lock();
    state.session.outgoing().bytes().extend_from_slice(&ACKNOWLEDGEMENT);
    let connection = state.connection.as_mut().unwrap();
    connection.serve_by_pool();
    while !connection.expects_late_answer() {
        connection.note_held_sent();
        connection.begin_writing(false);
        connection.end_writing();
    }
    assert!(connection.hold(true));
    scene.client.send_held_unless_answered(&mut state);
    drop(state);
    assert!(scene.stream.writes().is_empty());
    scene.client.quick_ack_if_overdue(clock::now().plus_millis(1000));
    assert_eq!(scene.stream.writes(), alone());
    let mut state = scene.client.state.lock();
    let connection = state.connection.take().unwrap();
    assert!(!connection.expects_late_answer(), "none has come");
}
