//! What a server announces when it accepts a connection.

use crate::protocol::{Property, PropertyId, PropertyValue, PropertyView};

/// The values of a CONNACK. `None`: it does not say, so the default of the standard applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// The server had a session.
    pub session_present: bool,
    /// Seconds.
    pub keep_alive: Option<u32>,
    /// Seconds.
    pub session_expiry: Option<u32>,
    /// QoS 1 and 2 messages that the server takes at a time.
    pub receive_maximum: Option<u32>,
    /// Bytes.
    pub maximum_packet_size: Option<u32>,
    /// The highest QoS.
    pub maximum_qos: Option<u32>,
    /// Topic aliases that the server takes.
    pub topic_alias_maximum: Option<u32>,
    /// 0: no.
    pub retain_available: Option<u32>,
    /// 0: no.
    pub wildcards_available: Option<u32>,
    /// 0: no.
    pub subscription_ids_available: Option<u32>,
    /// 0: no.
    pub shared_available: Option<u32>,
}

impl Announced {
    /// Reads the properties, of which a connection before version 5 has none. Of a repeated one the first counts.
    pub(in crate::engine) fn by(session_present: bool, properties: PropertyView<'_>) -> Announced {
        let mut announced = Announced { session_present, ..Announced::default() };
        for property in properties.iter().filter(Property::is_valid) {
            let value = match property.value {
                PropertyValue::Byte(value) => value.into(),
                PropertyValue::TwoByteInteger(value) => value.into(),
                PropertyValue::FourByteInteger(value) => value,
                _ => continue,
            };
            if let Some(place) = announced.place(property.id) {
                place.get_or_insert(value);
            }
        }
        announced
    }

    fn place(&mut self, id: PropertyId) -> Option<&mut Option<u32>> {
        Some(match id {
            PropertyId::ServerKeepAlive => &mut self.keep_alive,
            PropertyId::SessionExpiryInterval => &mut self.session_expiry,
            PropertyId::ReceiveMaximum => &mut self.receive_maximum,
            PropertyId::MaximumPacketSize => &mut self.maximum_packet_size,
            PropertyId::MaximumQoS => &mut self.maximum_qos,
            PropertyId::TopicAliasMaximum => &mut self.topic_alias_maximum,
            PropertyId::RetainAvailable => &mut self.retain_available,
            PropertyId::WildcardSubscriptionAvailable => &mut self.wildcards_available,
            PropertyId::SubscriptionIdentifiersAvailable => &mut self.subscription_ids_available,
            PropertyId::SharedSubscriptionAvailable => &mut self.shared_available,
            _ => return None,
        })
    }
}
