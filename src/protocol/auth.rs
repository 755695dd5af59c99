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
        let remaining = 1 + writer::properties_length(Version::V5, self.properties);
        writer::begin_packet(out, PacketType::Auth.first_byte(), remaining)?;
        out.push(self.reason.0);
        writer::put_properties(out, Version::V5, self.properties);
        Ok(())
    }

    pub(super) fn decode(
        first_byte: u8,
        reader: &mut Reader<'a>,
        version: Version,
    ) -> Result<Auth<'a>, DecodeError> {
        if !version.has_properties() {
            return Err(DecodeError::Protocol("AUTH before version 5"));
        }
        PacketType::Auth.check_flags(first_byte, version, &mut reader.breaches);
        let (reason, properties) = reader.reason_and_properties(property_rules::AUTH)?;
        if properties.first(PropertyId::AuthenticationMethod).is_none() {
            reader.breaches.add(Breach::AuthUnasked);
        }
        Ok(Auth { reason, properties })
    }
}
