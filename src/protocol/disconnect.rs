//! DISCONNECT.

use super::reader::Reader;
use super::{
    DecodeError, EncodeError, Frame, PacketType, PropertyView, ReasonCode, Version, property_rules, writer,
};

/// The last packet of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// Why; not encoded before version 5.
    pub reason: ReasonCode,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
}

impl<'a> Disconnect<'a> {
    /// Appends the whole packet. In version 5 the reason and the length of the properties are always written.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let first_byte = PacketType::Disconnect.first_byte();
        if !version.has_properties() {
            return writer::begin_packet(out, first_byte, 0);
        }
        writer::begin_packet(out, first_byte, 1 + writer::properties_length(version, self.properties))?;
        out.push(self.reason.0);
        writer::put_properties(out, version, self.properties);
        Ok(())
    }

    pub(super) fn decode(frame: Frame<'a>, version: Version) -> Result<Disconnect<'a>, DecodeError> {
        PacketType::Disconnect.check_flags(frame.first_byte, version)?;
        let mut reader = Reader::new(frame.body);
        if !version.has_properties() {
            reader.expect_end()?;
        }
        let (reason, properties) = reader.reason_and_properties(property_rules::DISCONNECT)?;
        Ok(Disconnect { reason, properties })
    }
}
