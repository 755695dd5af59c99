//! Every packet in every version survives encoding and decoding.

use crate::support::generate::{
    bytes, filter, on_the_wire, optional_bytes, options, packet_id, properties, qos, reason, text, topic,
};
use crate::support::{VERSIONS, assert_round_trip, decode};
use paho_c_rs::protocol::PropertyId as Id;
use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, Auth, ConnAck, Connect, Disconnect, Filter, Packet, PropertyView,
    Publish, QoS, ReasonCode, SubAck, SubscribeOptions, UnsubAck, Version, Will, encode_request,
};
use proptest::collection;
use proptest::prelude::*;

const CONNECT: &[Id] = &[
    Id::SessionExpiryInterval,
    Id::AuthenticationMethod,
    Id::RequestProblemInformation,
    Id::RequestResponseInformation,
    Id::ReceiveMaximum,
    Id::TopicAliasMaximum,
    Id::MaximumPacketSize,
];
const WILL: &[Id] = &[
    Id::PayloadFormatIndicator,
    Id::MessageExpiryInterval,
    Id::ContentType,
    Id::ResponseTopic,
    Id::CorrelationData,
    Id::WillDelayInterval,
];
const CONNACK: &[Id] = &[
    Id::SessionExpiryInterval,
    Id::AssignedClientIdentifier,
    Id::ServerKeepAlive,
    Id::AuthenticationMethod,
    Id::AuthenticationData,
    Id::ResponseInformation,
    Id::ServerReference,
    Id::ReasonString,
    Id::ReceiveMaximum,
    Id::TopicAliasMaximum,
    Id::MaximumQoS,
    Id::RetainAvailable,
    Id::MaximumPacketSize,
    Id::WildcardSubscriptionAvailable,
    Id::SubscriptionIdentifiersAvailable,
    Id::SharedSubscriptionAvailable,
];
const PUBLISH: &[Id] = &[
    Id::PayloadFormatIndicator,
    Id::MessageExpiryInterval,
    Id::ContentType,
    Id::ResponseTopic,
    Id::CorrelationData,
    Id::TopicAlias,
];
const ACKNOWLEDGEMENT: &[Id] = &[Id::ReasonString];
const DISCONNECT: &[Id] = &[Id::SessionExpiryInterval, Id::ServerReference, Id::ReasonString];

proptest! {
    #[test]
    fn connect(
        (client_id, clean, keep_alive, list) in (text(), any::<bool>(), any::<u16>(), properties(CONNECT, &[])),
        (user_name, password) in (proptest::option::of(text()), optional_bytes()),
        has_will in any::<bool>(),
        (will_topic, payload, will_qos, retain) in (topic(), bytes(), qos(), any::<bool>()),
        will_list in properties(WILL, &[]),
    ) {
        for version in VERSIONS {
            let will = Will {
                topic: &will_topic,
                payload: &payload,
                qos: will_qos,
                retain,
                properties: on_the_wire(&will_list, version),
            };
            assert_round_trip(&Packet::Connect(Connect {
                version,
                client_id: &client_id,
                clean,
                keep_alive,
                will: has_will.then_some(will),
                user_name: user_name.as_deref(),
                password: password.as_deref(),
                properties: on_the_wire(&list, version),
            }), version);
        }
    }

    #[test]
    fn connack(session_present in any::<bool>(), code in any::<u8>(), list in properties(CONNACK, &[])) {
        for version in VERSIONS {
            let properties = on_the_wire(&list, version);
            assert_round_trip(&Packet::ConnAck(ConnAck { session_present, code, properties }), version);
        }
    }

    #[test]
    fn publish(
        (dup, qos, retain) in (any::<bool>(), qos(), any::<bool>()),
        (topic, packet_id, payload) in (topic(), packet_id(), bytes()),
        list in properties(PUBLISH, &[Id::SubscriptionIdentifier]),
    ) {
        for version in VERSIONS {
            let publish = Publish {
                dup: dup && qos != QoS::AtMostOnce,
                qos,
                retain,
                topic: &topic,
                packet_id: (qos != QoS::AtMostOnce).then_some(packet_id),
                properties: on_the_wire(&list, version),
                payload: &payload,
            };
            assert_round_trip(&Packet::Publish(publish), version);
            assert_head_is_the_start(&publish, version);
        }
    }

    #[test]
    fn acknowledgements(packet_id in packet_id(), given in reason(), list in properties(ACKNOWLEDGEMENT, &[])) {
        use AcknowledgementType::{PubAck, PubComp, PubRec, PubRel};
        for version in VERSIONS {
            for kind in [PubAck, PubRec, PubRel, PubComp] {
                let reason = if version == Version::V5 { given } else { ReasonCode::SUCCESS };
                let properties = on_the_wire(&list, version);
                let packet = Acknowledgement { kind, packet_id, reason, properties };
                assert_round_trip(&Packet::Acknowledgement(packet), version);
            }
        }
    }

    #[test]
    fn subscribe(
        packet_id in packet_id(),
        list in properties(&[Id::SubscriptionIdentifier], &[]),
        filters in collection::vec((filter(), options(), any::<bool>()), 1..5),
    ) {
        let filters: Vec<Filter<'_>> = filters.iter().map(|(filter, options, no_local)| {
            let no_local = *no_local && !filter.starts_with(b"$share/");
            Filter { filter, options: SubscribeOptions { no_local, ..*options } }
        }).collect();
        for version in VERSIONS {
            let mut out = Vec::new();
            encode_request(version, packet_id, list.view(), &filters, &mut out).expect("encodes");
            let packet = decode(&out, version).expect("decodes");
            let Packet::Subscribe(subscribe) = packet else { panic!("{packet:?}") };
            assert_eq!(subscribe.packet_id, packet_id);
            assert_eq!(subscribe.properties, on_the_wire(&list, version));
            let expected: Vec<_> = filters.iter().map(|filter| options_of(version, *filter)).collect();
            assert_eq!(subscribe.filters.collect::<Vec<_>>(), expected);
            assert_round_trip(&packet, version);
        }
    }

    #[test]
    fn unsubscribe(
        packet_id in packet_id(),
        list in properties(&[], &[]),
        filters in collection::vec(filter(), 1..5),
    ) {
        let filters: Vec<&[u8]> = filters.iter().map(Vec::as_slice).collect();
        for version in VERSIONS {
            let mut out = Vec::new();
            encode_request(version, packet_id, list.view(), &filters, &mut out).expect("encodes");
            let packet = decode(&out, version).expect("decodes");
            let Packet::Unsubscribe(unsubscribe) = packet else { panic!("{packet:?}") };
            assert_eq!(unsubscribe.packet_id, packet_id);
            assert_eq!(unsubscribe.properties, on_the_wire(&list, version));
            assert_eq!(unsubscribe.filters.collect::<Vec<_>>(), filters);
            assert_round_trip(&packet, version);
        }
    }

    #[test]
    fn suback_and_unsuback(
        packet_id in packet_id(),
        list in properties(ACKNOWLEDGEMENT, &[]),
        codes in collection::vec(any::<u8>(), 1..300),
    ) {
        for version in VERSIONS {
            let properties = on_the_wire(&list, version);
            assert_round_trip(&Packet::SubAck(SubAck { packet_id, properties, codes: &codes }), version);
            let codes: &[u8] = if version == Version::V5 { &codes } else { &[] };
            assert_round_trip(&Packet::UnsubAck(UnsubAck { packet_id, properties, codes }), version);
        }
    }

    #[test]
    fn disconnect(given in reason(), list in properties(DISCONNECT, &[])) {
        for version in VERSIONS {
            let reason = if version == Version::V5 { given } else { ReasonCode::SUCCESS };
            let properties = on_the_wire(&list, version);
            assert_round_trip(&Packet::Disconnect(Disconnect { reason, properties }), version);
        }
    }

    #[test]
    fn auth(
        reason in reason(),
        list in properties(&[Id::AuthenticationMethod, Id::AuthenticationData, Id::ReasonString], &[]),
    ) {
        let packet = Packet::Auth(Auth { reason, properties: list.view() });
        if list.view().first(Id::AuthenticationMethod).is_some() {
            assert_round_trip(&packet, Version::V5);
        }
    }
}

#[test]
fn pings() {
    for version in VERSIONS {
        assert_round_trip(&Packet::PingReq, version);
        assert_round_trip(&Packet::PingResp, version);
    }
}

/// Parts that the version does not have are left out, not refused.
#[test]
fn earlier_versions_leave_out_reasons_and_properties() {
    let mut list = paho_c_rs::protocol::Properties::new();
    list.push(&crate::support::sample_property(Id::ReasonString)).expect("fits");
    let (reason, properties) = (ReasonCode::NOT_AUTHORIZED, list.view());
    let packet_id = crate::support::id(9);
    let acknowledgement =
        Acknowledgement { kind: AcknowledgementType::PubRel, packet_id, reason, properties };
    for version in [Version::V31, Version::V311] {
        let mut out = Vec::new();
        acknowledgement.encode(version, &mut out).expect("encodes");
        Disconnect { reason, properties }.encode(version, &mut out).expect("encodes");
        UnsubAck { packet_id, properties, codes: &[0] }.encode(version, &mut out).expect("encodes");
        ConnAck { session_present: true, code: 0, properties }.encode(version, &mut out).expect("encodes");
        assert_eq!(out, [0x62, 2, 0, 9, 0xE0, 0, 0xB0, 2, 0, 9, 0x20, 2, 1, 0]);
    }
}

fn options_of(version: Version, filter: Filter<'_>) -> Filter<'_> {
    match version {
        Version::V5 => filter,
        _ => Filter { options: SubscribeOptions::new(filter.options.maximum_qos), ..filter },
    }
}

fn assert_head_is_the_start(publish: &Publish<'_>, version: Version) {
    let (mut whole, mut head) = (Vec::new(), Vec::new());
    publish.encode(version, &mut whole).expect("encodes");
    publish.encode_head(version, &mut head).expect("encodes");
    assert_eq!(publish.packet_length(version), Ok(whole.len()));
    assert_eq!(publish.packet_length(version), Ok(head.len() + publish.payload.len()));
    head.extend_from_slice(publish.payload);
    assert_eq!(head, whole);
    assert!(publish.properties == PropertyView::empty() || version == Version::V5);
}
