//! What the server announced in its CONNACK.

use super::{RequestError, packet_bytes};
use crate::protocol::{Property, PropertyId, PropertyValue, PropertyView, Publish, QoS, Version};

/// Limits of one connection, without any until a version 5 CONNACK says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limits {
    pub(super) receive_maximum: u16,
    pub(super) maximum_qos: QoS,
    pub(super) retain_available: bool,
    /// Bytes of a whole packet.
    pub(super) maximum_packet_size: u32,
    /// Seconds; takes the place of the keep-alive interval asked for.
    pub(super) server_keep_alive: Option<u16>,
    /// Seconds; takes the place of the interval asked for.
    pub(super) session_expiry: Option<u32>,
}

/// The first value of a string property that is UTF-8.
pub(super) fn valid_string(properties: PropertyView<'_>, id: PropertyId) -> Option<&[u8]> {
    properties.iter().find_map(|property| match property.value {
        PropertyValue::Utf8String(string) if property.id == id && property.is_valid() => Some(string),
        _ => None,
    })
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            receive_maximum: u16::MAX,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            maximum_packet_size: u32::MAX,
            server_keep_alive: None,
            session_expiry: None,
        }
    }
}

impl Limits {
    /// Reads the properties of a CONNACK (empty before version 5). A value out of range counts as absent, and of a repeated
    /// property the first one that is in range. Except a receive maximum of 0 alone, with which nothing could be sent.
    pub(super) fn of_connack(properties: PropertyView<'_>) -> Limits {
        let mut limits = Limits::default();
        let mut seen = 0_u64;
        for property in properties.iter().filter(Property::is_valid) {
            let bit = 1 << property.id.number();
            if seen & bit == 0 {
                limits.set(property.id, property.value);
            }
            seen |= bit;
        }
        let has_valid_maximum = seen & 1 << PropertyId::ReceiveMaximum.number() != 0;
        if !has_valid_maximum && properties.first(PropertyId::ReceiveMaximum).is_some() {
            limits.receive_maximum = 0;
        }
        limits
    }

    fn set(&mut self, id: PropertyId, value: PropertyValue<'_>) {
        use PropertyValue::{Byte, FourByteInteger, TwoByteInteger};
        match (id, value) {
            (PropertyId::ReceiveMaximum, TwoByteInteger(maximum)) => self.receive_maximum = maximum,
            (PropertyId::MaximumPacketSize, FourByteInteger(maximum)) => self.maximum_packet_size = maximum,
            (PropertyId::MaximumQoS, Byte(maximum)) => {
                self.maximum_qos = QoS::from_bits(maximum).unwrap_or(QoS::AtMostOnce);
            }
            (PropertyId::RetainAvailable, Byte(available)) => self.retain_available = available != 0,
            (PropertyId::ServerKeepAlive, TwoByteInteger(seconds)) => self.server_keep_alive = Some(seconds),
            (PropertyId::SessionExpiryInterval, FourByteInteger(seconds)) => {
                self.session_expiry = Some(seconds);
            }
            _ => {}
        }
    }

    /// Whether a new message may be sent, as far as its flags and its size go.
    pub(super) fn check(&self, publish: &Publish<'_>) -> Result<(), RequestError> {
        if publish.qos > self.maximum_qos {
            return Err(RequestError::QoSNotSupported);
        }
        if publish.retain && !self.retain_available {
            return Err(RequestError::RetainNotSupported);
        }
        if self.maximum_packet_size != u32::MAX {
            self.check_size(publish.packet_length(Version::V5)?)?;
        }
        Ok(())
    }

    /// Whether a packet of that many bytes may be sent.
    pub(super) fn check_size(&self, length: usize) -> Result<(), RequestError> {
        if length > self.maximum_packet_size as usize { Err(RequestError::PacketTooLarge) } else { Ok(()) }
    }

    /// Whether an encoded PUBLISH of an earlier connection may be sent on this one.
    pub(super) fn permit_resend(&self, packet: &[u8]) -> bool {
        let flags = packet.first().copied().unwrap_or_default();
        packet_bytes::qos(packet) <= self.maximum_qos
            && (flags & 1 == 0 || self.retain_available)
            && self.check_size(packet.len()).is_ok()
    }
}
