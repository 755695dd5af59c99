//! Messages on their way to a client whose connections are cut, or whose process is killed.

use crate::store_support::world::Api;
use crate::support::library::library_path;
use crate::support::mosquitto::Directory;
use crate::support::outbox::{Outbox, qos_of};
use crate::support::store_client::{StoreClient, StoreProgram};
use crate::support::tracer::kill_at;
use crate::support::wait::until;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};

struct World {
    api: Api,
    level: u8,
    program: StoreProgram,
    directory: Directory,
    outbox: Outbox,
}

impl World {
    fn new(api: Api, level: u8, outbox: Outbox) -> World {
        let program = match api {
            Api::Synchronous => StoreProgram::new(),
            Api::Asynchronous => StoreProgram::asynchronous(),
        };
        World { api, level, program, directory: Directory::in_memory("incoming"), outbox }
    }

    fn has_records(&self) -> bool {
        let stores = fs::read_dir(self.directory.path()).unwrap().map(|store| store.unwrap().path());
        let files =
            stores.flat_map(|store| fs::read_dir(store).unwrap()).map(|file| file.unwrap().file_name());
        files.filter(|name| !name.to_string_lossy().starts_with("tmp-")).count() > 0
    }

    /// Starts a client that tells of each message, and connects it.
    fn start(&self) -> StoreClient {
        let mut client = self.program.start(&library_path(), &self.outbox.broker.uri());
        client.expect(
            &format!("create id 0 {} {} ta", self.directory.path().display(), self.level),
            "create 0",
        );
        if self.api == Api::Synchronous {
            client.expect("callbacks", "callbacks 0");
        }
        client.expect("connect 0", "connect 0");
        client
    }
}

/// The number in a line about a received message.
fn number(line: &str) -> Option<usize> {
    line.strip_prefix("arrived ")?.split(' ').nth(1)?.parse().ok()
}

/// How many different messages these are.
fn distinct(arrived: &[usize]) -> usize {
    arrived.iter().collect::<HashSet<_>>().len()
}

/// For the first time the messages of a QoS arrived in the order of sending.
fn check_order(arrived: &[usize], qos: u8) {
    let mut seen = HashSet::new();
    let first: Vec<usize> =
        arrived.iter().copied().filter(|number| qos_of(*number) == qos && seen.insert(*number)).collect();
    assert!(first.is_sorted(), "in order: {first:?}");
}

/// Kills the client after a random number of messages, again and again. Every message arrives; one of QoS 2 arrives twice
/// only if the program was killed while it was given that message.
pub(crate) fn kill_while_receiving(api: Api, level: u8, total: usize) -> usize {
    let world = World::new(api, level, Outbox::new(total));
    let random = RandomState::new();
    let (mut arrived, mut at_the_end, mut kills) = (Vec::new(), Vec::new(), 0);
    while distinct(&arrived) < total {
        let mut hasher = random.build_hasher();
        hasher.write_usize(kills);
        let (mut client, before) = (world.start(), arrived.len());
        for _ in 0..=hasher.finish() % 20 {
            if distinct(&arrived) < total {
                arrived.extend(number(&client.arrival().expect("all messages arrive")));
            }
        }
        arrived.extend(client.kill().iter().filter_map(|line| number(line)));
        at_the_end.extend(arrived[before..].last().copied());
        kills += 1;
    }
    let mut client = world.start();
    until("the end of the delivery", || world.outbox.is_done());
    // What the program was given when it was killed it is given again.
    until("the end of all records", || !world.has_records());
    client.expect("pending", "pending 0");
    arrived.extend(client.arrivals().iter().filter_map(|line| number(line)));
    client.expect("disconnect 0", "disconnect 0");
    client.expect("destroy", "destroy 0");
    client.end();
    assert!(fs::read_dir(world.directory.path()).unwrap().next().is_none(), "nothing is left");
    for number in (1..=total).filter(|number| qos_of(*number) == 2) {
        let times = arrived.iter().filter(|arrived| **arrived == number).count();
        let interrupted = at_the_end.iter().filter(|last| **last == number).count();
        assert!(times <= 1 + interrupted, "{number} arrived {times} times: {arrived:?} {at_the_end:?}");
    }
    check_order(&arrived, 1);
    check_order(&arrived, 2);
    kills
}

/// Kills an asynchronous client at every system call that it makes while it gets two messages. How many there were.
pub(crate) fn kill_at_every_system_call(level: u8) -> usize {
    let mut world = World::new(Api::Asynchronous, level, Outbox::new(2).wait_for_client());
    for stop in 1.. {
        let mut client = world.start();
        let killed = kill_at(&mut client, &["send 0 t go", "await 2"], stop);
        let before: Vec<usize> = client.kill().iter().filter_map(|line| number(line)).collect();
        let mut arrived = before.clone();
        // The process has ended while it was given the message: nobody can tell whether it has it.
        let interrupted = before.last().is_some_and(|number| qos_of(*number) == 2) && world.has_records();
        let mut client = world.start();
        until("the end of the delivery", || world.outbox.is_done());
        while distinct(&arrived) < 2 {
            arrived.extend(number(&client.arrival().expect("both messages arrive")));
        }
        until("the end of all records", || !world.has_records());
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        arrived.extend(client.arrivals().iter().filter_map(|line| number(line)));
        let times = arrived.iter().filter(|number| qos_of(**number) == 2).count();
        assert!(times <= 1 + usize::from(interrupted), "killed at stop {stop}: {before:?}, {arrived:?}");
        assert!(fs::read_dir(world.directory.path()).unwrap().next().is_none(), "nothing is left");
        if !killed {
            return stop - 1;
        }
        (world.outbox, world.directory) =
            (Outbox::new(2).wait_for_client(), Directory::in_memory("incoming"));
    }
    0
}

/// Cuts the connection at random moments: every message arrives, and those of QoS 2 once and in order. How often.
pub(crate) fn cut_while_receiving(level: u8, total: usize) -> usize {
    let world = World::new(Api::Asynchronous, level, Outbox::new(total));
    let mut client = world.start();
    world.outbox.cut(true);
    let mut arrived = Vec::new();
    while distinct(&arrived) < total {
        let line = client.arrival().expect("all messages arrive");
        arrived.extend(number(&line));
    }
    world.outbox.cut(false);
    until("the end of the delivery", || world.outbox.is_done());
    client.expect("pending", "pending 0");
    let told = client.kill();
    arrived.extend(told.iter().filter_map(|line| number(line)));
    let exactly: Vec<usize> = arrived.iter().copied().filter(|number| qos_of(*number) == 2).collect();
    assert!(exactly.is_sorted_by(|one, next| one < next), "once and in order: {exactly:?}");
    check_order(&arrived, 1);
    world.outbox.broker.connections() - 1
}
