//! Requests in the store, from the moment when they are accepted until they are sent, and those of an earlier life.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::requester::{Requester, Session};
use crate::engine::store::records::{Records, stored_request};
use crate::persistence::{
    CommandRecord, Key, Kind, StoreError, SubscribeEntry, SubscribeImage, packet_image,
};
use crate::protocol::{Filter, PropertyView, QoS, SubscribeOptions, Version};
use crate::session::{Accepted, Moment, OutgoingPublish, QueueError, StoredRequest};

/// Restored messages in flight, by packet identifier: the packet, and whether it is of MQTT 5.
pub(super) type InFlight = HashMap<u32, (Arc<[u8]>, bool)>;

/// The record of a message.
fn publish<'a>(publish: &OutgoingPublish<'a>, token: u16) -> CommandRecord<'a> {
    CommandRecord::Publish {
        token,
        topic: publish.topic,
        payload: publish.payload,
        qos: publish.qos.bits(),
        retained: publish.retain,
        properties: publish.properties.encoded(),
    }
}

/// The record of a SUBSCRIBE.
pub(in crate::engine) fn subscribe<'a>(
    filters: &[Filter<'a>],
    properties: PropertyView<'a>,
    token: u16,
) -> CommandRecord<'a> {
    let entries = filters.iter().map(|filter| {
        let SubscribeOptions { maximum_qos, no_local, retain_as_published, retain_handling } = filter.options;
        let options = SubscribeImage {
            no_local: no_local.into(),
            retain_as_published: retain_as_published.into(),
            retain_handling,
        };
        SubscribeEntry { filter: filter.filter, qos: maximum_qos.bits(), options }
    });
    CommandRecord::Subscribe { token, entries: entries.collect(), properties: properties.encoded() }
}

/// The record of an UNSUBSCRIBE.
pub(in crate::engine) fn unsubscribe<'a>(
    filters: &[&'a [u8]],
    properties: PropertyView<'a>,
    token: u16,
) -> CommandRecord<'a> {
    CommandRecord::Unsubscribe { token, filters: filters.to_vec(), properties: properties.encoded() }
}

/// Whether the message is in flight. Another one may have its identifier there, if that one's record could not be removed.
fn is_in_flight(command: &CommandRecord<'_>, in_flight: &InFlight) -> bool {
    let CommandRecord::Publish { token, topic, payload, .. } = command else { return false };
    in_flight.get(&(*token).into()).is_some_and(|(packet, version_5)| {
        let [_, _, sent_topic, _, sent_payload] = packet_image::publish_pieces(packet, *version_5);
        sent_topic == *topic && sent_payload == *payload
    })
}

/// `None`: something in the record cannot be sent.
fn restore(
    session: &mut Session,
    command: &CommandRecord<'_>,
    version: Version,
    stored: StoredRequest,
) -> Option<bool> {
    match command {
        CommandRecord::Publish { token, topic, payload, qos, retained, properties } => {
            let (qos, properties) = (QoS::from_bits(*qos)?, PropertyView::parse(properties).ok()?);
            let publish = OutgoingPublish { topic, payload, qos, retain: *retained, properties };
            Some(session.restore_send(&publish, *token, version, stored))
        }
        CommandRecord::Subscribe { token, entries, properties } => {
            let filters: Option<Vec<Filter<'_>>> = entries.iter().map(filter).collect();
            let properties = PropertyView::parse(properties).ok()?;
            Some(session.restore_subscribe(&filters?, properties, *token, version, stored))
        }
        CommandRecord::Unsubscribe { token, filters, properties } => {
            let properties = PropertyView::parse(properties).ok()?;
            Some(session.restore_unsubscribe(filters, properties, *token, version, stored))
        }
    }
}

fn filter<'a>(entry: &SubscribeEntry<'a>) -> Option<Filter<'a>> {
    let SubscribeImage { no_local, retain_as_published, retain_handling } = entry.options;
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
    ) -> Result<Accepted<Requester>, QueueError> {
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
    pub(super) fn queue_request<'a>(
        &mut self,
        session: &mut Session,
        record: impl FnOnce(u16) -> CommandRecord<'a>,
        request: impl FnOnce(&mut Session) -> Result<u16, QueueError>,
    ) -> Result<u16, QueueError> {
        if !session.is_connected() {
            return Err(QueueError::NotConnected);
        }
        let token = session.next_token(QoS::AtLeastOnce)?;
        let stored = self.put_request(&record(token))?;
        let token = request(session);
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

    fn put_request(&mut self, command: &CommandRecord<'_>) -> Result<StoredRequest, QueueError> {
        let number = self.requests.take().ok_or(QueueError::NotStored)?;
        let key = Key::new(Kind::Command, self.version_5, number);
        let pieces = command.pieces(key.version_5).unwrap_or_default();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let put = if pieces.is_empty() { Err(too_long()) } else { self.store.put(key, &pieces) };
        if self.report(put, "a request cannot be stored") {
            return Ok(stored_request(key));
        }
        self.requests.release(number);
        Err(QueueError::NotStored)
    }
}

fn too_long() -> StoreError {
    StoreError::new("it is too long for a record")
}
