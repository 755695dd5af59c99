//! Stores of programs whose functions fail, or use the client that calls them.

use crate::store_support::world::{Api, World};
use crate::support::packet::{PUBCOMP, PUBREL, Publish};
use crate::support::store_client::StoreClient;
use crate::support::wait::until;

const CASES: [(Api, u8); 4] =
    [(Api::Synchronous, 4), (Api::Synchronous, 5), (Api::Asynchronous, 4), (Api::Asynchronous, 5)];

fn create(world: &World, client: &mut StoreClient) -> String {
    let options = if world.api == Api::Asynchronous { " ot" } else { "" };
    client.ask(&format!("create id 2 . {}{options}", world.level))
}

/// A session with messages both ways, of which some of the store's calls fail. Then the store works again, and another
/// client takes up what is in it. False: no call has failed.
fn session(world: &World, first: usize, count: usize) -> bool {
    let mut client = world.start_program();
    client.expect(&format!("failcalls {first} {count}"), "failcalls 0");
    let created = create(world, &mut client);
    if created != "create 0" {
        // Without store, or in the asynchronous interface not at all.
        client.ask("destroy");
        client.expect("failcalls 0 0", "failcalls 0");
        assert_eq!(create(world, &mut client), "create 0");
    }
    client.expect("connect 0", "connect 0");
    let payloads = ["one", "two", "three"];
    let answers: Vec<String> = payloads
        .iter()
        .zip([1, 2, 2])
        .map(|(payload, qos)| client.ask(&world.publish(qos, payload, 0).0))
        .collect();
    world.settle(&mut client);
    world.ledger.broker.send(0, &Publish::new("t/i", 2, 7, b"incoming").encode(world.level));
    until("the end of the delivery", || {
        if world.api == Api::Synchronous {
            client.ask("receive 1");
        }
        client.ask("pending");
        world.ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBCOMP)
    });
    client.ask("disconnect 0");
    client.ask("destroy");
    let called: usize = client.ask("called").split(' ').nth(1).unwrap().parse().unwrap();
    client.expect("failcalls 0 0", "failcalls 0");
    assert_eq!(create(world, &mut client), "create 0");
    client.expect("connect 0", "connect 0");
    world.settle(&mut client);
    client.expect("disconnect 0", "disconnect 0");
    client.expect("destroy", "destroy 0");
    client.end();
    for (payload, answer) in payloads.iter().zip(&answers) {
        let (taken, refused) = (answer.contains(" 0 "), answer.contains(" -2 0"));
        let arrived = world.ledger.arrived(payload);
        assert!(taken != refused, "{answer}");
        // A record that could not be removed is sent again: also that of a request which was refused because its message
        // could not be kept as sent.
        let not_removed = usize::from(count > 1);
        let expected = if taken { 1..=2 } else { 0..=not_removed };
        assert!(expected.contains(&arrived), "{payload}: {answer}, arrived {arrived} times");
    }
    first <= called
}

fn calls_may_fail(api: Api, level: u8, count: usize) {
    let mut world = World::new(api, level);
    let mut first = 1;
    while session(&world, first, count) {
        world.renew();
        first += 1;
    }
    assert!(first > 10, "calls have failed");
    println!("each of {} calls has failed", first - 1);
}

#[test]
fn any_call_may_fail() {
    CASES.iter().for_each(|(api, level)| calls_may_fail(*api, *level, 1));
}

#[test]
fn all_calls_may_fail_from_any_on() {
    CASES.iter().for_each(|(api, level)| calls_may_fail(*api, *level, 1000));
}

/// They would wait for themselves; they are told that there is no such client.
#[test]
fn functions_of_a_store_cannot_use_clients() {
    for (api, level) in CASES {
        let world = World::new(api, level);
        world.ledger.ignore(&[(PUBREL, 2)]);
        let mut client = world.start_program();
        client.expect("inside 1", "inside 0");
        assert_eq!(create(&world, &mut client), "create 0");
        client.expect("connect 0", "connect 0");
        for (qos, payload, token) in [(1, "one", 1), (2, "two", 2)] {
            let (command, answer) = world.publish(qos, payload, token);
            client.expect(&command, &answer);
        }
        until("the release", || {
            if api == Api::Synchronous {
                client.ask("receive 1");
            }
            world.ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREL)
        });
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        assert_eq!(create(&world, &mut client), "create 0");
        world.ledger.ignore(&[]);
        client.expect("connect 0", "connect 0");
        world.settle(&mut client);
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        client.expect("inside 0", "inside 0");
        assert_eq!((world.ledger.arrived("two"), world.ledger.arrived("inside")), (1, 0));
    }
}
