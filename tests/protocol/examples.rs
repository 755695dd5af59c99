//! Packets byte for byte: the standard's examples, and what the library is known to put on the wire.

use crate::support::{VERSIONS, all_properties, decode, encode, hex, id, sample_property};
use paho_c_rs::protocol::PropertyId as Id;
use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, Auth, ConnAck, Connect, Disconnect, EncodeError, Filter, Framing,
    MAXIMUM_REMAINING_LENGTH, Packet, PacketType, Properties, Property, PropertyId, PropertyType,
    PropertyValue, PropertyView, Publish, QoS, ReasonCode, SubAck, SubscribeOptions, Version, Will,
    encode_request, is_utf8, split_frame,
};

/// Encodes to these bytes, and back.
fn assert_bytes(packet: &Packet<'_>, version: Version, text: &str) {
    let bytes = hex(text);
    assert_eq!(encode(packet, version), bytes, "{version:?} {packet:?}");
    assert_eq!(decode(&bytes, version).as_ref(), Ok(packet));
}

fn connect(version: Version) -> Connect<'static> {
    Connect {
        version,
        client_id: b"",
        clean: true,
        keep_alive: 7,
        will: Some(Will {
            topic: b"w",
            payload: b"m",
            qos: QoS::ExactlyOnce,
            retain: true,
            properties: PropertyView::empty(),
        }),
        user_name: Some(b"u"),
        password: Some(b"p"),
        properties: PropertyView::empty(),
    }
}

fn publish(qos: QoS) -> Publish<'static> {
    Publish {
        dup: false,
        qos,
        retain: false,
        topic: b"a/b",
        packet_id: (qos != QoS::AtMostOnce).then_some(id(10)),
        properties: PropertyView::empty(),
        payload: b"hi",
    }
}

#[test]
fn connect_with_everything() {
    let rest = "F6 0007 0000 0001 77 0001 6D 0001 75 0001 70";
    assert_bytes(
        &Packet::Connect(connect(Version::V31)),
        Version::V31,
        &format!("10 1A 0006 4D5149736470 03 {rest}"),
    );
    assert_bytes(
        &Packet::Connect(connect(Version::V311)),
        Version::V311,
        &format!("10 18 0004 4D515454 04 {rest}"),
    );
    assert_bytes(
        &Packet::Connect(connect(Version::V5)),
        Version::V5,
        "10 1A 0004 4D515454 05 F6 0007 00 0000 00 0001 77 0001 6D 0001 75 0001 70",
    );
}

#[test]
fn connect_names_its_version() {
    let bytes = encode(&Packet::Connect(connect(Version::V311)), Version::V5);
    assert_eq!(decode(&bytes, Version::V5), Ok(Packet::Connect(connect(Version::V311))));
}

#[test]
fn connect_with_session_expiry_of_the_standard() {
    let mut properties = Properties::new();
    properties
        .push(&Property { id: Id::SessionExpiryInterval, value: PropertyValue::FourByteInteger(10) })
        .expect("fits");
    let packet = Connect {
        will: None,
        user_name: None,
        password: None,
        keep_alive: 10,
        properties: properties.view(),
        ..connect(Version::V5)
    };
    assert_bytes(&Packet::Connect(packet), Version::V5, "10 12 0004 4D515454 05 02 000A 05 11 0000000A 0000");
}

#[test]
fn passwords_are_not_shown() {
    let shown = format!("{:?}", Connect { password: Some(&[77; 9]), ..connect(Version::V5) });
    assert!(shown.contains("not shown") && !shown.contains("77"), "{shown}");
}

#[test]
fn connack() {
    let packet = ConnAck { session_present: true, code: 0, properties: PropertyView::empty() };
    assert_bytes(&Packet::ConnAck(packet), Version::V311, "20 02 01 00");
    assert_bytes(&Packet::ConnAck(packet), Version::V5, "20 03 01 00 00");
    let refused = ConnAck { session_present: false, code: 1, properties: PropertyView::empty() };
    assert_eq!(
        decode(&hex("20 02 00 01"), Version::V5),
        Ok(Packet::ConnAck(refused)),
        "from an MQTT 3 server"
    );
    assert_eq!(
        decode(&hex("20 04 FE 01 55 55"), Version::V311),
        Ok(Packet::ConnAck(refused)),
        "flags and rest ignored"
    );
}

#[test]
fn publish_flags() {
    for version in [Version::V31, Version::V311] {
        assert_bytes(&Packet::Publish(publish(QoS::AtMostOnce)), version, "30 07 0003 612F62 6869");
        assert_bytes(&Packet::Publish(publish(QoS::AtLeastOnce)), version, "32 09 0003 612F62 000A 6869");
        let again = Publish { dup: true, retain: true, ..publish(QoS::ExactlyOnce) };
        assert_bytes(&Packet::Publish(again), version, "3D 09 0003 612F62 000A 6869");
    }
    assert_bytes(&Packet::Publish(publish(QoS::AtLeastOnce)), Version::V5, "32 0A 0003 612F62 000A 00 6869");
}

#[test]
fn dup_at_qos_0_is_left_as_it_is() {
    for version in VERSIONS {
        let packet = Packet::Publish(Publish { dup: true, ..publish(QoS::AtMostOnce) });
        let bytes = encode(&packet, version);
        assert_eq!(bytes[0], 0x38);
        assert_eq!(decode(&bytes, version), Ok(packet));
    }
}

#[test]
fn publish_with_alias_instead_of_topic() {
    let bytes = hex("30 06 0000 03 23 0005");
    let Ok(Packet::Publish(packet)) = decode(&bytes, Version::V5) else { panic!() };
    assert_eq!((packet.topic, packet.payload), (&b""[..], &b""[..]));
    assert_eq!(packet.properties.two_byte(Id::TopicAlias), Some(5));
}

#[test]
fn publish_with_u0000_in_the_topic() {
    for version in [Version::V31, Version::V311] {
        let bytes = hex("30 05 0003 610062");
        let Ok(Packet::Publish(packet)) = decode(&bytes, version) else { panic!() };
        assert_eq!(packet.topic, b"a\0b");
    }
}

/// The standard allows a message to carry several subscription identifiers.
#[test]
fn publish_with_several_subscription_identifiers() {
    let bytes = hex("30 09 0001 61 05 0B 01 0B 8002");
    let Ok(Packet::Publish(packet)) = decode(&bytes, Version::V5) else { panic!() };
    let values: Vec<_> = packet.properties.iter().map(|property| property.value).collect();
    assert_eq!(values, [PropertyValue::VariableByteInteger(1), PropertyValue::VariableByteInteger(256)]);
}

#[test]
fn acknowledgements() {
    use AcknowledgementType::{PubAck, PubComp, PubRec, PubRel};
    for (kind, first_byte) in [(PubAck, "40"), (PubRec, "50"), (PubRel, "62"), (PubComp, "70")] {
        for version in VERSIONS {
            let packet = Packet::Acknowledgement(Acknowledgement::success(kind, id(0x1234)));
            assert_bytes(&packet, version, &format!("{first_byte} 02 1234"));
        }
        let reason = ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
        let packet = Acknowledgement { reason, ..Acknowledgement::success(kind, id(0x1234)) };
        assert_bytes(&Packet::Acknowledgement(packet), Version::V5, &format!("{first_byte} 03 1234 92"));
        let long = hex(&format!("{first_byte} 04 1234 92 00"));
        assert_eq!(decode(&long, Version::V5), Ok(Packet::Acknowledgement(packet)));
        let packet = Packet::Acknowledgement(Acknowledgement::success(kind, id(0x1234)));
        assert_eq!(decode(&long, Version::V311), Ok(packet), "MQTT 3 ignores the rest");
    }
}

/// MQTT 3.1 marks what it sends again, and leaves the flags of other packets open; 3.1.1 did away with it.
#[test]
fn flags_in_mqtt_31() {
    let packet = Packet::Acknowledgement(Acknowledgement::success(AcknowledgementType::PubRel, id(1)));
    assert_eq!(decode(&hex("6A 02 0001"), Version::V31), Ok(packet));
    assert!(decode(&hex("6A 02 0001"), Version::V311).is_err());
    assert!(decode(&hex("48 02 0001"), Version::V31).is_ok());
}

#[test]
fn subscribe_of_the_standard() {
    let filters = [
        Filter { filter: b"a/b", options: SubscribeOptions::new(QoS::AtLeastOnce) },
        Filter { filter: b"c/d", options: SubscribeOptions::new(QoS::ExactlyOnce) },
    ];
    let mut out = Vec::new();
    encode_request(Version::V311, id(10), PropertyView::empty(), &filters, &mut out).expect("encodes");
    assert_eq!(out, hex("82 0E 000A 0003 612F62 01 0003 632F64 02"));
    out.clear();
    encode_request(Version::V5, id(10), PropertyView::empty(), &filters, &mut out).expect("encodes");
    assert_eq!(out, hex("82 0F 000A 00 0003 612F62 01 0003 632F64 02"));
}

#[test]
fn subscribe_options() {
    let options = SubscribeOptions {
        maximum_qos: QoS::ExactlyOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: 2,
    };
    let encoded = |version, options| {
        let mut out = vec![0xEE];
        let filters = [Filter { filter: b"f", options }];
        let result = encode_request(version, id(1), PropertyView::empty(), &filters, &mut out);
        result.map(|()| out.last().copied()).inspect_err(|_| assert_eq!(out, [0xEE]))
    };
    assert_eq!(encoded(Version::V5, options), Ok(Some(0x2E)));
    assert_eq!(encoded(Version::V311, options), Ok(Some(0x02)));
    let beyond = SubscribeOptions { retain_handling: 3, ..options };
    assert_eq!(encoded(Version::V5, beyond), Err(EncodeError::OptionOutOfRange));
}

#[test]
fn unsubscribe_of_the_standard() {
    let filters: [&[u8]; 2] = [b"a/b", b"c/d"];
    let mut out = Vec::new();
    encode_request(Version::V311, id(10), PropertyView::empty(), &filters, &mut out).expect("encodes");
    assert_eq!(out, hex("A2 0C 000A 0003 612F62 0003 632F64"));
    out.clear();
    encode_request(Version::V5, id(10), PropertyView::empty(), &filters, &mut out).expect("encodes");
    assert_eq!(out, hex("A2 0D 000A 00 0003 612F62 0003 632F64"));
}

#[test]
fn suback_of_the_standard() {
    let packet = SubAck { packet_id: id(10), properties: PropertyView::empty(), codes: &[0, 2, 0x80] };
    assert_bytes(&Packet::SubAck(packet), Version::V311, "90 05 000A 00 02 80");
    assert_bytes(&Packet::SubAck(packet), Version::V5, "90 06 000A 00 00 02 80");
}

#[test]
fn disconnect_auth_and_pings() {
    let normal = Disconnect { reason: ReasonCode::SUCCESS, properties: PropertyView::empty() };
    assert_bytes(&Packet::Disconnect(normal), Version::V311, "E0 00");
    assert_bytes(&Packet::Disconnect(normal), Version::V5, "E0 00");
    let mut in_full = Vec::new();
    normal.encode_in_full(Version::V5, &mut in_full).expect("fits");
    assert_eq!(in_full, hex("E0 02 00 00"));
    assert_eq!(decode(&in_full, Version::V5), Ok(Packet::Disconnect(normal)));
    let reason = ReasonCode::SERVER_SHUTTING_DOWN;
    let packet = Packet::Disconnect(Disconnect { reason, ..normal });
    assert_eq!(decode(&hex("E0 01 8B"), Version::V5), Ok(packet));
    let mut properties = Properties::new();
    properties
        .push(&Property { id: Id::AuthenticationMethod, value: PropertyValue::Utf8String(b"M") })
        .expect("fits");
    let auth = Auth { reason: ReasonCode::CONTINUE_AUTHENTICATION, properties: properties.view() };
    assert_bytes(&Packet::Auth(auth), Version::V5, "F0 06 18 04 15 0001 4D");
    for version in VERSIONS {
        assert_bytes(&Packet::PingReq, version, "C0 00");
        assert_bytes(&Packet::PingResp, version, "D0 00");
    }
}

/// The borders of the standard's table of remaining lengths.
#[test]
fn remaining_length_of_one_to_four_bytes() {
    for (length, header) in [
        (0x7F, "30 7F"),
        (0x80, "30 80 01"),
        (0x3FFF, "30 FF 7F"),
        (0x4000, "30 80 80 01"),
        (0x1F_FFFF, "30 FF FF 7F"),
        (0x20_0000, "30 80 80 80 01"),
    ] {
        let payload = vec![0; length - 5];
        let packet = Publish { payload: &payload, ..publish(QoS::AtMostOnce) };
        let bytes = encode(&Packet::Publish(packet), Version::V311);
        let header = hex(header);
        assert!(bytes.starts_with(&header));
        assert_eq!(decode(&bytes, Version::V311), Ok(Packet::Publish(packet)));
        for end in 0..header.len() {
            assert_eq!(split_frame(&bytes[..end], 0), Ok(Framing::Incomplete { total: None }));
        }
        let total = Some(header.len() + length);
        assert_eq!(split_frame(&header, 0), Ok(Framing::Incomplete { total }));
        assert_eq!(split_frame(&bytes[..bytes.len() - 1], 0), Ok(Framing::Incomplete { total }));
    }
    let largest = Ok(Framing::Incomplete { total: Some(5 + MAXIMUM_REMAINING_LENGTH as usize) });
    assert_eq!(split_frame(&hex("30 FF FF FF 7F"), 0), largest);
    let bytes = hex("C0 80 80 80 00 C0");
    let Ok(Framing::Complete(frame)) = split_frame(&bytes, 0) else { panic!() };
    assert_eq!((frame.body.len(), frame.length), (0, 5), "a longer form than needed is accepted");
}

/// Fields and packets that do not fit are refused before anything is written.
#[test]
fn too_long_to_encode() {
    let long = vec![b'x'; 65536];
    let mut out = vec![0xEE];
    for version in VERSIONS {
        let mut refused = |packet: &Packet<'_>| packet.encode(version, &mut out).err();
        let topic = Packet::Publish(Publish { topic: &long, ..publish(QoS::AtMostOnce) });
        assert_eq!(refused(&topic), Some(EncodeError::StringTooLong));
        let client_id = Packet::Connect(Connect { client_id: &long, ..connect(version) });
        assert_eq!(refused(&client_id), Some(EncodeError::StringTooLong));
        let will = connect(version).will.map(|will| Will { payload: &long, ..will });
        assert_eq!(
            refused(&Packet::Connect(Connect { will, ..connect(version) })),
            Some(EncodeError::StringTooLong)
        );
        let no_id = Packet::Publish(Publish { packet_id: None, ..publish(QoS::AtLeastOnce) });
        assert_eq!(refused(&no_id), Some(EncodeError::PacketIdMissing));
    }
    let filters = [Filter { filter: &long, options: SubscribeOptions::new(QoS::AtMostOnce) }];
    let result = encode_request(Version::V311, id(1), PropertyView::empty(), &filters, &mut out);
    assert_eq!(result, Err(EncodeError::StringTooLong));
    let result = encode_request(Version::V311, id(1), PropertyView::empty(), &[long.as_slice()], &mut out);
    assert_eq!(result, Err(EncodeError::StringTooLong));
    assert_eq!(out, [0xEE]);
}

#[test]
fn largest_message() {
    let payload = vec![0; MAXIMUM_REMAINING_LENGTH as usize - 4];
    let mut out = Vec::new();
    let fits = Publish { payload: &payload[1..], ..publish(QoS::AtMostOnce) };
    assert_eq!(fits.packet_length(Version::V311), Ok(5 + MAXIMUM_REMAINING_LENGTH as usize));
    fits.encode_head(Version::V311, &mut out).expect("fits");
    assert_eq!(out, hex("30 FF FF FF 7F 0003 612F62"));
    out.clear();
    let too_large = Publish { payload: &payload, ..publish(QoS::AtMostOnce) };
    assert_eq!(too_large.encode(Version::V311, &mut out), Err(EncodeError::PacketTooLarge));
    assert_eq!(too_large.encode_head(Version::V311, &mut out), Err(EncodeError::PacketTooLarge));
    assert_eq!(fits.packet_length(Version::V5), Err(EncodeError::PacketTooLarge));
    assert!(out.is_empty());
}

#[test]
fn property_lists() {
    let mut list = Properties::new();
    assert!(list.is_empty() && list.view().is_empty());
    for id in all_properties() {
        list.push(&sample_property(id)).expect("fits");
    }
    let view = PropertyView::parse(list.view().encoded()).expect("well formed");
    assert_eq!(view, list.view());
    assert_eq!(view.to_owned(), list);
    for (property, id) in view.iter().zip(all_properties()) {
        assert_eq!(property, sample_property(id));
    }
    assert_eq!(view.iter().count(), all_properties().count());
    assert_eq!(view.first(Id::MaximumQoS), Some(PropertyValue::Byte(1)));
    assert_eq!(view.two_byte(Id::ReceiveMaximum), Some(0x1234));
    assert_eq!(view.four_byte(Id::MaximumPacketSize), Some(0x1234_5678));
    assert_eq!(view.first(Id::ReasonString), Some(PropertyValue::Utf8String("a\u{e9}".as_bytes())));
    assert_eq!(view.first(Id::CorrelationData), Some(PropertyValue::BinaryData(&[0, 0xFF])));
    assert_eq!(view.two_byte(Id::MaximumQoS), None, "of another type");
    assert_eq!(PropertyView::empty().first(Id::MaximumQoS), None);
}

#[test]
fn properties_that_do_not_fit() {
    let long = vec![b'x'; 65536];
    let mut list = Properties::new();
    let mut push = |id, value| list.push(&Property { id, value }).err();
    let out_of_range = Some(EncodeError::PropertyOutOfRange);
    assert_eq!(push(Id::ReceiveMaximum, PropertyValue::Byte(1)), out_of_range);
    assert_eq!(push(Id::SubscriptionIdentifier, PropertyValue::VariableByteInteger(1 << 28)), out_of_range);
    let too_long = Some(EncodeError::StringTooLong);
    assert_eq!(push(Id::ReasonString, PropertyValue::Utf8String(&long)), too_long);
    assert_eq!(push(Id::CorrelationData, PropertyValue::BinaryData(&long)), too_long);
    assert_eq!(push(Id::UserProperty, PropertyValue::Utf8StringPair(b"", &long)), too_long);
    assert_eq!(
        push(Id::UserProperty, PropertyValue::Utf8StringPair(b"\xFF", b"")),
        Some(EncodeError::BadUtf8)
    );
    assert_eq!(push(Id::CorrelationData, PropertyValue::BinaryData(b"\xFF")), None);
    assert_eq!(push(Id::ReasonString, PropertyValue::Utf8String(&long[..65535])), None);
    assert_eq!(list.view().iter().count(), 2);
}

#[test]
fn names_and_numbers() {
    assert_eq!(all_properties().count(), 27);
    for number in 0..300 {
        let id = PropertyId::from_number(number);
        assert!(id.is_none_or(|id| u32::from(id.number()) == number));
    }
    assert_eq!(Id::MaximumQoS.number(), 36);
    assert_eq!(PropertyType::Utf8StringPair as u8, 6);
    assert_eq!(ReasonCode::SUCCESS.text(), Some("SUCCESS"));
    assert_eq!(ReasonCode(135).text(), Some("Not authorized"));
    assert_eq!((0..=255).filter(|&code| ReasonCode(code).text().is_some()).count(), 43);
    assert!(ReasonCode(0x80).is_error() && !ReasonCode(0x7F).is_error());
    assert_eq!(PacketType::of(0x00), None);
    for number in 1..=15_u8 {
        let packet_type = PacketType::of(number << 4 | 0xF).expect("known");
        assert_eq!(packet_type as u8, number);
    }
    assert_eq!(PacketType::of(0x30).map(PacketType::name), Some("PUBLISH"));
    for version in VERSIONS {
        assert_eq!(Version::from_level(version.level()), Some(version));
    }
    assert_eq!(Version::from_level(6), None);
    assert_eq!(QoS::from_bits(3), None);
}

#[test]
fn utf8() {
    for good in ["", "\0\u{1}\u{7f}", "\u{feff}\u{fffe}\u{ffff}\u{10ffff}", "\u{d7ff}\u{e000}"] {
        assert!(is_utf8(good.as_bytes()));
    }
    for bad in
        ["C080", "E08080", "F0808080", "EDA080", "EDBFBF", "F4908080", "F8", "80", "C3", "E282", "F09F98"]
    {
        assert!(!is_utf8(&hex(bad)), "{bad}");
    }
}
