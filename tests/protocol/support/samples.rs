//! One good packet of each type in each version, with every property that may stand in it.

use super::{VERSIONS, encode, id, sample_property};
use paho_c_rs::protocol::PropertyId as Id;
use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, Auth, ConnAck, Connect, Disconnect, Filter, Packet, Properties,
    PropertyId, Publish, QoS, ReasonCode, SubAck, SubscribeOptions, UnsubAck, Version, Will, encode_request,
};

/// The packets as bytes.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    VERSIONS.into_iter().flat_map(samples_of).collect()
}

fn samples_of(version: Version) -> Vec<Vec<u8>> {
    let mut all = vec![connect(version), connack(version), subscribe(version), unsubscribe(version)];
    all.extend([QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce].map(|qos| publish(version, qos)));
    all.extend(acknowledgements(version));
    all.extend(codes(version));
    all.extend([encode(&Packet::PingReq, version), encode(&Packet::PingResp, version)]);
    all.extend(closing(version));
    all
}

fn list(ids: &[PropertyId]) -> Properties {
    let mut list = Properties::new();
    for &id in ids.iter().chain(&[Id::UserProperty, Id::UserProperty]) {
        list.push(&sample_property(id)).expect("fits");
    }
    list
}

fn connect(version: Version) -> Vec<u8> {
    let properties = list(&[
        Id::SessionExpiryInterval,
        Id::AuthenticationMethod,
        Id::AuthenticationData,
        Id::RequestProblemInformation,
        Id::RequestResponseInformation,
        Id::ReceiveMaximum,
        Id::TopicAliasMaximum,
        Id::MaximumPacketSize,
    ]);
    let will = list(&[
        Id::PayloadFormatIndicator,
        Id::MessageExpiryInterval,
        Id::ContentType,
        Id::ResponseTopic,
        Id::CorrelationData,
        Id::WillDelayInterval,
    ]);
    let will = Will {
        topic: b"will",
        payload: b"gone",
        qos: QoS::AtLeastOnce,
        retain: true,
        properties: will.view(),
    };
    let connect = Connect {
        version,
        client_id: b"client",
        clean: true,
        keep_alive: 60,
        will: Some(will),
        user_name: Some(b"user"),
        password: Some(b"password"),
        properties: properties.view(),
    };
    encode(&Packet::Connect(connect), version)
}

fn connack(version: Version) -> Vec<u8> {
    let properties = list(&[
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
    ]);
    let connack = ConnAck { session_present: true, code: 0, properties: properties.view() };
    encode(&Packet::ConnAck(connack), version)
}

fn publish(version: Version, qos: QoS) -> Vec<u8> {
    let properties = list(&[
        Id::PayloadFormatIndicator,
        Id::MessageExpiryInterval,
        Id::ContentType,
        Id::ResponseTopic,
        Id::CorrelationData,
        Id::TopicAlias,
        Id::SubscriptionIdentifier,
    ]);
    let publish = Publish {
        dup: qos != QoS::AtMostOnce,
        qos,
        retain: true,
        topic: "sensors/caf\u{e9}/1".as_bytes(),
        packet_id: (qos != QoS::AtMostOnce).then_some(id(0x0102)),
        properties: properties.view(),
        payload: b"21.5",
    };
    encode(&Packet::Publish(publish), version)
}

fn acknowledgements(version: Version) -> Vec<Vec<u8>> {
    use AcknowledgementType::{PubAck, PubComp, PubRec, PubRel};
    let properties = list(&[Id::ReasonString]);
    let of = |kind| {
        let brief = Acknowledgement::success(kind, id(7));
        let long =
            Acknowledgement { reason: ReasonCode::QUOTA_EXCEEDED, properties: properties.view(), ..brief };
        [brief, long].map(|packet| encode(&Packet::Acknowledgement(packet), version))
    };
    [PubAck, PubRec, PubRel, PubComp].into_iter().flat_map(of).collect()
}

fn subscribe(version: Version) -> Vec<u8> {
    let options = SubscribeOptions {
        maximum_qos: QoS::ExactlyOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: 2,
    };
    let filters = [
        Filter { filter: b"sensors/+/1", options },
        Filter { filter: b"$share/group/#", options: SubscribeOptions::new(QoS::AtLeastOnce) },
    ];
    let mut out = Vec::new();
    let properties = list(&[Id::SubscriptionIdentifier]);
    encode_request(version, id(8), properties.view(), &filters, &mut out).expect("encodes");
    out
}

fn unsubscribe(version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    encode_request(version, id(9), list(&[]).view(), &[&b"sensors/+/1"[..], b"#"], &mut out)
        .expect("encodes");
    out
}

fn codes(version: Version) -> [Vec<u8>; 2] {
    let properties = list(&[Id::ReasonString]);
    let (packet_id, properties, codes) = (id(10), properties.view(), &[0, 1, 2, 0x80]);
    [
        encode(&Packet::SubAck(SubAck { packet_id, properties, codes }), version),
        encode(&Packet::UnsubAck(UnsubAck { packet_id, properties, codes }), version),
    ]
}

/// DISCONNECT and AUTH.
fn closing(version: Version) -> [Vec<u8>; 2] {
    let properties = list(&[Id::SessionExpiryInterval, Id::ServerReference, Id::ReasonString]);
    let disconnect = Disconnect { reason: ReasonCode::SERVER_MOVED, properties: properties.view() };
    let properties = list(&[Id::AuthenticationMethod, Id::AuthenticationData, Id::ReasonString]);
    let auth = Auth { reason: ReasonCode::CONTINUE_AUTHENTICATION, properties: properties.view() };
    [encode(&Packet::Disconnect(disconnect), version), encode(&Packet::Auth(auth), version)]
}
