//! The log line of each MQTT packet. People search for these texts, so blanks and colons are as they always were.

use core::fmt;

use super::dispatch::{TRACER, shows_packets};
use super::message::Text;
use super::settings::Level;
use crate::protocol::{
    AcknowledgementType, Connect, Frame, Packet, PacketId, Publish, ReasonCode, Version,
    split_variable_byte_integer,
};

/// Longest shown part of a payload, in characters put out.
const SHOWN_PAYLOAD: usize = 30;

/// Writes a line for each packet in `bytes`. The last may be a PUBLISH without its payload, which is then given
/// in `payload`. `result`: 0 written, -22 queued, -1 failed.
#[inline]
pub fn sent(socket: i32, client_id: &[u8], version: Version, bytes: &[u8], payload: &[u8], result: i32) {
    if shows_packets() {
        sent_lines(socket, client_id, version, bytes, payload, result);
    }
}

/// Writes the line of a packet that was received.
#[inline]
pub fn received(socket: i32, client_id: &[u8], version: Version, frame: Frame<'_>) {
    if !shows_packets() {
        return;
    }
    if let Ok(decoded) = Packet::decode(frame, version) {
        let packet = Incoming { packet: decoded.packet };
        TRACER.line(Level::Protocol, format_args!("{socket} {} <- {packet}", Text(client_id)));
    }
}

#[cold]
fn sent_lines(socket: i32, client_id: &[u8], version: Version, bytes: &[u8], payload: &[u8], result: i32) {
    for packet in outgoing_packets(version, bytes, payload, result) {
        TRACER.line(Level::Protocol, format_args!("{socket} {} -> {packet}", Text(client_id)));
    }
}

fn outgoing_packets<'a>(
    version: Version,
    bytes: &'a [u8],
    payload: &'a [u8],
    result: i32,
) -> impl Iterator<Item = Outgoing<'a>> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        let (frame, behind) = first_frame(rest)?;
        rest = behind;
        let payload = if behind.is_empty() { payload } else { &[] };
        // What does not decode was not made by this library's own encoder.
        let packet = Packet::decode(frame, version).ok()?.packet;
        Some(Outgoing { packet, payload, result })
    })
}

/// Splits off one packet, or what there is of it.
fn first_frame(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let (&first_byte, rest) = bytes.split_first()?;
    let (remaining_length, length) = split_variable_byte_integer(rest).ok()??;
    let rest = &rest[length..];
    let (body, behind) = rest.split_at(rest.len().min(remaining_length as usize));
    Some((Frame { first_byte, body, length: bytes.len() - behind.len() }, behind))
}

struct Outgoing<'a> {
    packet: Packet<'a>,
    payload: &'a [u8],
    result: i32,
}

impl fmt::Display for Outgoing<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = self.result;
        match &self.packet {
            Packet::Connect(connect) => self.connect(connect, to),
            Packet::Publish(publish) => self.publish(publish, to),
            Packet::Subscribe(subscribe) => write!(to, "SUBSCRIBE msgid: {} ({result})", subscribe.packet_id),
            Packet::Unsubscribe(unsubscribe) => {
                write!(to, "UNSUBSCRIBE msgid: {} ({result})", unsubscribe.packet_id)
            }
            Packet::Acknowledgement(acknowledgement) => {
                let id = acknowledgement.packet_id;
                let colon = if acknowledgement.kind == AcknowledgementType::PubComp { "" } else { ":" };
                write!(to, "{} msgid{colon} {id} ({result})", acknowledgement.kind.packet_type().name())
            }
            Packet::PingReq => write!(to, "PINGREQ ({result})"),
            Packet::Disconnect(_) => write!(to, "DISCONNECT ({result})"),
            Packet::Auth(_) => write!(to, "AUTH ({result})"),
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => Ok(()),
        }
    }
}

impl Outgoing<'_> {
    fn connect(&self, connect: &Connect<'_>, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, clean) = (connect.version.level(), u8::from(connect.clean));
        write!(to, "CONNECT version {level} clean: {clean} ({})", self.result)
    }

    fn publish(&self, publish: &Publish<'_>, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = Payload(if publish.payload.is_empty() { self.payload } else { publish.payload });
        let (qos, retained, result) = (publish.qos.bits(), u8::from(publish.retain), self.result);
        match publish.packet_id {
            None => write!(to, "PUBLISH qos: {qos} retained: {retained} rc: {result} {payload}"),
            Some(id) => {
                write!(to, "PUBLISH msgid: {id} qos: {qos} retained: {retained} rc {result} {payload}")
            }
        }
    }
}

struct Incoming<'a> {
    packet: Packet<'a>,
}

impl fmt::Display for Incoming<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.packet {
            Packet::ConnAck(answer) => write!(to, "CONNACK rc: {}", answer.code),
            Packet::SubAck(answer) => write!(to, "SUBACK msgid: {}", answer.packet_id),
            Packet::UnsubAck(answer) => write!(to, "UNSUBACK msgid: {}", answer.packet_id),
            Packet::Publish(publish) => {
                let (id, qos) = (publish.packet_id.map_or(0, PacketId::get), publish.qos.bits());
                let (retained, payload) = (u8::from(publish.retain), Payload(publish.payload));
                write!(to, "PUBLISH msgid: {id} qos: {qos} retained: {retained} {payload}")
            }
            Packet::Acknowledgement(acknowledgement) => {
                let id = acknowledgement.packet_id;
                let between = match acknowledgement.kind {
                    AcknowledgementType::PubAck | AcknowledgementType::PubRec => ": ",
                    AcknowledgementType::PubRel => " ",
                    AcknowledgementType::PubComp => ":",
                };
                write!(to, "{} msgid{between}{id}", acknowledgement.kind.packet_type().name())?;
                match acknowledgement.reason {
                    ReasonCode::SUCCESS => Ok(()),
                    ReasonCode(reason) => write!(to, " reason: {reason}"),
                }
            }
            Packet::PingResp => to.write_str("PINGRESP"),
            Packet::Disconnect(disconnect) => write!(to, "DISCONNECT ({})", disconnect.reason.0),
            Packet::Auth(auth) => write!(to, "AUTH ({})", auth.reason.0),
            Packet::Connect(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_) | Packet::PingReq => Ok(()),
        }
    }
}

/// Length and beginning of a payload: printable bytes as they are, others as `\xHH`, never half of such a group.
struct Payload<'a>(&'a [u8]);

impl fmt::Display for Payload<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "payload len({}): ", self.0.len())?;
        let mut room = SHOWN_PAYLOAD;
        for &byte in self.0 {
            let printable = byte == b' ' || byte.is_ascii_graphic();
            let width = if printable { 1 } else { 4 };
            if width > room {
                break;
            }
            room -= width;
            if printable { write!(to, "{}", char::from(byte))? } else { write!(to, "\\x{byte:02X}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_texts(version: Version, bytes: &[u8], payload: &[u8], result: i32) -> Vec<String> {
        outgoing_packets(version, bytes, payload, result).map(|packet| packet.to_string()).collect()
    }

    fn sent_text(version: Version, bytes: &[u8]) -> String {
        sent_texts(version, bytes, b"", 0).concat()
    }

    fn received_text(version: Version, bytes: &[u8]) -> String {
        let (frame, _) = first_frame(bytes).unwrap();
        Incoming { packet: Packet::decode(frame, version).unwrap().packet }.to_string()
    }

    /// The lines of the original for the same bytes.
    #[test]
    fn lines_of_outgoing_packets() {
        let cases: [(&[u8], &str); 12] = [
            (b"\x10\x0f\0\x04MQTT\x04\x02\0\x3c\0\x03cid", "CONNECT version 4 clean: 1 (0)"),
            (b"\x10\x11\0\x06MQIsdp\x03\0\0\x3c\0\x03cid", "CONNECT version 3 clean: 0 (0)"),
            (b"\x82\x06\0\x01\0\x01t\x01", "SUBSCRIBE msgid: 1 (0)"),
            (b"\xa2\x05\0\x02\0\x01t", "UNSUBSCRIBE msgid: 2 (0)"),
            (b"\x30\x08\0\x01thello", "PUBLISH qos: 0 retained: 0 rc: 0 payload len(5): hello"),
            (b"\x33\x0a\0\x01t\0\x03hello", "PUBLISH msgid: 3 qos: 1 retained: 1 rc 0 payload len(5): hello"),
            (b"\x40\x02\0\x04", "PUBACK msgid: 4 (0)"),
            (b"\x50\x02\0\x05", "PUBREC msgid: 5 (0)"),
            (b"\x62\x02\0\x06", "PUBREL msgid: 6 (0)"),
            (b"\x70\x02\0\x07", "PUBCOMP msgid 7 (0)"),
            (b"\xc0\0", "PINGREQ (0)"),
            (b"\xe0\0", "DISCONNECT (0)"),
        ];
        for (bytes, expected) in cases {
            let version = if expected.contains("version 3") { Version::V31 } else { Version::V311 };
            assert_eq!(sent_text(version, bytes), expected);
        }
    }

    /// The lines of the original for the same bytes.
    #[test]
    fn lines_of_incoming_packets() {
        let cases: [(&[u8], &str); 9] = [
            (b"\x20\x02\0\x05", "CONNACK rc: 5"),
            (b"\x90\x03\0\x01\x02", "SUBACK msgid: 1"),
            (b"\xb0\x02\0\x02", "UNSUBACK msgid: 2"),
            (b"\x34\x08\0\x01t\0\x07QQ2", "PUBLISH msgid: 7 qos: 2 retained: 0 payload len(3): QQ2"),
            (b"\x31\x03\0\x01t", "PUBLISH msgid: 0 qos: 0 retained: 1 payload len(0): "),
            (b"\x40\x02\0\x04", "PUBACK msgid: 4"),
            (b"\x50\x02\0\x05", "PUBREC msgid: 5"),
            (b"\x62\x02\0\x06", "PUBREL msgid 6"),
            (b"\x70\x02\0\x07", "PUBCOMP msgid:7"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(received_text(Version::V311, bytes), expected);
        }
        assert_eq!(received_text(Version::V311, b"\xd0\0"), "PINGRESP");
        assert_eq!(received_text(Version::V5, b"\x40\x02\0\x04"), "PUBACK msgid: 4");
        assert_eq!(received_text(Version::V5, b"\xe0\x02\x8b\0"), "DISCONNECT (139)");
        assert_eq!(received_text(Version::V5, b"\xe0\0"), "DISCONNECT (0)");
    }

    /// The results of the C interface are 0 for every success.
    #[test]
    fn reasons_of_acknowledgements_are_told() {
        assert_eq!(received_text(Version::V5, b"\x40\x03\0\x04\x10"), "PUBACK msgid: 4 reason: 16");
        assert_eq!(received_text(Version::V5, b"\x50\x04\0\x05\x97\0"), "PUBREC msgid: 5 reason: 151");
        assert_eq!(received_text(Version::V5, b"\x70\x03\0\x07\x92"), "PUBCOMP msgid:7 reason: 146");
    }

    #[test]
    fn clean_start_of_version_5_is_told() {
        let text = sent_text(Version::V5, b"\x10\x10\0\x04MQTT\x05\x02\0\x3c\0\0\x03cid");
        assert_eq!(text, "CONNECT version 5 clean: 1 (0)");
    }

    #[test]
    fn credentials_and_will_are_not_told() {
        let connect = b"\x10\x26\0\x04MQTT\x04\xc6\0\x3c\0\x03cid\0\x01w\0\x04WILL\0\x04user\0\x06secret";
        assert_eq!(sent_text(Version::V311, connect), "CONNECT version 4 clean: 1 (0)");
    }

    #[test]
    fn each_packet_of_one_write_has_its_line_with_the_result() {
        let texts = sent_texts(Version::V311, b"\x40\x02\0\x04\xc0\0\x40\x02\0\x05", b"", -22);
        assert_eq!(texts, ["PUBACK msgid: 4 (-22)", "PINGREQ (-22)", "PUBACK msgid: 5 (-22)"]);
    }

    #[test]
    fn payload_may_stand_apart_from_its_head() {
        let texts = sent_texts(Version::V311, b"\xc0\0\x32\xac\x02\0\x01t\0\x09", &[b'p'; 295], 0);
        let shown = "p".repeat(30);
        let publish = format!("PUBLISH msgid: 9 qos: 1 retained: 0 rc 0 payload len(295): {shown}");
        assert_eq!(texts, ["PINGREQ (0)".to_owned(), publish]);
    }

    #[test]
    fn cut_off_heads_end_the_lines() {
        assert!(sent_texts(Version::V311, b"\x32\xff", b"", 0).is_empty());
        assert!(sent_texts(Version::V311, b"\x32\x05\0\x09t", b"", 0).is_empty());
    }

    #[test]
    fn payload_is_shown_in_thirty_characters() {
        let cases: [(&[u8], &str); 5] = [
            (b"a\x7fb\x01", "a\\x7Fb\\x01"),
            (b"\\ ~", "\\ ~"),
            (&[0xff; 9], "\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF"),
            (b"123456789012345678901234567\n", "123456789012345678901234567"),
            (b"12345678901234567890123456\n8", "12345678901234567890123456\\x0A"),
        ];
        for (payload, shown) in cases {
            assert_eq!(Payload(payload).to_string(), format!("payload len({}): {shown}", payload.len()));
        }
    }
}
