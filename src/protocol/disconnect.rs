//! DISCONNECT.

use super::reader::Reader;
use super::{
    DecodeError, EncodeError, PacketType, PropertyView, ReasonCode, Version, property_rules, writer,
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
    /// Appends the whole packet in its shortest form: without properties, and in version 5 without a body for success.
    /// There are servers that do not take the empty list of properties after another reason.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !self.properties.is_empty() {
            return self.encode_in_full(version, out);
        }
        let has_reason = version.has_properties() && self.reason != ReasonCode::SUCCESS;
        writer::begin_packet(out, PacketType::Disconnect.first_byte(), usize::from(has_reason))?;
        if has_reason {
            out.push(self.reason.0);
        }
        Ok(())
    }

    /// The same with reason and properties in any case, as far as the version has them.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode_in_full(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let first_byte = PacketType::Disconnect.first_byte();
        if !version.has_properties() {
            return writer::begin_packet(out, first_byte, 0);
        }
        writer::begin_packet(out, first_byte, 1 + self.properties.field_length(version))?;
        out.push(self.reason.0);
        self.properties.put(version, out);
        Ok(())
    }

    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<Disconnect<'a>, DecodeError> {
        if !version.has_properties() {
            reader.expect_end();
            return Ok(Disconnect { reason: ReasonCode::SUCCESS, properties: PropertyView::empty() });
        }
        let (reason, properties) = property_rules::DISCONNECT.read_with_reason(reader)?;
        Ok(Disconnect { reason, properties })
    }
}
