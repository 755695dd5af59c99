//! AUTH packets: which of them mean something.

use crate::support::*;
use paho_c_rs::protocol::{
    Auth, EncodeError, Packet, PropertyId, PropertyValue, PropertyView, QoS, ReasonCode, Version,
};
use paho_c_rs::session::{RequestError, with_authentication};

fn auth(reason: u8, method: &[u8]) -> Vec<u8> {
    let properties = with_authentication(PropertyView::empty(), method, b"data").unwrap();
    encoded(Packet::Auth(Auth { reason: ReasonCode(reason), properties: properties.view() }), Version::V5)
}

fn connecting(strict: bool) -> Client {
    let mut client = Client::new();
    client.session.set_strict(strict);
    client.session.set_authentication(Some(b"M"));
    client.begin_connect(&options(Version::V5));
    client
}

fn trust(client: &mut Client, session_present: bool) {
    client.session.trust(client.now, session_present, PropertyView::empty());
}

fn trust_with(client: &mut Client, limits: &[(PropertyId, PropertyValue<'_>)]) {
    client.session.trust(client.now, false, properties(limits).view());
}

/// A client with a message in flight whose next server has sent CONNACK with the session, and a message after it.
fn before_judgement() -> Client {
    let mut client = Client::connected(Version::V5);
    client.publish_id(QoS::AtLeastOnce, b"payload");
    client.written();
    client.session.connection_closed();
    client.session.set_authentication(Some(b"M"));
    client.begin_connect(&options(Version::V5));
    let seen = client.receive(&connack(Version::V5, true, 0, &[])).unwrap();
    assert_eq!(seen, Some(Seen::Connected { session_present: true }));
    let message = message_from_server(Version::V5, QoS::AtLeastOnce, 7, b"early", false);
    assert_eq!(client.receive(&message), Ok(None));
    assert!(!client.session.is_connected());
    client
}

#[test]
fn the_session_goes_on_when_the_application_trusts_the_server() {
    let mut client = before_judgement();
    assert_eq!(client.receive(&puback(1)), Ok(None));
    assert_eq!(client.publish(QoS::AtLeastOnce, b"new").err(), Some(RequestError::NotConnected));
    assert_eq!(client.session.take_early_packets(), None);
    assert_eq!(client.written(), b"", "nothing before the judgement");
    trust(&mut client, true);
    assert!(client.session.is_connected());
    assert_eq!(summary(&client.written(), Version::V5), ["PUBLISH 1 dup"]);
    let early = client.session.take_early_packets().unwrap();
    assert_eq!(early, message_from_server(Version::V5, QoS::AtLeastOnce, 7, b"early", false));
    assert_eq!(client.answer_to(&early), puback(7));
}

#[test]
fn the_session_stays_as_it_was_when_the_application_does_not_trust_the_server() {
    let mut client = before_judgement();
    client.session.disconnect(ReasonCode::UNSPECIFIED_ERROR, PropertyView::empty()).unwrap();
    assert_eq!(summary(&client.written(), Version::V5), ["DISCONNECT 0x80"]);
    client.session.connection_closed();
    trust(&mut client, true);
    assert!(!client.session.is_connected() && client.session.take_early_packets().is_none());
    assert_eq!(client.pending(), [1]);

    let mut client = before_judgement();
    assert!(client.receive(&connack(Version::V5, true, 0, &[])).is_err(), "a second CONNACK");
    let mut client = before_judgement();
    let seen = client.receive(&[0xE0, 1, 0x9C]);
    assert_eq!(seen, Ok(Some(Seen::ServerDisconnected { reason: 0x9C })));
    trust(&mut client, true);
    assert!(!client.session.is_connected());
}

/// One read may bring more messages than are kept before CONNACK.
#[test]
fn many_messages_wait_for_the_judgement() {
    let mut client = before_judgement();
    let message = message_from_server(Version::V5, QoS::AtMostOnce, 0, b"early", false);
    let mut count = 1;
    while !client.session.is_full_before_judgement() {
        assert_eq!(client.receive(&message), Ok(None));
        count += 1;
    }
    for _ in 0..count {
        assert_eq!(client.receive(&message), Ok(None));
    }
    trust(&mut client, true);
    assert!(!client.session.is_full_before_judgement());
    let early = client.session.take_early_packets().unwrap();
    assert_eq!(packets(&early).len(), 2 * count);
}

#[test]
fn before_connack_the_server_may_only_go_on() {
    for strict in [false, true] {
        let mut client = connecting(strict);
        assert_eq!(client.session.expect(&auth(0x18, b"M")[..5]), Ok(()));
        assert_eq!(client.receive(&auth(0x18, b"M")), Ok(Some(Seen::Authenticate { reason: 0x18 })));
        client.session.authenticate(ReasonCode::CONTINUE_AUTHENTICATION, b"data").unwrap();
        assert_eq!(client.written(), auth(0x18, b"M"));
        for reason in [0, 0x19] {
            let mut client = connecting(strict);
            let seen = client.receive(&auth(reason, b"M"));
            assert_eq!(seen.is_err(), strict, "{seen:?}");
        }
        assert!(connecting(strict).receive(&auth(0x18, b"N")).is_err(), "another method");
    }
}

#[test]
fn afterwards_the_server_only_answers() {
    let mut client = connecting(false);
    client.receive(&connack(Version::V5, false, 0, &[])).unwrap();
    trust(&mut client, false);
    for reason in [0, 0x18, 0x19] {
        assert_eq!(client.receive(&auth(reason, b"M")), Ok(None), "nobody has asked");
    }
    assert!(client.session.begin_renewal());
    assert!(!client.session.begin_renewal(), "one at a time");
    assert_eq!(client.receive(&auth(0x18, b"M")), Ok(None), "the server was not asked yet");
    client.session.authenticate(ReasonCode::RE_AUTHENTICATE, b"data").unwrap();
    assert!(!client.session.begin_renewal(), "one at a time");
    assert_eq!(client.receive(&auth(0x18, b"M")), Ok(Some(Seen::Authenticate { reason: 0x18 })));
    assert_eq!(client.receive(&auth(0, b"M")), Ok(Some(Seen::Authenticate { reason: 0 })));
    assert_eq!(client.receive(&auth(0, b"M")), Ok(None), "it is complete");
    assert!(client.session.begin_renewal());
    assert!(client.session.is_connected());
}

#[test]
fn without_authentication_auth_means_nothing() {
    let mut client = Client::connected(Version::V5);
    assert!(!client.session.authenticates() && !client.session.begin_renewal());
    assert_eq!(client.receive(&auth(0x18, b"M")), Ok(None));
    assert!(Client::strict(Version::V5).receive(&auth(0x18, b"M")).is_err());
}

#[test]
fn method_and_data_take_the_place_of_others() {
    let given = properties(&[
        (PropertyId::AuthenticationMethod, PropertyValue::Utf8String(b"old")),
        (PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(7)),
        (PropertyId::AuthenticationData, PropertyValue::BinaryData(b"old")),
    ]);
    let changed = with_authentication(given.view(), b"M", b"").unwrap();
    let expected = properties(&[
        (PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(7)),
        (PropertyId::AuthenticationMethod, PropertyValue::Utf8String(b"M")),
    ]);
    assert_eq!(changed.view().encoded(), expected.view().encoded());
    assert!(with_authentication(given.view(), b"M", &vec![0; 65_536]).is_err());
}

#[test]
fn no_auth_is_sent_that_is_larger_than_the_server_takes() {
    let mut client = connecting(false);
    let limit = [(PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(40))];
    client.receive(&connack(Version::V5, false, 0, &limit)).unwrap();
    trust_with(&mut client, &limit);
    assert!(client.session.begin_renewal());
    let renew = ReasonCode::RE_AUTHENTICATE;
    assert_eq!(client.session.authenticate(renew, &[b'x'; 40]), Err(EncodeError::PacketTooLarge));
    assert_eq!(client.written(), b"");
    assert_eq!(client.session.authenticate(renew, b"short"), Ok(()));
    assert_eq!(summary(&client.written(), Version::V5), ["AUTH"]);
}
