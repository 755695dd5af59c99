//! Records that are MQTT packets, and the pieces in which an application's own store gets them.

/// The PUBREL of a message.
pub fn release(packet_id: u16) -> [u8; 4] {
    let [high, low] = packet_id.to_be_bytes();
    [0x62, 2, high, low]
}

/// Fixed header and body.
pub fn header_and_body(packet: &[u8]) -> [&[u8]; 2] {
    let header = packet
        .get(1..)
        .and_then(variable_length)
        .and_then(|(_, width)| packet.split_at_checked(1 + width))
        .unwrap_or((packet, &[]));
    [header.0, header.1]
}

/// The pieces of a PUBLISH of QoS 1 or 2: fixed header; length of the topic; topic; packet identifier and, in MQTT 5,
/// properties; payload. Other bytes come in fewer pieces.
pub fn publish_pieces(packet: &[u8], version_5: bool) -> [&[u8]; 5] {
    let [header, body] = header_and_body(packet);
    split_body(body, version_5).map_or([header, body, &[], &[], &[]], |[length, topic, middle, payload]| {
        [header, length, topic, middle, payload]
    })
}

fn split_body(body: &[u8], version_5: bool) -> Option<[&[u8]; 4]> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    let (topic, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let mut middle = 2;
    if version_5 {
        let (properties, width) = variable_length(rest.get(2..)?)?;
        middle += width + properties;
    }
    let (middle, payload) = rest.split_at_checked(middle)?;
    Some([length, topic, middle, payload])
}

/// Value and width of a variable byte integer.
pub(super) fn variable_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pieces: &[&[u8]]) -> Vec<usize> {
        pieces.iter().map(|piece| piece.len()).collect()
    }

    #[test]
    fn pieces_are_those_of_the_original() {
        let packet = b"\x32\x0e\x00\x05t/one\x00\x02hello";
        assert_eq!(lengths(&publish_pieces(packet, false)), [2, 2, 5, 2, 5]);
        let packet = b"\x32\x16\x00\x05t/one\x00\x02\x07\x26\x00\x01k\x00\x01vhello";
        assert_eq!(lengths(&publish_pieces(packet, true)), [2, 2, 5, 10, 5]);
        assert_eq!(publish_pieces(packet, true).concat(), packet);
        assert_eq!(lengths(&header_and_body(&release(3))), [2, 2]);
        assert_eq!(release(0x0102), [0x62, 2, 1, 2]);
        assert_eq!(lengths(&header_and_body(b"\x34\x0a\x00\x03t/i\x00\x07QQ2")), [2, 10]);
    }

    #[test]
    fn every_cut_of_a_packet_keeps_its_bytes() {
        let packet = b"\x32\x16\x00\x05t/one\x00\x02\x07\x26\x00\x01k\x00\x01vhello";
        for end in 0..packet.len() {
            let cut = &packet[..end];
            assert_eq!(publish_pieces(cut, true).concat(), cut);
            assert_eq!(header_and_body(cut).concat(), cut);
        }
    }
}
