//! While a thread is in a system call with the lock released, another one closes its connection and opens the next,
//! which the first must then not touch.

use super::*;
use crate::engine::RequestError;
use crate::engine::runtime::clock;
use crate::engine::stand_ins::{Nobody, StandIn, connect, message, server};
use crate::protocol::{Filter, PropertyView, QoS, SubscribeOptions};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

fn connected(version: Version, bytes: &[u8]) -> (Arc<Client>, Arc<StandIn>) {
    let client = Client::new(server(), b"c", version.level().into(), Arc::new(Nobody));
    let stream = StandIn::new(bytes);
    connect(&client, &mut client.state.lock(), stream.clone(), version);
    (client, stream)
}

/// The next connection of the client.
fn replace(client: &Arc<Client>, version: Version) -> impl FnOnce() + Send + 'static {
    let client = client.clone();
    move || connect(&client, &mut client.state.lock(), StandIn::new(&[]), version)
}

fn has_second_connection(client: &Client) -> bool {
    let state = client.state.lock();
    let stands = state
        .connection
        .as_ref()
        .is_some_and(|connection| connection.generation() == 2 && connection.is_established());
    stands && state.session.is_connected() && !state.deliveries.are_stopped()
}

#[test]
fn a_breach_of_the_protocol_ends_the_connection_on_which_it_came() {
    let (client, stream) = connected(Version::V5, &[0, 0]);
    // DISCONNECT with the reason is being written.
    stream.happens_during_write(replace(&client, Version::V5));
    let stream: Arc<dyn Stream> = stream;
    client.read(&mut client.state.lock(), &stream, 1);
    assert!(has_second_connection(&client));
    assert_eq!(client.state.lock().connector.cause(), "");
}

#[test]
fn a_request_fails_with_the_connection_on_which_it_went_out() {
    let (client, stream) = connected(Version::V311, &[]);
    client.set_command_timeout(Duration::from_millis(1));
    stream.happens_during_write(replace(&client, Version::V311));
    let options = SubscribeOptions::new(QoS::AtMostOnce);
    let answer = client.request(&[Filter { filter: b"t", options }], PropertyView::default());
    assert_eq!(answer.err(), Some(RequestError::Failed));
    assert!(has_second_connection(&client));
}

#[test]
fn a_disconnect_that_waits_for_messages_ends_the_connection_that_it_was_called_for() {
    let (client, stream) = connected(Version::V311, &[]);
    client.state.lock().session.publish(clock::now(), &message(b"t", QoS::AtLeastOnce)).unwrap();
    stream.happens_during_read(replace(&client, Version::V311));
    client.disconnect(Duration::from_secs(60), ReasonCode::SUCCESS, PropertyView::default());
    assert!(has_second_connection(&client));
}

#[test]
fn a_disconnect_stops_no_callbacks_of_a_later_connection() {
    let (client, stream) = connected(Version::V311, &[]);
    // DISCONNECT is being written.
    stream.happens_during_write(replace(&client, Version::V311));
    client.disconnect(Duration::ZERO, ReasonCode::SUCCESS, PropertyView::default());
    assert!(has_second_connection(&client));
}

/// A message of QoS 1 with identifier 5.
const MESSAGE: [u8; 7] = [0x32, 5, 0, 1, b't', 0, 5];
const MESSAGE_5: [u8; 8] = [0x32, 6, 0, 1, b't', 0, 5, 0];
const ACKNOWLEDGEMENT: [u8; 4] = [0x40, 2, 0, 5];
const DISCONNECT: [u8; 2] = [0xE0, 0];

#[test]
fn what_came_before_the_servers_disconnect_is_acknowledged_before_the_connection_is_closed() {
    let (client, stream) = connected(Version::V5, &[&MESSAGE_5[..], &DISCONNECT].concat());
    client.read(&mut client.state.lock(), &(stream.clone() as Arc<dyn Stream>), 1);
    assert_eq!(stream.written(), ACKNOWLEDGEMENT);
    assert_eq!(stream.ended(), ["our direction", "both directions"]);
}

#[test]
fn what_came_before_a_breach_is_acknowledged_before_the_connection_is_closed() {
    for (version, message) in [(Version::V311, &MESSAGE[..]), (Version::V5, &MESSAGE_5)] {
        let (client, stream) = connected(version, &[message, &[0, 0]].concat());
        client.read(&mut client.state.lock(), &(stream.clone() as Arc<dyn Stream>), 1);
        assert!(client.state.lock().connection.is_none());
        assert!(stream.written().starts_with(&ACKNOWLEDGEMENT), "{version:?}");
        assert_eq!(stream.ended(), ["our direction", "both directions"], "{version:?}");
    }
}

#[test]
fn a_thread_that_writes_still_sends_the_acknowledgements_of_a_connection_that_ends() {
    let (client, stream) = connected(Version::V5, &[&MESSAGE_5[..], &DISCONNECT].concat());
    let (writing, written) = (channel(), channel());
    stream.happens_during_write(move || {
        writing.0.send(()).unwrap();
        written.1.recv().unwrap();
    });
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut state = client.state.lock();
            state.session.outgoing().bytes().extend_from_slice(&[0xC0, 0]);
            client.flush(&mut state);
        });
        writing.1.recv().unwrap();
        scope.spawn(|| client.read(&mut client.state.lock(), &(stream.clone() as Arc<dyn Stream>), 1));
        let is_waited_for = || {
            let state = client.state.lock();
            state.connection.is_none() || state.calls.is_one_asleep()
        };
        while !is_waited_for() {
            thread::yield_now();
        }
        written.0.send(()).unwrap();
    });
    assert_eq!(stream.written(), [&[0xC0, 0][..], &ACKNOWLEDGEMENT].concat());
}
