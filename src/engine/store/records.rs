//! The records of messages in flight, while a client works. Everything happens under the client's lock, and
//! before the bytes that follow from it are written.

use std::collections::HashMap;
use std::fmt;

use crate::engine::requester::Session;
use crate::persistence::{Key, Kind, Sequence, Store, StoreError, packet_image};
use crate::protocol::{PacketId, Version};
use crate::session::{Moment, OutgoingPublish, RequestError, Sent, StoreCommand, StoredRequest};
use crate::trace::{Level, trace};

/// The uses of a client's store, beside messages in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreOptions {
    /// Requests and received messages of an earlier life are taken up; otherwise they are removed.
    pub restores_queues: bool,
    /// Messages of QoS 0 that wait to be sent are kept too.
    pub keeps_at_most_once: bool,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions { restores_queues: true, keeps_at_most_once: true }
    }
}

/// The open store of a client.
pub(super) struct Records {
    pub(super) store: Box<dyn Store>,
    pub(super) options: StoreOptions,
    /// The client queues requests, and a store is for them too.
    pub(super) has_requests: bool,
    /// The client is one for MQTT 5.
    pub(super) version_5: bool,
    /// Numbers of received messages.
    pub(super) queue: Sequence,
    /// Numbers of requests.
    pub(super) requests: Sequence,
    /// Where the last queued message of QoS 2 with each packet identifier is kept, as long as its record does not say that
    /// its delivery is complete.
    pub(super) open_deliveries: HashMap<u16, Key>,
    /// Messages of QoS 2 that were queued in an earlier life, but not stored as messages in flight.
    pub(super) interrupted_arrivals: HashMap<Key, PacketId>,
    /// Requests whose messages are in flight, but could not be kept as such: they stay until those are complete.
    unmoved: HashMap<PacketId, StoredRequest>,
    /// The last thing that was done, if it is this: the message could not be kept.
    just_failed: Option<PacketId>,
    /// Records that could not be understood.
    pub(super) aside: Vec<Key>,
    /// Why the store could not be cleared for a new session.
    pub(super) not_cleared: Option<StoreError>,
    /// Of the client, for log lines.
    pub(super) name: Box<str>,
}

impl Records {
    /// A store that is open.
    pub(super) fn new(
        store: Box<dyn Store>,
        options: StoreOptions,
        has_requests: bool,
        version_5: bool,
        name: &str,
    ) -> Records {
        Records {
            store,
            options,
            has_requests,
            version_5,
            queue: Sequence::default(),
            requests: Sequence::default(),
            open_deliveries: HashMap::new(),
            interrupted_arrivals: HashMap::new(),
            unmoved: HashMap::new(),
            just_failed: None,
            aside: Vec::new(),
            not_cleared: None,
            name: name.into(),
        }
    }

    /// Writes what went wrong to the log. True: it was nothing.
    pub(super) fn report(&self, result: Result<(), StoreError>, what: impl fmt::Display) -> bool {
        if let Err(error) = &result {
            trace!(Level::Error, "Persistence of client {}: {what}: {error}", self.name);
        }
        result.is_ok()
    }

    /// Publishes a message, if the store takes it.
    #[inline(never)]
    pub(super) fn publish(
        &mut self,
        session: &mut Session,
        now: Moment,
        publish: &OutgoingPublish<'_>,
    ) -> Result<Sent, RequestError> {
        session.publish_kept(now, publish, |id, packet, version| self.put_sent(id, packet, version))
    }

    /// Does what the session wants done.
    #[inline(never)]
    pub(super) fn carry_out_commands(&mut self, session: &mut Session) {
        // With the asynchronous interface received messages do not belong to the session.
        let everything = !self.has_requests && session.asked_for_clean_session();
        for command in session.take_store_commands() {
            self.carry_out(command, everything);
        }
    }

    /// Keeps a PUBLISH that is about to be sent. False: it is not kept.
    pub(super) fn put_sent(&mut self, id: PacketId, packet: &[u8], version: Version) -> bool {
        let key = in_flight_key(Kind::Sent, id, version);
        let pieces = packet_image::publish_pieces(packet, key.version_5);
        let put = self.store.put(key, &pieces);
        self.report(put, format_args!("message {id} cannot be stored"))
    }

    fn put_release(&mut self, id: PacketId, version: Version) {
        let packet = packet_image::release(id.get());
        let pieces = packet_image::header_and_body(&packet);
        let put = self.store.put(in_flight_key(Kind::Release, id, version), &pieces);
        self.report(put, format_args!("release of message {id} cannot be stored"));
    }

    pub(super) fn put_received(&mut self, id: PacketId, packet: &[u8], version: Version) {
        let pieces = packet_image::header_and_body(packet);
        let put = self.store.put(in_flight_key(Kind::Received, id, version), &pieces);
        self.report(put, format_args!("received message {id} cannot be stored"));
    }

    /// Removes all records of a message, in either version.
    fn remove_in_flight(&mut self, kinds: &[Kind], id: PacketId) {
        for version in [Version::V5, Version::V311] {
            for kind in kinds {
                self.remove(in_flight_key(*kind, id, version));
            }
        }
    }

    pub(super) fn remove(&mut self, key: Key) {
        let removed = self.store.remove(key);
        self.report(removed, format_args!("{key} cannot be removed"));
    }

    /// The request was sent, or has failed.
    pub(super) fn remove_request(&mut self, stored: StoredRequest) {
        let key = Key::new(Kind::Command, stored.0 & 1 != 0, stored.0 >> 1);
        self.remove(key);
        self.requests.release(key.number);
    }

    /// `everything`: the application asked for a new session, so what it has not got of the old one goes too.
    fn carry_out(&mut self, command: StoreCommand, everything: bool) {
        let failed = self.just_failed.take();
        match command {
            StoreCommand::PutOutgoing { id, packet, version } => {
                self.just_failed = (!self.put_sent(id, &packet, version)).then_some(id);
            }
            StoreCommand::RemoveRequest { stored } => match failed {
                Some(id) => drop(self.unmoved.insert(id, stored)),
                None => self.remove_request(stored),
            },
            StoreCommand::PutRelease { id, version } => self.put_release(id, version),
            StoreCommand::RemoveReplaced { id, version } => {
                self.remove(in_flight_key(Kind::Sent, id, version));
            }
            StoreCommand::RemoveOutgoing { id } => {
                self.remove_in_flight(&[Kind::Sent, Kind::Release], id);
                self.unmoved.remove(&id).into_iter().for_each(|stored| self.remove_request(stored));
            }
            StoreCommand::PutIncoming { id, packet, version } => {
                self.note_next_delivery(id, version);
                self.put_received(id, &packet, version);
            }
            StoreCommand::RemoveIncoming { id } => {
                self.note_end_of_delivery(id);
                self.remove_in_flight(&[Kind::Received], id);
            }
            StoreCommand::Clear if everything => self.clear(),
            StoreCommand::Clear => self.clear_in_flight(),
        }
    }

    fn clear(&mut self) {
        let cleared = self.store.clear();
        self.queue.release_all();
        self.open_deliveries.clear();
        self.note_clearing(cleared);
    }

    fn clear_in_flight(&mut self) {
        for (_, stored) in std::mem::take(&mut self.unmoved) {
            self.remove_request(stored);
        }
        let keys = self.store.keys().map(|keys| {
            keys.into_iter().filter(|key| key.kind.is_in_flight()).for_each(|key| self.remove(key));
        });
        self.note_clearing(keys);
    }

    fn note_clearing(&mut self, cleared: Result<(), StoreError>) {
        self.not_cleared = cleared.clone().err();
        self.report(cleared, "the store cannot be cleared");
    }
}

/// The session's name for what is kept of a request.
pub(super) fn stored_request(key: Key) -> StoredRequest {
    StoredRequest(key.number << 1 | u32::from(key.version_5))
}

fn in_flight_key(kind: Kind, id: PacketId, version: Version) -> Key {
    Key::new(kind, version == Version::V5, id.get().into())
}
