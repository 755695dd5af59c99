//! Topic aliases of one connection (version 5). They are left to the applications at both ends; the session only
//! knows enough of them to notice wrong incoming ones and to store outgoing messages in a form that outlives the
//! connection.

use std::sync::Arc;

use super::packet_id_map::PacketIdMap;
use super::{OutgoingPublish, SharedPacket};
use crate::protocol::{
    Breach, EncodeError, PacketId, Properties, PropertyId, PropertyView, Publish, Version,
};

/// The topic aliases of a connection, in both directions.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    pub(super) outgoing: OutgoingAliases,
    pub(super) incoming: IncomingAliases,
}

/// Aliases we sent, with their topics. None is refused: the server decides.
#[derive(Debug, Default)]
pub(super) struct OutgoingAliases {
    topics: PacketIdMap<Arc<[u8]>>,
}

/// What is to be kept of a message of QoS 1 or 2 until it is complete.
#[derive(Debug)]
pub(super) enum LastingForm {
    /// The packet as it is sent.
    AsSent,
    /// The packet with its topic and without its alias, which ends with the connection.
    WithTopic(ResolvedAlias),
    /// Nothing: its topic is not known here, so it means nothing on another connection.
    Nothing,
}

impl OutgoingAliases {
    /// What is to be kept of a message that is sent on this connection.
    pub(super) fn lasting_form(&self, publish: &OutgoingPublish<'_>) -> LastingForm {
        let Some(number) = publish.properties.two_byte(PropertyId::TopicAlias) else {
            return if publish.topic.is_empty() { LastingForm::Nothing } else { LastingForm::AsSent };
        };
        let alias = PacketId::new(number);
        let topic = if publish.topic.is_empty() {
            alias.and_then(|alias| self.topics.get(alias)).cloned()
        } else {
            Some(Arc::from(publish.topic))
        };
        topic.map_or(LastingForm::Nothing, |topic| LastingForm::WithTopic(ResolvedAlias { alias, topic }))
    }

    /// The message that gives the alias its topic was queued.
    pub(super) fn define(&mut self, resolved: ResolvedAlias) {
        if let Some(alias) = resolved.alias {
            self.topics.insert(alias, resolved.topic);
        }
    }
}

/// An alias and its topic.
#[derive(Debug)]
pub(super) struct ResolvedAlias {
    /// `None`: 0, which no server takes.
    alias: Option<PacketId>,
    topic: Arc<[u8]>,
}

impl ResolvedAlias {
    /// The packet to keep in flight: with the full topic and without alias.
    pub(super) fn lasting_packet(&self, publish: &Publish<'_>) -> Result<SharedPacket, EncodeError> {
        without_alias(&Publish { topic: &self.topic, ..*publish })
    }
}

/// The packet without its alias, which is of one connection only.
pub(super) fn without_alias(publish: &Publish<'_>) -> Result<SharedPacket, EncodeError> {
    let mut properties = Properties::new();
    for property in publish.properties.iter().filter(|property| property.id != PropertyId::TopicAlias) {
        properties.push(&property)?;
    }
    let mut packet = Vec::new();
    Publish { properties: properties.view(), ..*publish }.encode(Version::V5, &mut packet)?;
    Ok(packet.into())
}

/// Aliases the server has given a topic.
#[derive(Debug, Default)]
pub(super) struct IncomingAliases {
    defined: PacketIdMap<()>,
}

impl IncomingAliases {
    /// Notes the alias of a received message, if it has one. `maximum`: what we announced. Gives what is wrong with it.
    pub(super) fn note(
        &mut self,
        topic: &[u8],
        properties: PropertyView<'_>,
        maximum: u16,
    ) -> Option<Breach> {
        let number = properties.two_byte(PropertyId::TopicAlias)?;
        let Some(alias) = PacketId::new(number).filter(|alias| alias.get() <= maximum) else {
            return Some(Breach::TopicAliasOutOfRange);
        };
        if !topic.is_empty() {
            self.defined.insert(alias, ());
        } else if !self.defined.contains(alias) {
            return Some(Breach::TopicAliasUnknown);
        }
        None
    }
}
