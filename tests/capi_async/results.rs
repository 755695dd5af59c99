//! What the result callbacks are given.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller, on_failure5, on_success, text};
use crate::support::c_interface::*;
use paho_c_rs::protocol::{Properties, Property, PropertyId, PropertyValue};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Sender, channel};

/// The part of a server's URI behind its scheme.
fn without_scheme(server: &Server) -> String {
    server.uri.to_str().unwrap().strip_prefix("tcp://").unwrap().to_owned()
}

/// A property with a text that every packet may have.
fn reason_string() -> Properties {
    let mut properties = Properties::new();
    let value = PropertyValue::Utf8String(b"why not");
    properties.push(&Property { id: PropertyId::ReasonString, value }).unwrap();
    properties
}

fn connect(
    handle: &Handle,
    teller: &Teller,
    options: &mut MQTTAsync_connectOptions,
    version: c_int,
) -> String {
    teller.listen_to_connect(options, version);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, options) }, 0);
    teller.next()
}

#[test]
fn a_negative_connect_timeout_is_no_limit() {
    for (seconds, result) in [(-1, "done"), (c_int::MIN, "done"), (0, "3: 0 failed -1 TCP connect timeout")] {
        let server = Server::start(Script::default());
        let (handle, teller) = (Handle::to(&server.uri, 4), Teller::new(Kind::Any));
        let mut options = MQTTAsync_connectOptions { connectTimeout: seconds, ..connect_options(4) };
        let told = connect(&handle, &teller, &mut options, 4);
        assert!(told.contains(result), "{seconds}: {told}");
    }
}

#[test]
fn connect_names_the_server_and_the_version() {
    let teller = Teller::new(Kind::Connect);
    for version in [3, 4] {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 0);
        let told = connect(&handle, &teller, &mut connect_options(version), version);
        assert_eq!(told, format!("3: 0 connected {} {version} 0", without_scheme(&server)));
    }
    let server = Server::start(Script { properties: reason_string(), ..Script::default() });
    let handle = Handle::to(&server.uri, 5);
    let told = connect(&handle, &teller, &mut connect_options(5), 5);
    let expected = format!("5: 0 reason 0 [\"31=why not\"] connected {} 5 0", without_scheme(&server));
    assert_eq!(told, expected);
}

#[test]
fn connect_names_an_entry_of_the_list_as_it_stands_there() {
    let server = Server::start(Script::default());
    let entry = std::ffi::CString::new(format!("mqtt://{}", without_scheme(&server))).unwrap();
    let list = [c"gopher://h".as_ptr().cast_mut(), entry.as_ptr().cast_mut()];
    let handle = Handle::new(4);
    let teller = Teller::new(Kind::Connect);
    let mut options = connect_options(4);
    (options.serverURIcount, options.serverURIs) = (2, list.as_ptr());
    let told = connect(&handle, &teller, &mut options, 4);
    assert_eq!(told, format!("3: 0 connected {} 4 0", entry.to_str().unwrap()));
}

#[test]
fn callbacks_of_version_3_go_before_those_of_version_5() {
    let server = Server::start(Script { refusal: 0x87, ..Script::default() });
    let (handle, teller) = (Handle::to(&server.uri, 5), Teller::new(Kind::Connect));
    let mut options = connect_options(5);
    teller.listen_to_connect(&mut options, 4);
    options.onFailure5 = Some(on_failure5);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    assert_eq!(teller.next(), "3: 0 failed 135 CONNACK return code");
    // One of each kind.
    let server = Server::start(Script { refusal: 0x87, properties: reason_string(), ..Script::default() });
    let handle = Handle::to(&server.uri, 5);
    options.onFailure = None;
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    assert_eq!(teller.next(), "5: 0 failed -1 reason 135 [\"31=why not\"] packet 0 CONNACK return code");
    let server = Server::start(Script::default());
    let handle = Handle::to(&server.uri, 5);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    assert_eq!(teller.next(), format!("3: 0 connected {} 5 0", without_scheme(&server)));
}

#[test]
fn connect_failures_name_the_cause() {
    let teller = Teller::new(Kind::Connect);
    let told = connect(&Handle::new(4), &teller, &mut connect_options(4), 4);
    assert_eq!(told, "3: 0 failed -1 TCP/TLS connect failure");
    let told = connect(&Handle::new(5), &teller, &mut connect_options(5), 5);
    assert_eq!(told, "5: 0 failed -1 reason 0 [] packet 0 TCP/TLS connect failure");
    let server = Server::start(Script { refusal: 5, ..Script::default() });
    let told = connect(&Handle::to(&server.uri, 4), &teller, &mut connect_options(4), 4);
    assert_eq!(told, "3: 0 failed 5 CONNACK return code");
    let told = connect(&Handle::to(c"tcp://nowhere.invalid", 4), &teller, &mut connect_options(4), 4);
    assert!(
        told.starts_with("3: 0 failed -1 the host name \"nowhere.invalid\" cannot be resolved: "),
        "{told}"
    );
    let told = connect(&Handle::to(c"unix:///nowhere", 4), &teller, &mut connect_options(4), 4);
    assert!(told.starts_with("3: 0 failed -1 connecting to the socket failed: No such file"), "{told}");
}

#[test]
fn a_second_connect_is_ignored() {
    let server = Server::start(Script::default());
    let (handle, teller) = (Handle::to(&server.uri, 4), Teller::new(Kind::Connect));
    connect(&handle, &teller, &mut connect_options(4), 4);
    let told = connect(&handle, &teller, &mut connect_options(4), 4);
    assert_eq!(told, "3: 0 failed -18 NULL");
}

#[test]
fn what_is_not_complete_fails_at_the_end() {
    let teller = Teller::new(Kind::Publish);
    let handle = Handle::with(c"tcp://127.0.0.1:1", &buffer_options(4, 10));
    let five = Handle::with(c"tcp://127.0.0.1:1", &buffer_options(5, 10));
    for (handle, version, qos) in [(&handle, 4, 1), (&handle, 4, 0), (&five, 5, 2)] {
        let mut response = response_options();
        teller.listen(&mut response, version);
        let code =
            unsafe { MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), qos, 0, &raw mut response) };
        assert_eq!(code, 0);
    }
    drop(handle);
    assert_eq!(teller.told(), ["3: 1 failed -11 NULL", "3: 0 failed -11 NULL"]);
    drop(five);
    assert_eq!(teller.told(), ["5: 1 failed -11 reason 0 [] packet 0 NULL"]);
}

#[test]
fn a_displaced_message_fails() {
    for (version, expected) in [(4, "3: 1 failed -12 NULL"), (5, "5: 1 failed -12 reason 0 [] packet 3 NULL")]
    {
        let teller = Teller::new(Kind::Publish);
        let options = MQTTAsync_createOptions { deleteOldestMessages: 1, ..buffer_options(version, 1) };
        let handle = Handle::with(c"tcp://127.0.0.1:1", &options);
        let mut response = response_options();
        teller.listen(&mut response, version);
        for _ in 0..2 {
            let topic = c"t".as_ptr();
            let code = unsafe { MQTTAsync_send(handle.0, topic, 0, ptr::null(), 1, 0, &raw mut response) };
            assert_eq!(code, 0);
        }
        assert_eq!(teller.next(), expected);
    }
}

#[test]
fn publish_shows_the_message() {
    let server = Server::start(Script::default());
    let (handle, teller) = (Handle::to(&server.uri, 4), Teller::new(Kind::Publish));
    handle.connect(4);
    let mut response = response_options();
    teller.listen(&mut response, 4);
    let long = std::ffi::CString::new(vec![b't'; 300]).unwrap();
    unsafe {
        let payload = c"abc".as_ptr().cast();
        assert_eq!(MQTTAsync_send(handle.0, c"a/b".as_ptr(), 3, payload, 0, 1, &raw mut response), 0);
        assert_eq!(teller.next(), "3: 0 published a/b \"abc\" qos 0 retained 1 id 0 []");
        assert_eq!(MQTTAsync_send(handle.0, c"a/b".as_ptr(), 0, ptr::null(), 1, 0, &raw mut response), 0);
        assert_eq!(teller.next(), "3: 1 published a/b \"\" qos 1 retained 0 id 1 []");
        assert_eq!(MQTTAsync_send(handle.0, long.as_ptr(), 3, payload, 1, 0, &raw mut response), 0);
        let topic = long.to_str().unwrap();
        assert_eq!(teller.next(), format!("3: 2 published {topic} \"abc\" qos 1 retained 0 id 2 []"));
    }
}

#[test]
fn publish_with_version_5_tells_the_acknowledgement_too() {
    let script = Script { properties: reason_string(), acknowledgement: 0x10, ..Script::default() };
    let server = Server::start(script);
    let (handle, teller) = (Handle::to(&server.uri, 5), Teller::new(Kind::Publish));
    handle.connect(5);
    let property = MQTTProperty { identifier: 2, value: MQTTProperty_value { integer4: 300 } };
    let mut response = response_options();
    teller.listen(&mut response, 5);
    unsafe {
        assert_eq!(MQTTProperties_add(&raw mut response.properties, &raw const property), 0);
        let payload = c"abc".as_ptr().cast();
        assert_eq!(MQTTAsync_send(handle.0, c"t".as_ptr(), 3, payload, 1, 0, &raw mut response), 0);
        let published = "published t \"abc\" qos 1 retained 0 id 1 [\"2=300\"]";
        assert_eq!(teller.next(), format!("5: 1 reason 0 [\"31=why not\"] {published}"));
        assert_eq!(MQTTAsync_send(handle.0, c"t".as_ptr(), 3, payload, 0, 0, &raw mut response), 0);
        let published = "published t \"abc\" qos 0 retained 0 id 0 [\"2=300\"]";
        assert_eq!(teller.next(), format!("5: 0 reason 0 [] {published}"));
        MQTTProperties_free(&raw mut response.properties);
    }
}

#[test]
fn a_refused_message_fails_with_reason_and_packet_type() {
    let script = Script { properties: reason_string(), acknowledgement: 0x97, ..Script::default() };
    let server = Server::start(script);
    let (handle, teller) = (Handle::to(&server.uri, 5), Teller::new(Kind::Publish));
    handle.connect(5);
    let mut response = response_options();
    teller.listen(&mut response, 5);
    unsafe {
        assert_eq!(MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), 1, 0, &raw mut response), 0);
    }
    assert_eq!(teller.next(), "5: 1 failed 0 reason 151 [\"31=why not\"] packet 4 NULL");
}

/// Subscribes to as many filters as there are codes in the server's answer; what is told.
fn subscribe(version: c_int, codes: &[u8]) -> String {
    let server =
        Server::start(Script { codes: codes.to_vec(), properties: reason_string(), ..Script::default() });
    let handle = Handle::to(&server.uri, version);
    handle.connect(version);
    let kind = if codes.len() == 1 { Kind::Subscribe } else { Kind::SubscribeMany(codes.len()) };
    let teller = Teller::new(kind);
    let mut response = response_options();
    teller.listen(&mut response, version);
    let topics = vec![c"t".as_ptr().cast_mut(); codes.len()];
    let qos = vec![2; codes.len()];
    let count = codes.len() as c_int;
    let code =
        unsafe { MQTTAsync_subscribeMany(handle.0, count, topics.as_ptr(), qos.as_ptr(), &raw mut response) };
    assert_eq!(code, 0);
    teller.next()
}

#[test]
fn subscribe_tells_what_was_granted() {
    assert_eq!(subscribe(4, &[1]), "3: 1 subscribed 1");
    assert_eq!(subscribe(4, &[0x80]), "3: 1 failed 128 NULL");
    assert_eq!(subscribe(4, &[2, 0x80, 0]), "3: 1 subscribed [2, 128, 0]");
    assert_eq!(subscribe(4, &[0x80, 0x80]), "3: 1 subscribed [128, 128]");
    for version in [3, 4] {
        for code in [3, 0x7F, 0x81, 0x87, 0xFF] {
            assert_eq!(subscribe(version, &[code]), format!("3: 1 subscribed {code}"), "only 0x80 refuses");
        }
    }
    assert_eq!(subscribe(5, &[1]), "5: 1 reason 1 [\"31=why not\"] subscribed [1]");
    assert_eq!(subscribe(5, &[0x87]), "5: 1 failed 0 reason 135 [\"31=why not\"] packet 0 NULL");
    assert_eq!(subscribe(5, &[0x87, 2]), "5: 1 reason 135 [\"31=why not\"] subscribed [135, 2]");
}

#[test]
fn unsubscribe_always_succeeds() {
    let topics = [c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()];
    for (version, expected) in
        [(4, "3: 1 unsubscribed"), (5, "5: 1 reason 17 [\"31=why not\"] unsubscribed [17, 135]")]
    {
        let codes = vec![0x11, 0x87];
        let server = Server::start(Script { codes, properties: reason_string(), ..Script::default() });
        let (handle, teller) = (Handle::to(&server.uri, version), Teller::new(Kind::Unsubscribe));
        handle.connect(version);
        let mut response = response_options();
        teller.listen(&mut response, version);
        let code = unsafe { MQTTAsync_unsubscribeMany(handle.0, 2, topics.as_ptr(), &raw mut response) };
        assert_eq!(code, 0);
        assert_eq!(teller.next(), expected);
    }
}

#[test]
fn disconnect_tells_when_it_is_done() {
    const THREE: &str = "3: 0 done with zeros";
    const FIVE: &str = "5: 0 reason 0 [] done with zeros";
    for (version, struct_version, expected) in [(4, 0, THREE), (4, 1, THREE), (5, 0, FIVE), (5, 1, FIVE)] {
        let server = Server::start(Script::default());
        let (handle, teller) = (Handle::to(&server.uri, version), Teller::new(Kind::Plain));
        handle.connect(version);
        let mut options = MQTTAsync_disconnectOptions {
            struct_version,
            context: teller.context(),
            reasonCode: 4,
            ..disconnect_options()
        };
        if version == 5 {
            options.onSuccess5 = Some(crate::async_support::teller::on_success5);
        } else {
            options.onSuccess = Some(on_success);
        }
        assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, &raw const options) }, 0);
        assert_eq!(teller.next(), expected);
        assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 0);
        // Options of version 0 give no reason.
        let body: &[u8] = match (version, struct_version) {
            (5, 1) => &[4, 0],
            (5, _) => &[0, 0],
            _ => &[],
        };
        assert_eq!(server.wait_for(14).1, body);
        assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, &raw const options) }, -3);
    }
}

unsafe extern "C" fn tell_cause(context: *mut c_void, cause: *mut c_char) {
    let causes = unsafe { &*context.cast::<Sender<String>>() };
    let _ = causes.send(text(cause));
}

unsafe extern "C" fn arrived(_: *mut c_void, _: *mut c_char, _: c_int, _: *mut MQTTAsync_message) -> c_int {
    1
}

#[test]
fn connected_tells_whether_a_success_was_told_before() {
    let connected = |told: bool| {
        // The callback may still be in it when the handle is destroyed.
        let (causes, seen) = channel::<String>();
        let context = (&raw const causes).cast_mut().cast();
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 4);
        let teller = Teller::new(Kind::Any);
        let mut options = connect_options(4);
        teller.listen_to_connect(&mut options, 4);
        if !told {
            options.onSuccess = None;
        }
        unsafe {
            assert_eq!(MQTTAsync_setCallbacks(handle.0, ptr::null_mut(), None, Some(arrived), None), 0);
            assert_eq!(MQTTAsync_setConnected(handle.0, context, Some(tell_cause)), 0);
            assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
        }
        let cause = seen.recv().unwrap();
        assert_eq!(teller.told().len(), usize::from(told));
        cause
    };
    assert_eq!(connected(true), "connect onSuccess called");
    assert_eq!(connected(false), "automatic reconnect");
}
