//! A disconnect of another thread ends a connect, wherever the lock is free meanwhile.

use super::*;
use crate::engine::connecting::plan::ConnectPlan;
use crate::engine::stand_ins::{Nobody, StandIn, connect, server};
use crate::protocol::Version;
use crate::transport::ServerUri;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

fn plan(server: &TcpListener) -> Arc<ConnectPlan> {
    let uri = format!("tcp://{}", server.local_addr().unwrap());
    Arc::new(ConnectPlan {
        servers: vec![Some(ServerUri::parse(&uri).unwrap())],
        version: Some(Version::V311),
        clean: true,
        connect_timeout: Duration::from_secs(2),
        maximum_in_flight: 10,
        ..ConnectPlan::default()
    })
}

#[test]
fn a_connect_that_was_interrupted_before_it_opens_a_connection_opens_none() {
    let client = Client::new(server(), b"c", 4, Arc::new(Nobody));
    let stream = StandIn::new(&[]);
    connect(&client, &mut client.state.lock(), stream.clone(), Version::V311);
    let other = client.clone();
    // The DISCONNECT of the connection before is being written.
    stream.happens_during_write(move || other.state.lock().connector.interrupt());
    let next = TcpListener::bind("127.0.0.1:0").unwrap();
    next.set_nonblocking(true).unwrap();
    assert!(client.connect(&plan(&next)).is_err());
    assert_eq!(next.accept().map(drop).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
}

#[test]
fn a_disconnect_before_connect_could_return_keeps_the_callbacks_stopped() {
    let client = Client::new(server(), b"c", 4, Arc::new(Nobody));
    let mut state = client.state.lock();
    connect(&client, &mut state, StandIn::new(&[]), Version::V311);
    // What a disconnect of another thread does, once the server has accepted.
    state.connector.interrupt();
    client.close(&mut state);
    state.deliveries.stop();
    assert!(client.begin_service(&mut state).is_err());
    assert!(state.deliveries.are_stopped());
}
