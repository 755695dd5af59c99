//! AUTH, which exists since version 5.

use super::reader::Reader;
use super::{
    Breach, DecodeError, EncodeError, PacketType, PropertyId, PropertyView, ReasonCode, Version,
    property_rules, writer,
};

/// A step of an authentication exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auth<'a> {
    /// Success, continue or re-authenticate.
    pub reason: ReasonCode,
    /// Properties.
    pub properties: PropertyView<'a>,
}

impl<'a> Auth<'a> {
    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining = 1 + self.properties.field_length(Version::V5);
        writer::begin_packet(out, PacketType::Auth.first_byte(), remaining)?;
        out.push(self.reason.0);
        self.properties.put(Version::V5, out);
        Ok(())
    }

    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<Auth<'a>, DecodeError> {
        if !version.has_properties() {
            return Err(DecodeError::Protocol("AUTH before version 5"));
        }
        let (reason, properties) = property_rules::AUTH.read_with_reason(reader)?;
        if properties.first(PropertyId::AuthenticationMethod).is_none() {
            reader.breaches.add(Breach::AuthUnasked);
        }
        Ok(Auth { reason, properties })
    }
}
