//! Subscriptions that the server has granted, so that they can be made again.

use std::collections::BTreeMap;

use super::packet_id_map::PacketIdMap;
use crate::protocol::{
    Filter, Framing, Packet, PacketId, Properties, ReasonCode, SubscribeOptions, Version, split_frame,
};

/// So many are kept. More are granted as ever, but not made again.
const MOST: usize = 10_000;

type Text = Box<[u8]>;

/// What belongs to one filter.
#[derive(Clone, Debug)]
struct Terms {
    options: SubscribeOptions,
    /// Of the SUBSCRIBE that asked for it: its subscription identifier is among them.
    properties: Properties,
}

/// A request that waits for its answer.
#[derive(Debug)]
enum Asked {
    Subscribe(Vec<(Text, Terms)>),
    /// Of subscriptions that are kept already.
    Again(Vec<Text>),
    Unsubscribe(Vec<Text>),
}

/// Those of one client.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    granted: BTreeMap<Text, Terms>,
    asked: PacketIdMap<Asked>,
}

impl Subscriptions {
    /// This SUBSCRIBE or UNSUBSCRIBE was sent for the application.
    pub(super) fn note_request(&mut self, packet: &[u8], version: Version) {
        let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { return };
        let Ok(decoded) = Packet::decode(frame, version) else { return };
        let (id, asked) = match decoded.packet {
            Packet::Subscribe(subscribe) => {
                let properties = subscribe.properties.to_owned();
                let terms = |options| Terms { options, properties: properties.clone() };
                let asked =
                    subscribe.filters.map(|Filter { filter, options }| (filter.into(), terms(options)));
                (subscribe.packet_id, Asked::Subscribe(asked.collect()))
            }
            Packet::Unsubscribe(unsubscribe) => {
                let asked = unsubscribe.filters.map(Text::from).collect();
                (unsubscribe.packet_id, Asked::Unsubscribe(asked))
            }
            _ => return,
        };
        self.asked.insert(id, asked);
    }

    /// This SUBSCRIBE asks again for filters that are kept.
    pub(super) fn note_repetition(&mut self, id: PacketId, filters: Vec<Text>) {
        self.asked.insert(id, Asked::Again(filters));
    }

    /// `codes`: one for each filter; none in UNSUBACK before version 5. The server sent so many of them: some servers answer each
    /// filter by itself, and only the first answer counts.
    pub(super) fn note_answer(&mut self, id: PacketId, codes: &[u8], sent: usize) {
        let Some(asked) = self.asked.remove(id) else { return };
        let is_error = |code: Option<&u8>| code.is_some_and(|code| ReasonCode(*code).is_error());
        match asked {
            Asked::Subscribe(filters) => {
                for ((filter, terms), code) in filters.into_iter().zip(codes) {
                    let has_room = self.granted.len() < MOST || self.granted.contains_key(&filter);
                    if !is_error(Some(code)) && has_room {
                        self.granted.insert(filter, terms);
                    }
                }
            }
            Asked::Again(filters) => {
                for (filter, _) in
                    filters.iter().zip(codes).take(sent).filter(|(_, code)| is_error(Some(code)))
                {
                    self.granted.remove(filter);
                }
            }
            Asked::Unsubscribe(filters) => {
                for (index, filter) in filters.iter().enumerate() {
                    if !is_error(codes.get(index)) {
                        self.granted.remove(filter);
                    }
                }
            }
        }
    }

    /// The application knows that the request has failed.
    pub(super) fn forget_request(&mut self, id: PacketId) {
        self.asked.remove(id);
    }

    /// What was asked on a connection that has ended is not answered any more.
    pub(super) fn end_connection(&mut self) {
        self.asked.clear();
    }

    /// All that are kept.
    pub(super) fn granted(&self) -> Vec<(Filter<'_>, &Properties)> {
        let each = self.granted.iter();
        each.map(|(filter, terms)| (Filter { filter, options: terms.options }, &terms.properties)).collect()
    }
}
