//! What is under way while the lock is released belongs to one attempt to connect.

use super::*;
use crate::engine::connecting::plan::ConnectPlan;
use crate::engine::stand_ins::{Nobody, server};
use crate::protocol::{PacketId, Version};
use crate::session::BufferOptions;
use std::thread;
use std::time::Duration;

fn client() -> Arc<Client> {
    Client::new_asynchronous(server(), b"c", 4, Arc::new(Nobody), BufferOptions::default())
}

/// It leads to no server.
fn plan() -> ConnectPlan {
    ConnectPlan {
        servers: vec![None],
        version: Some(Version::V311),
        clean: true,
        connect_timeout: Duration::from_secs(1),
        user_name: Some(b"late".to_vec()),
        maximum_in_flight: 10,
        ..ConnectPlan::default()
    }
}

fn is_idle(state: &State) -> bool {
    matches!(state.connector.phase(), Phase::Idle)
}

#[test]
fn credentials_that_were_asked_for_before_another_connect_are_not_used() {
    let client = client();
    let renewed = Some((Some(b"early".to_vec()), None));
    let mut state = client.state.lock();
    (0..2).for_each(|_| state.connector.begin_generation());
    state.connector.begin(Arc::new(plan()), None);
    state.connector.begin_renewal();
    client.take_credentials(&mut state, 1, renewed.clone());
    assert!(!is_idle(&state));
    client.take_credentials(&mut state, 2, renewed);
    assert!(is_idle(&state));
    assert_eq!(state.connector.begin_renewal().0.as_deref(), Some(b"early".as_slice()));
}

#[test]
fn no_connection_is_begun_while_a_client_is_being_destroyed() {
    let client = client();
    let mut state = client.state.lock();
    state.connector.begin_opening(&client.server, false);
    assert!(state.connector.take_opening(|_| {}).is_some());
    // A callback of another client runs, so that destroy waits for this one's.
    assert!(client.lane().enter());
    state.deliveries.push_notice(Notice::DeliveryComplete(PacketId::new(1).unwrap()));
    drop(state);
    thread::scope(|scope| {
        let destroying = scope.spawn(|| client.destroy());
        let mut seen = false;
        while !seen && !destroying.is_finished() {
            let state = client.state.lock();
            seen = state.destroyed && state.calls.is_one_asleep();
        }
        let is_idle = is_idle(&client.state.lock());
        // Destroy waits for the other callback, because it has a delivery to report.
        client.lane().leave();
        assert!(seen, "destroy has not waited");
        assert!(is_idle);
    });
}
