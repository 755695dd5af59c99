//! The record of a request that was accepted and not sent yet.

use super::native_fields::{Fields, int, length, property_length, up_to_zero};

const PUBLISH: i32 = 3;
const SUBSCRIBE: i32 = 8;
const UNSUBSCRIBE: i32 = 10;

/// Eyecatcher of the subscribe options.
const OPTIONS: &[u8; 4] = b"MQSO";
const OPTIONS_LENGTH: i32 = 12;

/// A request. Texts end at their first zero byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandRecord<'a> {
    /// Packet identifier, 0 for a message of QoS 0.
    pub token: u16,
    /// Encoded properties, without their length; only records of version 5 have them.
    pub properties: &'a [u8],
    /// What is requested.
    pub command: Command<'a>,
}

/// What a request is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command<'a> {
    /// To publish a message.
    Publish {
        /// Topic name.
        topic: &'a [u8],
        /// Application message.
        payload: &'a [u8],
        /// 0 to 2.
        qos: u8,
        /// RETAIN.
        retained: bool,
    },
    /// To subscribe.
    Subscribe(Vec<SubscribeEntry<'a>>),
    /// To unsubscribe from these filters.
    Unsubscribe(Vec<&'a [u8]>),
}

/// One filter of a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubscribeEntry<'a> {
    /// Topic filter.
    pub filter: &'a [u8],
    /// Maximum QoS, 0 to 2.
    pub qos: u8,
    /// Version 5 only: `noLocal`, `retainAsPublished` and `retainHandling`, as bytes of the structure that applications
    /// fill in.
    pub options: [u8; 3],
}

impl<'a> CommandRecord<'a> {
    /// The fields, one piece each. `None`: the request is too long for a record.
    pub fn pieces(&self, version_5: bool) -> Option<Vec<Vec<u8>>> {
        let kind = match self.command {
            Command::Publish { .. } => PUBLISH,
            Command::Subscribe(_) => SUBSCRIBE,
            Command::Unsubscribe(_) => UNSUBSCRIBE,
        };
        let mut pieces = vec![int(kind).to_vec(), int(self.token.into()).to_vec()];
        match &self.command {
            Command::Publish { topic, payload, qos, retained } => pieces.extend([
                text(topic),
                length(payload)?.to_vec(),
                payload.to_vec(),
                int((*qos).into()).to_vec(),
                int((*retained).into()).to_vec(),
            ]),
            Command::Subscribe(entries) => {
                pieces.push(count(entries.len())?);
                entries.iter().for_each(|entry| entry.write(version_5, &mut pieces));
            }
            Command::Unsubscribe(filters) => {
                pieces.push(count(filters.len())?);
                pieces.extend(filters.iter().map(|filter| text(filter)));
            }
        }
        if version_5 {
            pieces.push([&property_length(self.properties)?, self.properties].concat());
        }
        Some(pieces)
    }

    /// Reads a record. `None`: it is none.
    pub fn read(record: &'a [u8], version_5: bool) -> Option<CommandRecord<'a>> {
        Fields::read(record, |fields| CommandRecord::from_fields(fields, version_5))
    }

    fn from_fields(mut fields: Fields<'a>, version_5: bool) -> Option<CommandRecord<'a>> {
        let kind = fields.int()?;
        let token = u16::try_from(fields.int()?).ok()?;
        let command = match kind {
            PUBLISH => read_publish(token, &mut fields)?,
            SUBSCRIBE => {
                Command::Subscribe(read_list(&mut fields, |fields| SubscribeEntry::read(fields, version_5))?)
            }
            UNSUBSCRIBE => Command::Unsubscribe(read_list(&mut fields, Fields::text)?),
            _ => return None,
        };
        let properties = if version_5 { fields.property_block()? } else { &[] };
        fields.rest().is_empty().then_some(CommandRecord { token, properties, command })
    }
}

impl<'a> SubscribeEntry<'a> {
    fn write(&self, version_5: bool, pieces: &mut Vec<Vec<u8>>) {
        pieces.push(text(self.filter));
        pieces.push(int(self.qos.into()).to_vec());
        if version_5 {
            // The last byte is padding.
            pieces.push([&OPTIONS[..], &int(0), &self.options, &[0]].concat());
        }
    }

    fn read(fields: &mut Fields<'a>, version_5: bool) -> Option<SubscribeEntry<'a>> {
        let filter = fields.text()?;
        let qos = quality(fields)?;
        let options = if version_5 { read_options(fields.bytes(OPTIONS_LENGTH)?)? } else { [0; 3] };
        Some(SubscribeEntry { filter, qos, options })
    }
}

fn read_options(image: &[u8]) -> Option<[u8; 3]> {
    match *image.strip_prefix(OPTIONS)? {
        [_, _, _, _, no_local @ 0..=1, retain_as_published @ 0..=1, retain_handling @ 0..=2, _] => {
            Some([no_local, retain_as_published, retain_handling])
        }
        _ => None,
    }
}

fn read_publish<'a>(token: u16, fields: &mut Fields<'a>) -> Option<Command<'a>> {
    let topic = fields.text()?;
    let payload_length = fields.int()?;
    let payload = fields.bytes(payload_length)?;
    let qos = quality(fields)?;
    let retained = fields.int()? != 0;
    ((token == 0) == (qos == 0)).then_some(())?;
    Some(Command::Publish { topic, payload, qos, retained })
}

fn read_list<'a, T>(
    fields: &mut Fields<'a>,
    mut read: impl FnMut(&mut Fields<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = fields.int()?;
    // The list grows with what is there, not with the number.
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(read(fields)?);
    }
    (!list.is_empty()).then_some(list)
}

fn quality(fields: &mut Fields<'_>) -> Option<u8> {
    u8::try_from(fields.int()?).ok().filter(|qos| *qos <= 2)
}

fn text(bytes: &[u8]) -> Vec<u8> {
    [up_to_zero(bytes), &[0]].concat()
}

fn count(number: usize) -> Option<Vec<u8>> {
    i32::try_from(number).ok().map(|number| int(number).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROPERTY: &[u8] = b"\x26\0\x01k\0\x01v";
    const PUBLISH_0: &[u8] = b"\x03\0\0\0\0\0\0\0t/zero\0\x02\0\0\0zz\0\0\0\0\0\0\0\0";
    const PUBLISH_1: &[u8] = b"\x03\0\0\0\x01\0\0\0t/one\0\x05\0\0\0hello\x01\0\0\0\0\0\0\0";
    const SUBSCRIBE_1: &[u8] = b"\x08\0\0\0\x02\0\0\0\x01\0\0\0t/sub\0\x01\0\0\0";
    const SUBSCRIBE_2: &[u8] = b"\x08\0\0\0\x03\0\0\0\x02\0\0\0t/sub\0\x01\0\0\0second/t\0\0\0\0\0";
    const UNSUBSCRIBE_1: &[u8] = b"\x0a\0\0\0\x04\0\0\0\x01\0\0\0t/u1\0";
    const SUBSCRIBE_5: &[u8] = b"\x08\0\0\0\x02\0\0\0\x01\0\0\0t/sub\0\x01\0\0\0MQSO\0\0\0\0\x01\x01\x02\0\0";

    fn publish(token: u16, topic: &'static [u8], payload: &'static [u8], qos: u8) -> CommandRecord<'static> {
        record(token, Command::Publish { topic, payload, qos, retained: false })
    }

    fn record(token: u16, command: Command<'_>) -> CommandRecord<'_> {
        CommandRecord { token, properties: &[], command }
    }

    fn entry(filter: &'static [u8], qos: u8, options: [u8; 3]) -> SubscribeEntry<'static> {
        SubscribeEntry { filter, qos, options }
    }

    fn check(command: &CommandRecord<'_>, version_5: bool, golden: &[u8], lengths: &[usize]) {
        let pieces = command.pieces(version_5).unwrap();
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{command:?}");
        if cfg!(target_endian = "little") {
            assert_eq!(pieces.concat(), golden, "{command:?}");
        }
        assert_eq!(CommandRecord::read(golden, version_5).as_ref(), Some(command));
    }

    #[test]
    fn records_are_those_of_the_original() {
        check(&publish(0, b"t/zero", b"zz", 0), false, PUBLISH_0, &[4, 4, 7, 4, 2, 4, 4]);
        check(&publish(1, b"t/one", b"hello", 1), false, PUBLISH_1, &[4, 4, 6, 4, 5, 4, 4]);
        let one = vec![entry(b"t/sub", 1, [0; 3])];
        check(&record(2, Command::Subscribe(one)), false, SUBSCRIBE_1, &[4, 4, 4, 6, 4]);
        let two = vec![entry(b"t/sub", 1, [0; 3]), entry(b"second/t", 0, [0; 3])];
        check(&record(3, Command::Subscribe(two)), false, SUBSCRIBE_2, &[4, 4, 4, 6, 4, 9, 4]);
        let leave = record(4, Command::Unsubscribe(vec![b"t/u1"]));
        check(&leave, false, UNSUBSCRIBE_1, &[4, 4, 4, 5]);
    }

    #[test]
    fn records_of_version_5_are_those_of_the_original() {
        let message = CommandRecord { properties: PROPERTY, ..publish(1, b"t/one", b"hello", 1) };
        let golden = [PUBLISH_1, b"\x07", PROPERTY].concat();
        assert_eq!(golden.len(), 39);
        check(&message, true, &golden, &[4, 4, 6, 4, 5, 4, 4, 8]);
        let one = record(2, Command::Subscribe(vec![entry(b"t/sub", 1, [1, 1, 2])]));
        check(&one, true, SUBSCRIBE_5, &[4, 4, 4, 6, 4, 12, 1]);
        let leave = record(4, Command::Unsubscribe(vec![b"t/u1"]));
        check(&leave, true, &[UNSUBSCRIBE_1, b"\0"].concat(), &[4, 4, 4, 5, 1]);
    }

    #[test]
    fn records_of_machines_with_the_other_byte_order_are_read() {
        let message = Command::Publish { topic: b"t/one", payload: b"hello", qos: 1, retained: true };
        let publish = CommandRecord { properties: PROPERTY, ..record(258, message) };
        let entries = vec![entry(b"t/sub", 1, [1, 0, 2]), entry(b"second/t", 0, [0; 3])];
        let subscribe = record(3, Command::Subscribe(entries));
        let unsubscribe = record(4, Command::Unsubscribe(vec![b"t/u1"]));
        for command in [publish, subscribe, unsubscribe] {
            let mut pieces = command.pieces(true).unwrap();
            // Only numbers have 4 bytes.
            pieces.iter_mut().filter(|piece| piece.len() == 4).for_each(|number| number.reverse());
            assert_eq!(CommandRecord::read(&pieces.concat(), true), Some(command));
        }
    }

    #[test]
    fn the_padding_byte_is_not_looked_at() {
        let mut record = SUBSCRIBE_5.to_vec();
        let padding = record.len() - 2;
        record[padding] = 0xAB;
        assert_eq!(CommandRecord::read(&record, true), CommandRecord::read(SUBSCRIBE_5, true));
    }

    #[test]
    fn cut_lengthened_and_flipped_records_do_no_harm() {
        let all =
            [PUBLISH_0, PUBLISH_1, SUBSCRIBE_1, SUBSCRIBE_2, UNSUBSCRIBE_1].map(|record| (record, false));
        for (record, version_5) in all.into_iter().chain([(SUBSCRIBE_5, true)]) {
            for end in 0..record.len() {
                assert_eq!(CommandRecord::read(&record[..end], version_5), None);
            }
            assert_eq!(CommandRecord::read(&[record, &[7]].concat(), version_5), None);
            for bit in 0..record.len() * 8 {
                let mut flipped = record.to_vec();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let _ = CommandRecord::read(&flipped, version_5);
            }
        }
        assert_eq!(CommandRecord::read(b"\x08\0\0\0\x01\0\0\0\xff\xff\xff\x7f", false), None);
    }
}
