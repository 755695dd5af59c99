//! Clients of both interfaces that are killed while they publish, and what has to be true of it afterwards.

use crate::support::ledger::Ledger;
use crate::support::library::library_path;
use crate::support::mosquitto::Directory;
use crate::support::store_client::{StoreClient, StoreProgram};
use crate::support::wait::until;
use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};

/// Which interface the program uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Api {
    Synchronous,
    Asynchronous,
}

/// A program, a broker, and a directory for stores.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) level: u8,
    pub(crate) program: StoreProgram,
    pub(crate) ledger: Ledger,
    pub(crate) directory: Directory,
}

impl World {
    pub(crate) fn new(api: Api, level: u8) -> World {
        let program = match api {
            Api::Synchronous => StoreProgram::new(),
            Api::Asynchronous => StoreProgram::asynchronous(),
        };
        World { api, level, program, ledger: Ledger::new(), directory: Directory::new("kill") }
    }

    /// The same program with a new broker and an empty directory.
    pub(crate) fn renew(&mut self) {
        (self.ledger, self.directory) = (Ledger::new(), Directory::new("kill"));
    }

    /// Starts a client that is not connected.
    pub(crate) fn create(&self) -> StoreClient {
        let mut client = self.program.start(&library_path(), &self.ledger.broker.uri());
        let options = if self.api == Api::Asynchronous { " o" } else { "" };
        let create = format!("create id 0 {} {}{options}", self.directory.path().display(), self.level);
        client.expect(&create, "create 0");
        client
    }

    /// Starts a client, and connects it.
    pub(crate) fn start(&self) -> StoreClient {
        let mut client = self.create();
        client.expect("connect 0", "connect 0");
        client
    }

    /// The command that publishes a message, and the answer when it has been taken with this token.
    pub(crate) fn publish(&self, qos: u8, payload: &str, token: u16) -> (String, String) {
        let word = if self.api == Api::Asynchronous { "send" } else { "publish" };
        (format!("{word} {qos} t {payload}"), format!("{word} 0 {token}"))
    }

    /// Starts a client once more, completes what is pending, and ends it.
    pub(crate) fn finish(&self) {
        let mut client = self.start();
        until("the end of what is pending", || {
            if self.api == Api::Synchronous {
                client.ask("receive 1");
            }
            client.ask("pending") == "pending 0"
        });
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        client.end();
        assert!(self.ledger.is_settled(), "everything was released");
        assert!(fs::read_dir(self.directory.path()).unwrap().next().is_none(), "nothing is left");
    }
}

/// The numbers in lines that begin with this word.
fn numbers(lines: &[String], word: &str) -> Vec<u64> {
    let of = |line: &String| line.strip_prefix(word)?.split(' ').nth(1)?.parse().ok();
    lines.iter().filter_map(of).collect()
}

/// Lets a client publish until it is killed at a random moment, again and again. What publish had taken arrives, at QoS
/// 2 once. How many messages it was.
pub(crate) fn kill_under_load(api: Api, level: u8, qos: u8, times: usize) -> usize {
    let world = World::new(api, level);
    let random = RandomState::new();
    let (mut next, mut returned) = (1, Vec::new());
    for time in 0..times {
        let mut hasher = random.build_hasher();
        hasher.write_usize(time);
        let lines_until_kill = hasher.finish() % 150;
        let mut client = world.create();
        if api == Api::Synchronous && time % 2 == 0 {
            client.expect("callbacks", "callbacks 0");
        }
        if api == Api::Synchronous || time % 3 != 0 {
            client.expect("connect 0", "connect 0");
        }
        client.tell(&format!("flood {qos} t {next}"));
        let mut lines: Vec<String> = (0..lines_until_kill).map_while(|_| client.line()).collect();
        lines.extend(client.kill());
        assert!(lines.iter().all(|line| !line.starts_with("flooded") || line.ends_with(" 0")), "{lines:?}");
        returned.extend(numbers(&lines, "flooded"));
        next = numbers(&lines, "trying").into_iter().max().unwrap_or(next - 1) + 1;
    }
    world.finish();
    for number in &returned {
        assert!(world.ledger.arrived(&number.to_string()) >= 1, "{number} is lost");
    }
    let most = world.ledger.book.lock().unwrap().arrived.values().copied().max();
    assert!(qos == 1 || most == Some(1), "some message of QoS 2 has arrived {most:?} times");
    returned.len()
}
