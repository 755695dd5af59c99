//! What the tests of stores share: clients of either interface with their stores, and a broker that keeps count.

use crate::support::ledger::Ledger;
use crate::support::library::library_path;
use crate::support::mosquitto::Directory;
use crate::support::store_client::{StoreClient, StoreProgram};
use crate::support::wait::until;
use std::fs;

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
        World { api, level, program, ledger: Ledger::new(), directory: Directory::in_memory("kill") }
    }

    /// The same program with a new broker and an empty directory.
    pub(crate) fn renew(&mut self) {
        (self.ledger, self.directory) = (Ledger::new(), Directory::in_memory("kill"));
    }

    pub(crate) fn start_program(&self) -> StoreClient {
        self.program.start(&library_path(), &self.ledger.broker.uri())
    }

    /// Starts a client that is not connected.
    pub(crate) fn create(&self) -> StoreClient {
        let mut client = self.start_program();
        self.create_in(&mut client);
        client
    }

    /// Makes a client in a program that has none.
    pub(crate) fn create_in(&self, program: &mut StoreClient) {
        let options = if self.api == Api::Asynchronous { " ot" } else { "" };
        let create = format!("create id 0 {} {}{options}", self.directory.path().display(), self.level);
        program.expect(&create, "create 0");
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

    /// Waits until nothing is pending.
    pub(crate) fn settle(&self, client: &mut StoreClient) {
        until("the end of what is pending", || {
            if self.api == Api::Synchronous {
                client.ask("receive 1");
            }
            client.ask("pending") == "pending 0"
        });
    }

    /// Starts a client once more, completes what is pending, and ends it.
    pub(crate) fn finish(&self) {
        let mut client = self.start();
        self.settle(&mut client);
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        client.end();
        assert!(self.ledger.is_settled(), "everything was released");
        assert!(fs::read_dir(self.directory.path()).unwrap().next().is_none(), "nothing is left");
    }
}
