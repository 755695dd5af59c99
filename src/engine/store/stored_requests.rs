//! Requests in the store, from the moment when they are accepted until they are sent, and those of an earlier life.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::requester::{Requester, Session};
use crate::engine::store::records::{Records, stored_request};
use crate::persistence::{Command, CommandRecord, Key, Kind, StoreError, SubscribeEntry, packet_image};
use crate::protocol::{Filter, PropertyView, QoS, SubscribeOptions, TopicFilter, Version};
use crate::session::{Accepted, Moment, OutgoingPublish, RequestError, StoredRequest};

/// Restored messages in flight, by packet identifier: the packet, and whether it is of MQTT 5.
pub(super) type InFlight = HashMap<u32, (Arc<[u8]>, bool)>;

/// The record of a message.
fn publish<'a>(publish: &OutgoingPublish<'a>, token: u16) -> CommandRecord<'a> {
    let OutgoingPublish { topic, payload, qos, retain, properties } = *publish;
    let command = Command::Publish { topic, payload, qos: qos.bits(), retained: retain };
    CommandRecord { token, properties: properties.encoded(), command }
}

/// The record of a SUBSCRIBE or UNSUBSCRIBE.
fn request<'a, F: TopicFilter<'a>>(
    filters: &[F],
    properties: PropertyView<'a>,
    token: u16,
) -> CommandRecord<'a> {
    let entries: Option<Vec<_>> =
        filters.iter().map(|filter| Some(entry(filter.text(), filter.options()?))).collect();
    let command = match entries {
        Some(entries) => Command::Subscribe(entries),
        None => Command::Unsubscribe(filters.iter().map(|filter| filter.text()).collect()),
    };
    CommandRecord { token, properties: properties.encoded(), command }
}

fn entry(filter: &[u8], options: SubscribeOptions) -> SubscribeEntry<'_> {
    let SubscribeOptions { maximum_qos, no_local, retain_as_published, retain_handling } = options;
    let options = [no_local.into(), retain_as_published.into(), retain_handling];
    SubscribeEntry { filter, qos: maximum_qos.bits(), options }
}

/// Whether the message is in flight. Another one may have its identifier there, if that one's record could not be removed.
fn is_in_flight(record: &CommandRecord<'_>, in_flight: &InFlight) -> bool {
    let Command::Publish { topic, payload, .. } = record.command else { return false };
    in_flight.get(&record.token.into()).is_some_and(|(packet, version_5)| {
        let [_, _, sent_topic, _, sent_payload] = packet_image::publish_pieces(packet, *version_5);
        sent_topic == topic && sent_payload == payload
    })
}

/// `None`: something in the record cannot be sent.
fn restore(
    session: &mut Session,
    record: &CommandRecord<'_>,
    version: Version,
    stored: StoredRequest,
) -> Option<bool> {
    let CommandRecord { token, properties, command } = record;
    let properties = PropertyView::parse(properties).ok()?;
    Some(match command {
        Command::Publish { topic, payload, qos, retained } => {
            let (qos, retain) = (QoS::from_bits(*qos)?, *retained);
            let publish = OutgoingPublish { topic, payload, qos, retain, properties };
            session.restore_send(&publish, *token, version, stored)
        }
        Command::Subscribe(entries) => {
            let filters: Option<Vec<Filter<'_>>> = entries.iter().map(filter).collect();
            session.restore_request(&filters?, properties, *token, version, stored)
        }
        Command::Unsubscribe(filters) => {
            session.restore_request(filters, properties, *token, version, stored)
        }
    })
}

fn filter<'a>(entry: &SubscribeEntry<'a>) -> Option<Filter<'a>> {
    let [no_local, retain_as_published, retain_handling] = entry.options;
    let options = SubscribeOptions {
        maximum_qos: QoS::from_bits(entry.qos)?,
        no_local: no_local != 0,
        retain_as_published: retain_as_published != 0,
        retain_handling,
    };
    Some(Filter { filter: entry.filter, options })
}

impl Records {
    /// Takes a message, if the store does.
    #[inline(never)]
    pub(super) fn send(
        &mut self,
        session: &mut Session,
        now: Moment,
        message: &OutgoingPublish<'_>,
        requester: Option<Requester>,
    ) -> Result<Accepted<Requester>, RequestError> {
        let at_once = session.sends_at_once(message.qos);
        if !at_once {
            session.may_wait()?;
        }
        let mut stored = None;
        if self.keeps_request(message.qos, at_once) {
            let token = session.next_token(message.qos)?;
            stored = Some(self.put_request(&publish(message, token))?);
        }
        let accepted = session.send_kept(now, message, requester, stored, |id, packet, version| {
            self.put_sent(id, packet, version)
        });
        if let (Err(_), Some(stored)) = (&accepted, stored) {
            self.remove_request(stored);
        }
        self.carry_out_commands(session);
        accepted
    }

    /// Takes another request, if the store does.
    pub(super) fn queue_request<'a, F: TopicFilter<'a>>(
        &mut self,
        session: &mut Session,
        filters: &[F],
        properties: PropertyView<'a>,
        requester: Option<Requester>,
    ) -> Result<u16, RequestError> {
        if !session.is_connected() {
            return Err(RequestError::NotConnected);
        }
        let token = session.next_token(QoS::AtLeastOnce)?;
        let stored = self.put_request(&request(filters, properties, token))?;
        let token = session.queue_request(filters, properties, requester);
        match token {
            Ok(_) => session.note_stored_request(stored),
            Err(_) => self.remove_request(stored),
        }
        token
    }

    /// Puts a request of an earlier life at the end of the queue. False: the record is none.
    pub(super) fn restore_request(
        &mut self,
        session: &mut Session,
        key: Key,
        bytes: &[u8],
        in_flight: &InFlight,
    ) -> bool {
        let Some(command) = CommandRecord::read(bytes, key.version_5) else { return false };
        if is_in_flight(&command, in_flight) {
            // The process ended after the message was put in flight and before it was taken out of the requests.
            self.remove_request(stored_request(key));
            return true;
        }
        let version = if key.version_5 { Version::V5 } else { Version::V311 };
        restore(session, &command, version, stored_request(key)).unwrap_or(false)
    }

    /// Whether a message is kept among the requests. One that goes out at once is kept in flight, or not at all.
    fn keeps_request(&self, qos: QoS, at_once: bool) -> bool {
        (qos != QoS::AtMostOnce || self.options.keeps_at_most_once)
            && (!at_once || self.store.wants_every_request())
    }

    fn put_request(&mut self, command: &CommandRecord<'_>) -> Result<StoredRequest, RequestError> {
        let number = self.requests.take().ok_or(RequestError::NotStored)?;
        let key = Key::new(Kind::Command, self.version_5, number);
        let pieces = command.pieces(key.version_5).unwrap_or_default();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let put = if pieces.is_empty() { Err(too_long()) } else { self.store.put(key, &pieces) };
        if self.report(put, "a request cannot be stored") {
            return Ok(stored_request(key));
        }
        self.requests.release(number);
        Err(RequestError::NotStored)
    }
}

fn too_long() -> StoreError {
    StoreError::new("it is too long for a record")
}
