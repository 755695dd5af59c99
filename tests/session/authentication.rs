//! AUTH packets: which of them mean something.

use crate::support::*;
use paho_c_rs::protocol::{Auth, Packet, PropertyId, PropertyValue, PropertyView, ReasonCode, Version};
use paho_c_rs::session::with_authentication;

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
