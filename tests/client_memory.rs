//! What happens where memory is short: an error, and the program goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod support;

use support::abi::{DISCONNECTED, FAILURE, V3_1_1};
use support::broker::{Broker, Reaction};
use support::client::Client;
use support::options::version;
use support::packet::{PUBLISH, Publish};
use support::program::in_own_process;
use support::wait::LIMIT;

const MIB: usize = 1 << 20;
const OUT_OF_MEMORY: i32 = -99;

/// From now on this process gets only so much memory beyond what it has.
fn limit_memory(beyond: usize) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let used = pages.split(' ').next().unwrap().parse::<usize>().unwrap() * 4096;
    let limit = (used + beyond) as libc::rlim_t;
    let limits = libc::rlimit { rlim_cur: limit, rlim_max: limit };
    // SAFETY: the structure lives through the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limits) }, 0);
}

/// A broker that answers any message of QoS 0 by one that is larger than what a client has left.
fn broker() -> Broker {
    Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().qos == 0 => {
            Reaction::Send(Publish::new("large", 0, 0, &vec![0; 150 * MIB]).encode(4))
        }
        _ => Reaction::Answer,
    })
}

#[test]
fn a_message_that_does_not_fit_is_an_error() {
    let broker = broker();
    in_own_process("a_message_that_does_not_fit_is_an_error_child", &[("TEST_URI", &broker.uri())]);
}

#[test]
#[ignore = "run by a_message_that_does_not_fit_is_an_error in a process of its own"]
fn a_message_that_does_not_fit_is_an_error_child() {
    let uri = std::env::var("TEST_URI").unwrap();
    let payload = vec![0; 100 * MIB];
    let client = Client::new(&uri, V3_1_1);
    client.connect_ok(&version(V3_1_1));
    limit_memory(64 * MIB);
    assert_eq!(client.publish("t", 1, &payload), (OUT_OF_MEMORY, None));
    let token = client.publish_ok("t", 1, b"small");
    assert_eq!(client.wait(token, LIMIT), 0, "the connection goes on");
    client.publish_ok("t", 0, b"send something large");
    assert_eq!(client.receive(LIMIT), (FAILURE, None));
    assert_eq!(client.receive(LIMIT), (DISCONNECTED, None));
    client.connect_ok(&version(V3_1_1));
}

#[test]
fn the_first_client_of_a_small_process_finds_room_for_its_handle() {
    in_own_process("the_first_client_of_a_small_process_finds_room_for_its_handle_child", &[]);
}

#[test]
#[ignore = "run by the_first_client_of_a_small_process_finds_room_for_its_handle in a process of its own"]
fn the_first_client_of_a_small_process_finds_room_for_its_handle_child() {
    let broker = Broker::polite();
    support::library::library();
    limit_memory(10 * MIB);
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
}
