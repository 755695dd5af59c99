//! A URI with the wrong scheme for its port, or without the options that its scheme needs: the log says so.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::AsyncClient;
use crate::support::abi::V3_1_1;
use crate::support::client::Client;
use crate::support::faulty_server::answering;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::{Connect, Tls, version};
use crate::support::program::in_own_process;
use crate::support::tls::{Identity, Subject, tls_answering};

const FIRST_PACKET_OF_TLS: &str = "it speaks TLS on this port, which takes an ssl:// or wss:// URI";
const FIRST_PACKET_OF_HTTP: &str = "it speaks HTTP on this port, which may take a ws:// URI";
const NOT_TLS: &str = "the server does not speak TLS on this port";
const HTTP_IN_PLACE_OF_TLS: &str = "the server speaks HTTP without TLS on this port";
const NO_ANSWER_TO_TLS: &str = "it sent nothing, so this port may be one without TLS";
const NO_ANSWER: &str = "a port that expects TLS ends connections like this, too";
const TLS_IN_PLACE_OF_HTTP: &str = "the server speaks TLS on this port, which takes a wss:// URI";

/// A long and a short answer of a web server.
const PAGE: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 59\r\n\r\n\
    <html><head><title>400 Bad Request</title></head></html>...";
const SHORT_PAGE: &[u8] = b"HTTP/1.0 400\r\n\r\n";
/// OpenSSL's to what is not TLS.
const ALERT: &[u8] = b"\x15\x03\x01\0\x02\x02\x46";

/// Runs a child and gives the lines of its log.
fn lines(child: &str, uri: &str) -> Vec<String> {
    let values = [("MQTT_C_CLIENT_TRACE", "ON"), ("MQTT_C_CLIENT_TRACE_LEVEL", "ERROR"), ("TEST_URI", uri)];
    let printed = in_own_process(&format!("wrong_ports::{child}"), &values);
    printed.lines().filter(|line| line.contains("onnect")).map(str::to_owned).collect()
}

#[track_caller]
fn assert_said(uri: &str, cause: &str) {
    for child in ["connect_synchronously", "connect_asynchronously"] {
        let lines = lines(child, uri);
        let is_said = |line: &String| line.contains("Connect of client") && line.contains(cause);
        assert!(lines.iter().any(is_said), "{child} to {uri}: {cause} in {lines:#?}");
    }
}

fn options(uri: &str) -> Connect {
    let options = version(V3_1_1);
    let is_secure = uri.starts_with("ssl:") || uri.starts_with("wss:");
    let unchecked = Tls { checks_chain: false, ..Tls::default() };
    if is_secure { options.tls(&unchecked) } else { options }
}

#[test]
#[ignore = "its log is read by other tests"]
fn connect_synchronously() {
    let uri = std::env::var("TEST_URI").unwrap();
    assert_ne!(Client::new(&uri, V3_1_1).connect(&options(&uri)).code, 0);
}

#[test]
#[ignore = "its log is read by other tests"]
fn connect_asynchronously() {
    let uri = std::env::var("TEST_URI").unwrap();
    assert_ne!(AsyncClient::new(&uri).connect(&options(&uri)).message(), "");
}

#[test]
fn mqtt_to_a_port_with_tls() {
    let identity = Identity::self_signed(&Subject::named(&["localhost"]));
    let directory = Directory::new("wrong-port");
    let (certificate, key) = identity.save(&directory, "server");
    let (_broker, port) =
        Mosquitto::start_with_listener(|_| format!("certfile {certificate}\nkeyfile {key}"));
    assert_said(&format!("tcp://127.0.0.1:{port}"), NO_ANSWER);
    assert_said(&format!("ws://127.0.0.1:{port}"), NO_ANSWER);
    assert_said(&format!("tcp://127.0.0.1:{}", answering(ALERT)), FIRST_PACKET_OF_TLS);
    assert_said(&format!("ws://127.0.0.1:{}", answering(ALERT)), TLS_IN_PLACE_OF_HTTP);
}

#[test]
fn a_loss_before_the_answer_of_a_server_with_tls_is_not_put_down_to_its_port() {
    let acceptor = Identity::self_signed(&Subject::named(&["localhost"])).acceptor();
    let port = tls_answering(acceptor, b"");
    for child in ["connect_synchronously", "connect_asynchronously"] {
        let lines = lines(child, &format!("ssl://127.0.0.1:{port}"));
        let is_end = |line: &String| line.ends_with("failed: the server closed the connection");
        assert!(lines.iter().any(is_end), "{lines:#?}");
    }
}

#[test]
fn tls_to_a_port_without() {
    let (broker, port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    assert_said(&format!("ssl://127.0.0.1:{}", broker.port()), NO_ANSWER_TO_TLS);
    assert_said(&format!("wss://127.0.0.1:{}", broker.port()), NO_ANSWER_TO_TLS);
    assert_said(&format!("wss://127.0.0.1:{port}"), HTTP_IN_PLACE_OF_TLS);
    assert_said(&format!("ssl://127.0.0.1:{}", answering(b"\x20\x02\0\0")), NOT_TLS);
    assert_said(&format!("ssl://127.0.0.1:{}", answering(PAGE)), HTTP_IN_PLACE_OF_TLS);
}

#[test]
fn mqtt_to_a_web_server() {
    assert_said(&format!("tcp://127.0.0.1:{}", answering(PAGE)), FIRST_PACKET_OF_HTTP);
    assert_said(&format!("tcp://127.0.0.1:{}", answering(SHORT_PAGE)), FIRST_PACKET_OF_HTTP);
}

#[test]
fn a_tls_uri_without_tls_options() {
    for child in ["connect_synchronously_without_options", "connect_asynchronously_without_options"] {
        for (listed, uri) in [("", "ssl://user:secret@127.0.0.1:1"), ("1", "wss://127.0.0.1:1")] {
            let values = [
                ("MQTT_C_CLIENT_TRACE", "ON"),
                ("MQTT_C_CLIENT_TRACE_LEVEL", "ERROR"),
                ("TEST_URI", uri),
                ("TEST_LISTED", listed),
            ];
            let printed = in_own_process(&format!("wrong_ports::{child}"), &values);
            let wanted = "needs TLS options, but ssl of the connect options is NULL";
            let said: Vec<&str> = printed.lines().filter(|line| line.contains(wanted)).collect();
            assert_eq!(said.len(), 1, "{printed}");
            assert!(said[0].contains("127.0.0.1:1 needs") && !said[0].contains("secret"), "{said:?}");
        }
    }
}

/// The server of a client, and its options: the URI of the test is given at create or in `serverURIs`.
fn without_options() -> (String, Connect) {
    let uri = std::env::var("TEST_URI").unwrap();
    match std::env::var("TEST_LISTED").unwrap().as_str() {
        "" => (uri, version(V3_1_1)),
        _ => ("tcp://127.0.0.1:1".to_owned(), Connect { servers: vec![uri], ..version(V3_1_1) }),
    }
}

#[test]
#[ignore = "its log is read by another test"]
fn connect_synchronously_without_options() {
    let (uri, options) = without_options();
    assert_eq!(Client::new(&uri, V3_1_1).connect(&options).code, -6);
}

#[test]
#[ignore = "its log is read by another test"]
fn connect_asynchronously_without_options() {
    let (uri, options) = without_options();
    assert_eq!(AsyncClient::new(&uri).begin(&options), -6);
}
