//! What comes while connections are cut and processes are killed is delivered, and at QoS 2 once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test ends by failing")]

#[path = "store_support/incoming.rs"]
mod incoming;
mod support;
#[path = "store_support/world.rs"]
mod world;

use incoming::{cut_while_receiving, kill_at_every_system_call, kill_while_receiving};
use world::Api;

#[test]
fn while_the_process_is_killed() {
    for level in [4, 5] {
        println!("{} kills", kill_while_receiving(Api::Synchronous, level, 600));
    }
}

#[test]
fn while_an_asynchronous_client_is_killed() {
    for level in [4, 5] {
        println!("{} kills", kill_while_receiving(Api::Asynchronous, level, 600));
    }
}

#[test]
fn while_connections_are_cut() {
    for level in [4, 5] {
        println!("{} cuts", cut_while_receiving(level, 60));
    }
}

#[test]
fn at_every_system_call() {
    println!("killed at each of {} stops", kill_at_every_system_call(4));
}

#[test]
fn at_every_system_call_mqtt_5() {
    println!("killed at each of {} stops", kill_at_every_system_call(5));
}
