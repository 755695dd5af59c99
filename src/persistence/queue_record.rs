//! The record of a received message that waits for the application.

use super::native_fields::{Fields, int, length, property_length, up_to_zero};

/// A received message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueRecord<'a> {
    /// Topic name. A zero byte in it ends what is kept of it.
    pub topic: &'a [u8],
    /// Application message.
    pub payload: &'a [u8],
    /// 0 to 2.
    pub qos: u8,
    /// The RETAIN flag.
    pub retained: bool,
    /// The DUP flag.
    pub dup: bool,
    /// Packet identifier, 0 for QoS 0.
    pub packet_id: u16,
    /// Encoded properties without their length; `None` in a record of version 3.
    pub properties: Option<&'a [u8]>,
}

impl QueueRecord<'_> {
    /// Gives the fields to `put`, one piece each. `None`: the message is too long for a record.
    pub fn write<R>(&self, put: impl FnOnce(&[&[u8]]) -> R) -> Option<R> {
        let topic = up_to_zero(self.topic);
        let topic = [topic, &[0]].concat();
        let numbers =
            [i32::from(self.qos), self.retained.into(), self.dup.into(), self.packet_id.into()].map(int);
        let [qos, retained, dup, packet_id] = &numbers;
        let payload_length = length(self.payload)?;
        let topic_length = length(self.topic)?;
        let properties = match self.properties {
            Some(properties) => [&property_length(properties)?, properties].concat(),
            None => Vec::new(),
        };
        let pieces: [&[u8]; 9] = [
            &payload_length,
            self.payload,
            qos,
            retained,
            dup,
            packet_id,
            &topic,
            &topic_length,
            &properties,
        ];
        let count = if self.properties.is_some() { 9 } else { 8 };
        Some(put(pieces.get(..count).unwrap_or_default()))
    }

    /// Reads a record. `None`: it is none.
    pub fn read(record: &[u8], version_5: bool) -> Option<QueueRecord<'_>> {
        Fields::read(record, |fields| QueueRecord::from_fields(fields, version_5))
    }

    fn from_fields(mut fields: Fields<'_>, version_5: bool) -> Option<QueueRecord<'_>> {
        let payload_length = fields.int()?;
        let payload = fields.bytes(payload_length)?;
        let qos = u8::try_from(fields.int()?).ok().filter(|qos| *qos <= 2)?;
        let retained = fields.int()? != 0;
        let dup = fields.int()? != 0;
        let packet_id = u16::try_from(fields.int()?).ok()?;
        let topic = fields.text()?;
        let topic_length = usize::try_from(fields.int()?).ok()?;
        let properties = if version_5 { Some(fields.property_block()?) } else { None };
        let whole = fields.rest().is_empty() && (topic.len()..=65_535).contains(&topic_length);
        whole.then_some(QueueRecord { topic, payload, qos, retained, dup, packet_id, properties })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: QueueRecord<'_> = QueueRecord {
        topic: b"t/i",
        payload: b"QQ1",
        qos: 1,
        retained: true,
        dup: false,
        packet_id: 8,
        properties: None,
    };

    fn written(record: &QueueRecord<'_>) -> (Vec<usize>, Vec<u8>) {
        record.write(|pieces| (pieces.iter().map(|piece| piece.len()).collect(), pieces.concat())).unwrap()
    }

    #[test]
    fn records_are_those_of_the_original() {
        let is_little = cfg!(target_endian = "little");
        let golden = b"\x03\0\0\0QQ1\x01\0\0\0\x01\0\0\0\0\0\0\0\x08\0\0\0t/i\0\x03\0\0\0";
        let (pieces, bytes) = written(&MESSAGE);
        assert_eq!(pieces, [4, 3, 4, 4, 4, 4, 4, 4]);
        assert_eq!(bytes == golden, is_little);
        assert_eq!(QueueRecord::read(golden, false), Some(MESSAGE));
        let with_property = QueueRecord { properties: Some(b"\x26\0\x01a\0\x01b"), ..MESSAGE };
        let golden = [&golden[..], b"\x07\x26\0\x01a\0\x01b"].concat();
        let (pieces, bytes) = written(&with_property);
        assert_eq!(pieces, [4, 3, 4, 4, 4, 4, 4, 4, 8]);
        assert_eq!(bytes == golden, is_little);
        assert_eq!(QueueRecord::read(&golden, true), Some(with_property));
    }

    #[test]
    fn records_of_machines_with_the_other_byte_order_are_read() {
        let full = QueueRecord { topic: b"topic", packet_id: 258, ..MESSAGE };
        let empty = QueueRecord { payload: b"", qos: 0, retained: false, packet_id: 0, ..full };
        for message in [full, empty] {
            // Only numbers have 4 bytes.
            let reversed = message.write(|pieces| {
                let mut pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
                pieces.iter_mut().filter(|piece| piece.len() == 4).for_each(|number| number.reverse());
                pieces.concat()
            });
            assert_eq!(QueueRecord::read(&reversed.unwrap(), false), Some(message));
        }
    }

    #[test]
    fn a_zero_byte_ends_the_topic_that_is_kept() {
        let (_, bytes) = written(&QueueRecord { topic: b"a\0b", ..MESSAGE });
        let read = QueueRecord::read(&bytes, false).unwrap();
        assert_eq!(read.topic, b"a");
        assert_eq!(bytes[bytes.len() - 4..], 3i32.to_ne_bytes());
    }

    #[test]
    fn cut_lengthened_and_wrong_records_are_none() {
        for (record, version_5) in [
            (written(&MESSAGE).1, false),
            (written(&QueueRecord { properties: Some(&[0x26, 0, 0, 0, 0]), ..MESSAGE }).1, true),
        ] {
            for end in 0..record.len() {
                assert_eq!(QueueRecord::read(&record[..end], version_5), None, "{end}");
            }
            let longer = [&record[..], &[0]].concat();
            assert_eq!(QueueRecord::read(&longer, version_5), None);
            for index in 0..record.len() {
                for bit in 0..8 {
                    let mut flipped = record.clone();
                    flipped[index] ^= 1 << bit;
                    // Never a panic; what comes out lies within the record.
                    if let Some(read) = QueueRecord::read(&flipped, version_5) {
                        assert!(read.qos <= 2 && read.payload.len() <= record.len());
                    }
                }
            }
        }
        assert_eq!(QueueRecord::read(&(-1i32).to_ne_bytes(), false), None);
    }
}
