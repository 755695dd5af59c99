//! Every kind of bad input, and the reason it is refused with by a strict receiver.

use crate::support::{VERSIONS, all_properties, decode, hex, sample_property, tolerate};
use paho_c_rs::protocol::PropertyId as Id;
use paho_c_rs::protocol::{
    Breach, DecodeError, Framing, Properties, PropertyId, PropertyView, ReasonCode, Version, split_frame,
};

const V3: &[Version] = &[Version::V31, Version::V311];
const V311: &[Version] = &[Version::V311];
const V5: &[Version] = &[Version::V5];
const ALL: &[Version] = &VERSIONS;
const SINCE_311: &[Version] = &[Version::V311, Version::V5];

const MALFORMED: ReasonCode = ReasonCode::MALFORMED_PACKET;
const PROTOCOL: ReasonCode = ReasonCode::PROTOCOL_ERROR;
const TOPIC: ReasonCode = ReasonCode::TOPIC_NAME_INVALID;
const VERSION: ReasonCode = ReasonCode::UNSUPPORTED_PROTOCOL_VERSION;

/// Packets that a tolerant receiver takes, and what is wrong with them.
#[test]
fn what_can_be_taken_apart_is_decoded_with_its_breaches() {
    use Breach::*;
    let cases: [(&str, &[Breach]); 12] = [
        ("32 06 0001 61 0000 00", &[PacketIdZero]),
        ("30 08 0003 61FF23 00 7878", &[TopicNotUtf8, TopicWildcards]),
        ("30 04 0000 00 61", &[TopicMissing]),
        ("30 0C 0001 61 08 01 02 01 02 0B 00 23 00", &[]),
        ("30 0C 0001 61 08 01 02 01 02 23 0000 01", &[]),
        ("30 0B 0001 61 07 01 02 23 0000 01 02", &[PropertyRepeated, PropertyOutOfRange]),
        ("30 0A 0001 61 06 03 0001 FF 25 01", &[PropertyMisplaced, PropertyNotUtf8]),
        ("4F 04 0000 00 00", &[HeaderFlags, PacketIdZero]),
        ("62 06 0001 00 00 01 02", &[BytesLeft]),
        ("E1 06 8B 03 24 07 1F 00", &[]),
        ("20 05 00 00 02 24 02", &[PropertyOutOfRange]),
        ("D1 01 00", &[HeaderFlags, BytesLeft]),
    ];
    for (text, breaches) in cases {
        let bytes = hex(text);
        match tolerate(&bytes, Version::V5) {
            Ok(decoded) => {
                assert_eq!(decoded.breaches.iter().collect::<Vec<_>>(), breaches, "{text}");
                assert_eq!(decoded.strictly().is_err(), !breaches.is_empty());
            }
            Err(error) => assert!(breaches.is_empty() && error.reason() == MALFORMED, "{text}: {error}"),
        }
    }
    assert_eq!(tolerate(&hex("36 06 0001 61 0001 00"), Version::V5), Err(DecodeError::Breach(QoS3)));
    for breach in Breach::ALL {
        assert!(breach.reason().is_error() && !breach.text().is_empty());
    }
}

/// What is wrong, in which versions, the packet, the reason.
type Case = (&'static str, &'static [Version], &'static str, ReasonCode);

fn assert_refused(cases: &[Case]) {
    for &(what, versions, text, reason) in cases {
        assert_refused_with(what, versions, text, reason);
    }
}

fn assert_refused_with(what: &str, versions: &[Version], text: &str, reason: ReasonCode) {
    for &version in versions {
        let bytes = hex(text);
        let result = decode(&bytes, version);
        assert_eq!(result.map_err(|error| error.reason()), Err(reason), "{what} {version:?}: {text}");
    }
}

#[test]
fn reserved_types_and_flags() {
    assert_refused(&[
        ("type 0", ALL, "00 00", PROTOCOL),
        ("type 0 with flags", ALL, "0F 00", PROTOCOL),
        ("AUTH", V3, "F0 00", PROTOCOL),
        ("CONNECT flags", ALL, "11 0C 0004 4D515454 04 02 000A 0000", MALFORMED),
        ("CONNACK flags", SINCE_311, "21 03 00 00 00", MALFORMED),
        ("PUBACK flags", SINCE_311, "41 02 0001", MALFORMED),
        ("PUBACK flags of PUBREL", SINCE_311, "42 02 0001", MALFORMED),
        ("PUBREC flags", SINCE_311, "58 02 0001", MALFORMED),
        ("PUBREL flags 0000", SINCE_311, "60 02 0001", MALFORMED),
        ("PUBREL flags 0011", SINCE_311, "63 02 0001", MALFORMED),
        ("PUBREL flags 1010", SINCE_311, "6A 02 0001", MALFORMED),
        ("PUBCOMP flags", SINCE_311, "72 02 0001", MALFORMED),
        ("SUBSCRIBE flags 0000", V311, "80 06 0001 0001 61 00", MALFORMED),
        ("SUBSCRIBE flags 1010", SINCE_311, "8A 06 0001 0001 61 00", MALFORMED),
        ("SUBACK flags", SINCE_311, "92 04 0001 00 00", MALFORMED),
        ("UNSUBSCRIBE flags 0000", V311, "A0 05 0001 0001 61", MALFORMED),
        ("UNSUBSCRIBE flags 1010", SINCE_311, "AA 05 0001 0001 61", MALFORMED),
        ("UNSUBACK flags", SINCE_311, "B2 04 0001 00 00", MALFORMED),
        ("PINGREQ flags", SINCE_311, "C1 00", MALFORMED),
        ("PINGRESP flags", SINCE_311, "D8 00", MALFORMED),
        ("DISCONNECT flags", SINCE_311, "E2 00", MALFORMED),
        ("AUTH flags", V5, "F1 06 18 04 15 0001 4D", MALFORMED),
    ]);
}

#[test]
fn packet_identifiers() {
    assert_refused(&[
        ("PUBLISH id 0", ALL, "32 06 0001 61 0000 00", MALFORMED),
        ("PUBACK id 0", ALL, "40 02 0000", MALFORMED),
        ("PUBREC id 0", ALL, "50 02 0000", MALFORMED),
        ("PUBREL id 0", ALL, "62 02 0000", MALFORMED),
        ("PUBCOMP id 0", ALL, "70 02 0000", MALFORMED),
        ("SUBSCRIBE id 0", V3, "82 06 0000 0001 61 00", MALFORMED),
        ("SUBSCRIBE id 0", V5, "82 07 0000 00 0001 61 00", MALFORMED),
        ("SUBACK id 0", ALL, "90 04 0000 00 00", MALFORMED),
        ("UNSUBSCRIBE id 0", V3, "A2 05 0000 0001 61", MALFORMED),
        ("UNSUBACK id 0", ALL, "B0 04 0000 00 00", MALFORMED),
    ]);
}

#[test]
fn publish() {
    assert_refused(&[
        ("QoS 3", ALL, "36 06 0001 61 0001 00", MALFORMED),
        ("QoS 3 with DUP and retain", ALL, "3F 06 0001 61 0001 00", MALFORMED),
        ("empty", ALL, "30 00", MALFORMED),
        ("half a topic length", ALL, "30 01 00", MALFORMED),
        ("topic beyond the end", ALL, "30 04 0003 6162", MALFORMED),
        ("no id", ALL, "32 03 0001 61", MALFORMED),
        ("half an id", ALL, "32 04 0001 61 00", MALFORMED),
        ("no properties", V5, "30 03 0001 61", MALFORMED),
        ("no properties behind the id", V5, "32 05 0001 61 0001", MALFORMED),
        ("topic not UTF-8", ALL, "30 05 0002 C328 00", MALFORMED),
        ("topic with a surrogate", ALL, "30 06 0003 EDA080 00", MALFORMED),
        ("long topic not UTF-8", ALL, "30 0E 000B 6161616161616161616180 00", MALFORMED),
        ("wildcard #", ALL, "30 06 0003 612F23 00", TOPIC),
        ("wildcard +", ALL, "30 06 0003 2B2F61 00", TOPIC),
        ("wildcard in a long topic", ALL, "30 0F 000C 616161612B61616161616161 00", TOPIC),
        ("wildcard and UTF-8", ALL, "30 06 0003 C3A92B 00", TOPIC),
        ("empty topic", V3, "30 03 0000 61", PROTOCOL),
        ("empty topic without alias", V5, "30 03 0000 00", PROTOCOL),
        ("empty topic with another property", V5, "30 05 0000 02 01 01", PROTOCOL),
        ("alias 0", V5, "30 06 0000 03 23 0000", PROTOCOL),
        ("subscription identifier 0", V5, "30 06 0001 61 02 0B 00", PROTOCOL),
    ]);
}

#[test]
fn acknowledgements() {
    for first_byte in ["40", "50", "62", "70"] {
        for (what, versions, rest, reason) in [
            ("empty", ALL, "00", MALFORMED),
            ("one byte", ALL, "01 01", MALFORMED),
            ("byte behind the properties", V5, "05 0001 00 00 00", MALFORMED),
            ("properties beyond the end", V5, "04 0001 00 01", MALFORMED),
            ("property of another packet", V5, "06 0001 00 02 24 01", MALFORMED),
        ] {
            assert_refused_with(what, versions, &format!("{first_byte} {rest}"), reason);
        }
    }
    assert_refused(&[
        ("SUBACK empty", ALL, "90 00", MALFORMED),
        ("SUBACK one byte", ALL, "90 01 01", MALFORMED),
        ("SUBACK properties beyond the end", V5, "90 04 0001 05 00", MALFORMED),
        ("UNSUBACK empty", ALL, "B0 00", MALFORMED),
        ("UNSUBACK one byte", ALL, "B0 01 01", MALFORMED),
    ]);
}

#[test]
fn connack_disconnect_auth_and_pings() {
    assert_refused(&[
        ("CONNACK empty", ALL, "20 00", MALFORMED),
        ("CONNACK one byte", ALL, "20 01 00", MALFORMED),
        ("CONNACK byte behind the properties", V5, "20 04 00 00 00 00", MALFORMED),
        ("CONNACK properties beyond the end", V5, "20 03 00 00 01", MALFORMED),
        ("CONNACK receive maximum 0", V5, "20 06 00 00 03 21 0000", PROTOCOL),
        ("CONNACK maximum packet size 0", V5, "20 08 00 00 05 27 00000000", PROTOCOL),
        ("CONNACK maximum QoS 2", V5, "20 05 00 00 02 24 02", PROTOCOL),
        ("CONNACK retain available 2", V5, "20 05 00 00 02 25 02", PROTOCOL),
        ("CONNACK wildcard available 2", V5, "20 05 00 00 02 28 02", PROTOCOL),
        ("CONNACK identifiers available 255", V5, "20 05 00 00 02 29 FF", PROTOCOL),
        ("CONNACK shared available 2", V5, "20 05 00 00 02 2A 02", PROTOCOL),
        ("DISCONNECT with a body", V3, "E0 01 00", MALFORMED),
        ("DISCONNECT byte behind the properties", V5, "E0 03 00 00 00", MALFORMED),
        ("DISCONNECT properties beyond the end", V5, "E0 02 00 03", MALFORMED),
        ("AUTH empty", V5, "F0 00", PROTOCOL),
        ("AUTH without properties", V5, "F0 01 18", PROTOCOL),
        ("AUTH without method", V5, "F0 06 18 04 16 0001 4D", PROTOCOL),
        ("AUTH byte behind the properties", V5, "F0 07 18 04 15 0001 4D 00", MALFORMED),
        ("PINGREQ with a body", ALL, "C0 01 00", MALFORMED),
        ("PINGRESP with a body", ALL, "D0 01 00", MALFORMED),
    ]);
}

#[test]
fn subscribe_and_unsubscribe() {
    assert_refused(&[
        ("no filters", V3, "82 02 0001", PROTOCOL),
        ("no filters", V5, "82 03 0001 00", PROTOCOL),
        ("filter beyond the end", V3, "82 05 0001 0003 61", MALFORMED),
        ("filter without options", V3, "82 05 0001 0001 61", MALFORMED),
        ("second filter without options", V3, "82 09 0001 0001 61 00 0001 62", MALFORMED),
        ("empty filter", V3, "82 05 0001 0000 00", PROTOCOL),
        ("filter not UTF-8", V3, "82 06 0001 0001 FF 00", MALFORMED),
        ("QoS 3", V3, "82 06 0001 0001 61 03", MALFORMED),
        ("QoS 3", V5, "82 07 0001 00 0001 61 03", MALFORMED),
        ("options of MQTT 5", V3, "82 06 0001 0001 61 04", MALFORMED),
        ("reserved option", V5, "82 07 0001 00 0001 61 40", MALFORMED),
        ("retain handling 3", V5, "82 07 0001 00 0001 61 30", PROTOCOL),
        ("no local and shared", V5, "82 0F 0001 00 0009 2473686172652F612F 04", PROTOCOL),
        ("identifier 0", V5, "82 09 0001 02 0B00 0001 61 00", PROTOCOL),
        ("identifier twice", V5, "82 0B 0001 04 0B01 0B02 0001 61 00", PROTOCOL),
        ("UNSUBSCRIBE without filters", V3, "A2 02 0001", PROTOCOL),
        ("UNSUBSCRIBE without filters", V5, "A2 03 0001 00", PROTOCOL),
        ("UNSUBSCRIBE filter beyond the end", V3, "A2 05 0001 0002 61", MALFORMED),
        ("UNSUBSCRIBE empty filter", V3, "A2 04 0001 0000", PROTOCOL),
        ("UNSUBSCRIBE filter not UTF-8", V3, "A2 05 0001 0001 FF", MALFORMED),
        ("UNSUBSCRIBE half a length", V3, "A2 06 0001 0001 61 00", MALFORMED),
    ]);
}

#[test]
fn connect() {
    assert_refused(&[
        ("empty", V311, "10 00", MALFORMED),
        ("no level", V311, "10 06 0004 4D515454", MALFORMED),
        ("unknown name", V311, "10 0C 0004 4D515455 04 02 000A 0000", VERSION),
        ("unknown level", V311, "10 0C 0004 4D515454 06 02 000A 0000", VERSION),
        ("level of another name", V311, "10 0C 0004 4D515454 03 02 000A 0000", VERSION),
        ("reserved flag", V311, "10 0C 0004 4D515454 04 03 000A 0000", MALFORMED),
        ("will QoS without will", V311, "10 0C 0004 4D515454 04 0A 000A 0000", MALFORMED),
        ("will retain without will", V311, "10 0C 0004 4D515454 04 22 000A 0000", MALFORMED),
        ("will QoS 3", V311, "10 12 0004 4D515454 04 1E 000A 0000 0001 77 0001 6D", MALFORMED),
        ("will missing", V311, "10 0C 0004 4D515454 04 06 000A 0000", MALFORMED),
        ("will topic empty", V311, "10 11 0004 4D515454 04 06 000A 0000 0000 0001 6D", PROTOCOL),
        ("will topic with wildcard", V311, "10 12 0004 4D515454 04 06 000A 0000 0001 2B 0001 6D", TOPIC),
        ("user name missing", V311, "10 0C 0004 4D515454 04 82 000A 0000", MALFORMED),
        ("user name not UTF-8", V311, "10 0F 0004 4D515454 04 82 000A 0000 0001 FF", MALFORMED),
        ("password missing", V311, "10 0C 0004 4D515454 04 42 000A 0000", MALFORMED),
        ("client id not UTF-8", V311, "10 0D 0004 4D515454 04 02 000A 0001 FF", MALFORMED),
        ("byte behind the end", V311, "10 0D 0004 4D515454 04 02 000A 0000 00", MALFORMED),
        ("receive maximum 0", V5, "10 10 0004 4D515454 05 02 000A 03 21 0000 0000", PROTOCOL),
        ("switch of 2", V5, "10 0F 0004 4D515454 05 02 000A 02 17 02 0000", PROTOCOL),
        ("authentication data alone", V5, "10 10 0004 4D515454 05 02 000A 03 16 0000 0000", PROTOCOL),
        ("will delay outside the will", V5, "10 12 0004 4D515454 05 02 000A 05 18 00000001 0000", MALFORMED),
    ]);
}

#[test]
fn forms_of_properties() {
    for (what, text) in [
        ("unknown property", "04 01"),
        ("number 0", "00"),
        ("number above the table", "7F"),
        ("number of five bytes", "81 80 80 80 00 01"),
        ("number cut short", "81"),
        ("byte missing", "01"),
        ("two-byte integer cut short", "21 00"),
        ("four-byte integer cut short", "02 000000"),
        ("variable integer missing", "0B"),
        ("variable integer cut short", "0B 80"),
        ("variable integer of five bytes", "0B 80 80 80 80 01"),
        ("string length cut short", "1F 00"),
        ("string beyond the end", "1F 0002 61"),
        ("binary data beyond the end", "09 0001"),
        ("pair without value", "26 0001 61"),
        ("pair with value beyond the end", "26 0001 61 0001"),
    ] {
        let bytes = hex(text);
        let result = PropertyView::parse(&bytes);
        assert!(matches!(result, Err(DecodeError::Malformed(_))), "{what}: {result:?}");
    }
    for (what, packet) in [
        ("string not UTF-8", "40 08 0001 00 04 1F 0001 FF"),
        ("name not UTF-8", "40 0A 0001 00 06 26 0001 FF 0000"),
        ("value not UTF-8", "40 0A 0001 00 06 26 0000 0001 FF"),
    ] {
        assert_refused_with(what, V5, packet, MALFORMED);
    }
    assert!(
        decode(&hex("30 08 0001 61 04 09 0001 FF"), Version::V5).is_ok(),
        "binary data need not be UTF-8"
    );
}

#[test]
fn lengths_of_property_lists() {
    assert_refused(&[
        ("five bytes", V5, "40 08 0001 00 80 80 80 80 01", MALFORMED),
        ("cut short", V5, "40 04 0001 00 80", MALFORMED),
        ("largest", V5, "40 07 0001 00 FF FF FF 7F", MALFORMED),
        ("ends within a property", V5, "30 09 0001 61 02 02 00000001", MALFORMED),
    ]);
}

/// The table of the standard: for each property the packets it may stand in.
const PLACES: &[(&[PropertyId], &str)] = &[
    (
        &[
            Id::PayloadFormatIndicator,
            Id::MessageExpiryInterval,
            Id::ContentType,
            Id::ResponseTopic,
            Id::CorrelationData,
        ],
        "PUBLISH WILL",
    ),
    (&[Id::SubscriptionIdentifier], "PUBLISH SUBSCRIBE"),
    (&[Id::SessionExpiryInterval], "CONNECT CONNACK DISCONNECT"),
    (&[Id::AuthenticationMethod, Id::AuthenticationData], "CONNECT CONNACK AUTH"),
    (&[Id::RequestProblemInformation, Id::RequestResponseInformation], "CONNECT"),
    (&[Id::WillDelayInterval], "WILL"),
    (&[Id::ServerReference], "CONNACK DISCONNECT"),
    (&[Id::ReasonString], "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"),
    (&[Id::ReceiveMaximum, Id::TopicAliasMaximum, Id::MaximumPacketSize], "CONNECT CONNACK"),
    (&[Id::TopicAlias], "PUBLISH"),
    (
        &[
            Id::AssignedClientIdentifier,
            Id::ServerKeepAlive,
            Id::ResponseInformation,
            Id::MaximumQoS,
            Id::RetainAvailable,
            Id::WildcardSubscriptionAvailable,
            Id::SubscriptionIdentifiersAvailable,
            Id::SharedSubscriptionAvailable,
        ],
        "CONNACK",
    ),
    (
        &[Id::UserProperty],
        "CONNECT WILL CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK DISCONNECT AUTH",
    ),
];

/// For each kind of packet its first byte and what stands before and behind the property list.
const FORMS: &[(&str, u8, &str, &str)] = &[
    ("CONNECT", 0x10, "0004 4D515454 05 02 000A", "0000"),
    ("WILL", 0x10, "0004 4D515454 05 06 000A 00 0000", "0001 77 0000"),
    ("CONNACK", 0x20, "00 00", ""),
    ("PUBLISH", 0x30, "0001 61", ""),
    ("PUBACK", 0x40, "0001 00", ""),
    ("PUBREC", 0x50, "0001 00", ""),
    ("PUBREL", 0x62, "0001 00", ""),
    ("PUBCOMP", 0x70, "0001 00", ""),
    ("SUBSCRIBE", 0x82, "0001", "0001 61 00"),
    ("SUBACK", 0x90, "0001", "00"),
    ("UNSUBSCRIBE", 0xA2, "0001", "0001 61"),
    ("UNSUBACK", 0xB0, "0001", "00"),
    ("DISCONNECT", 0xE0, "00", ""),
    ("AUTH", 0xF0, "18", ""),
];

/// The reason a packet with these properties is refused with.
fn refusal(form: &(&str, u8, &str, &str), ids: &[PropertyId]) -> Option<ReasonCode> {
    let mut list = Properties::new();
    ids.iter().for_each(|&id| list.push(&sample_property(id)).expect("fits"));
    let mut body = hex(form.2);
    body.push(list.view().encoded().len() as u8);
    body.extend_from_slice(list.view().encoded());
    body.extend(hex(form.3));
    let mut bytes = vec![form.1, body.len() as u8];
    bytes.extend(body);
    decode(&bytes, Version::V5).err().map(|error| error.reason())
}

/// Packets in which authentication data is nothing without its method.
fn required(kind: &str, id: PropertyId) -> &'static [PropertyId] {
    match (kind, id) {
        (_, Id::AuthenticationMethod) => &[],
        ("AUTH", _) | ("CONNECT", Id::AuthenticationData) => &[Id::AuthenticationMethod],
        _ => &[],
    }
}

#[test]
fn properties_only_where_they_belong() {
    assert_eq!(PLACES.iter().map(|(ids, _)| ids.len()).sum::<usize>(), all_properties().count());
    for (ids, places) in PLACES {
        for (&id, form) in ids.iter().flat_map(|id| FORMS.iter().map(move |form| (id, form))) {
            let allowed = places.split(' ').any(|place| place == form.0);
            let list = [required(form.0, id), &[id]].concat();
            let expected = if allowed { None } else { Some(MALFORMED) };
            assert_eq!(refusal(form, &list), expected, "{id:?} in {}", form.0);
        }
    }
}

#[test]
fn properties_only_once() {
    for (ids, places) in PLACES {
        for (&id, form) in ids.iter().flat_map(|id| FORMS.iter().map(move |form| (id, form))) {
            if places.split(' ').any(|place| place == form.0) {
                let several =
                    id == Id::UserProperty || (id, form.0) == (Id::SubscriptionIdentifier, "PUBLISH");
                let list = [required(form.0, id), &[id, id]].concat();
                let expected = if several { None } else { Some(PROTOCOL) };
                assert_eq!(refusal(form, &list), expected, "{id:?} twice in {}", form.0);
            }
        }
    }
}

#[test]
fn frames() {
    let fifth = hex("30 80 80 80 80 01");
    assert!(matches!(split_frame(&fifth, 0), Err(DecodeError::Malformed(_))));
    assert!(matches!(split_frame(&fifth[..5], 0), Err(DecodeError::Malformed(_))), "as soon as it is clear");
    let packet = hex("40 02 0001");
    assert!(matches!(split_frame(&packet, 4), Ok(Framing::Complete(_))));
    assert_eq!(split_frame(&packet, 3), Err(DecodeError::PacketTooLarge));
    assert_eq!(split_frame(&packet[..2], 3), Err(DecodeError::PacketTooLarge), "the header is enough");
    assert_eq!(split_frame(&hex("30 FF FF FF 7F"), u32::MAX >> 8), Err(DecodeError::PacketTooLarge));
}

#[test]
fn errors_speak() {
    for (error, reason) in [
        (DecodeError::Malformed("text"), 0x81),
        (DecodeError::Protocol("text"), 0x82),
        (DecodeError::PacketTooLarge, 0x95),
        (DecodeError::Breach(Breach::TopicWildcards), 0x90),
        (DecodeError::Breach(Breach::TopicAliasOutOfRange), 0x94),
        (DecodeError::UnsupportedVersion, 0x84),
    ] {
        assert_eq!(error.reason(), ReasonCode(reason));
        assert_eq!(error.to_string(), error.text());
        assert!(!error.text().is_empty());
    }
}
