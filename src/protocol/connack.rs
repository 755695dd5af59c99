//! CONNACK.

use super::reader::Reader;
use super::{DecodeError, EncodeError, PacketType, PropertyView, Version, property_rules, writer};

/// The server's answer to CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnAck<'a> {
    /// The server remembers an earlier session of this client.
    pub session_present: bool,
    /// 0: accepted. Otherwise a return code of MQTT 3 or a reason code of MQTT 5.
    pub code: u8,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
}

impl<'a> ConnAck<'a> {
    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining = 2 + self.properties.field_length(version);
        writer::begin_packet(out, PacketType::ConnAck.first_byte(), remaining)?;
        out.extend_from_slice(&[u8::from(self.session_present), self.code]);
        self.properties.put(version, out);
        Ok(())
    }

    /// Reserved bits of the flags are ignored, and so are bytes after the code before version 5. In version 5
    /// the properties may be missing: a server that supports only MQTT 3 answers like that.
    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<ConnAck<'a>, DecodeError> {
        let session_present = reader.byte()? & 1 != 0;
        let code = reader.byte()?;
        let properties = if reader.is_empty() || !version.has_properties() {
            PropertyView::empty()
        } else {
            let properties = property_rules::CONNACK.read(reader, version)?;
            reader.expect_end();
            properties
        };
        Ok(ConnAck { session_present, code, properties })
    }
}

/// What the return codes of MQTT 3 mean that refuse a connection, with the zero byte that ends it in C; `None` for one
/// the standard does not know.
pub fn terminated_refusal_text(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "Connection refused: unacceptable protocol version\0",
        2 => "Connection refused: identifier rejected\0",
        3 => "Connection refused: server unavailable\0",
        4 => "Connection refused: bad user name or password\0",
        5 => "Connection refused: not authorized\0",
        _ => return None,
    })
}

/// What such a return code means, without the refusal.
pub fn refusal_text(code: u8) -> Option<&'static str> {
    terminated_refusal_text(code)?.strip_prefix("Connection refused: ")?.strip_suffix('\0')
}
