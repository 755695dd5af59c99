//! Why a connection could not be made: in the log of both APIs, and in the words that the asynchronous API has for it.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::AsyncClient;
use crate::support::abi::V3_1_1;
use crate::support::client::Client;
use crate::support::faulty_server::{BlackHole, Mute, answering};
use crate::support::options::{Connect, Tls, version};
use crate::support::program::in_own_process;
use crate::support::tls::{Identity, Subject, TlsServer};
use std::net::SocketAddr;

/// What the log says, and what the asynchronous API says.
const CAUSES: [(&str, &str); 15] = [
    ("TCP connect failed: Connection refused", "TCP/TLS connect failure"),
    (
        "the host name \"no such host\" cannot be resolved: failed to lookup",
        "the host name \"no such host\" cannot be",
    ),
    ("connecting to the socket failed: No such file", "connecting to the socket failed: No such file"),
    ("certificate verify failed: unable to get local issuer certificate", "TCP/TLS connect failure"),
    ("certificate verify failed: certificate has expired", "TCP/TLS connect failure"),
    ("the certificate of the server is not for the host 127.0.0.1", "TCP/TLS connect failure"),
    ("TLS handshake failed: wrong version number", "TCP/TLS connect failure"),
    ("TLS handshake failed: the server closed the connection", "TCP/TLS connect failure"),
    ("the TLS handshake timed out", "TCP connect timeout"),
    ("HTTP proxy: the proxy answered with HTTP status 407 Go away", "TCP/TLS connect failure"),
    ("WebSocket: the server answered with HTTP status 403 Forbidden", "socket error"),
    ("the server closed the connection", "TCP connect completion failure"),
    ("the server did not answer CONNECT in time", "TCP connect timeout"),
    ("the server refused the connection with code 5 (not authorized)", "CONNACK return code"),
    ("TCP connect timed out", "TCP connect timeout"),
];

/// A way to fail for each cause.
fn ways() -> Vec<(String, Connect)> {
    let (authority, plain) = (Identity::authority("test authority"), version(V3_1_1));
    let server = |subject: Subject| TlsServer::start(authority.issue(&subject).acceptor());
    let (good, expired) =
        (server(Subject::named(&["localhost"])), server(Subject::named(&["localhost"]).expired()));
    let tls = Tls { trust_store: Some(authority.certificate_text()), checks_host: true, ..Tls::default() };
    let trusting = version(V3_1_1).tls(&tls);
    // Bound for the rest of the process, so that nobody else listens there.
    let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let silent: &socket2::Socket = Box::leak(Box::new(silent));
    silent.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let closed = silent.local_addr().unwrap().as_socket().unwrap().port();
    let mute: &Mute = Box::leak(Box::new(Mute::new()));
    let hole: &BlackHole = Box::leak(Box::new(BlackHole::new()));
    let mut proxied = version(V3_1_1);
    proxied.http_proxy = Some(format!("127.0.0.1:{}", answering(b"HTTP/1.1 407 Go away\r\n\r\n")));
    let at = |scheme: &str, port: u16| format!("{scheme}://127.0.0.1:{port}");
    vec![
        (at("tcp", closed), plain.clone()),
        ("tcp://no such host:1".into(), plain.clone()),
        ("unix:///nowhere".into(), plain.clone()),
        (good.uri("localhost"), version(V3_1_1).tls(&Tls::default())),
        (expired.uri("localhost"), trusting.clone()),
        (good.uri("127.0.0.1"), trusting.clone()),
        (at("ssl", answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")), trusting.clone()),
        (at("ssl", answering(b"")), trusting.clone()),
        (at("ssl", mute.port()), trusting.timeout(1)),
        ("tcp://broker.example".into(), proxied),
        (at("ws", answering(b"HTTP/1.1 403 Forbidden\r\n\r\n")), plain.clone()),
        (at("tcp", answering(b"")), plain.clone()),
        (at("tcp", mute.port()), plain.clone().timeout(1)),
        (at("tcp", answering(b"\x20\x02\x00\x05")), plain.clone()),
        (at("tcp", hole.port()), plain.timeout(1)),
    ]
}

/// The lines about failed connects that the child prints with this log level.
fn lines(child: &str) -> Vec<String> {
    let values = [("MQTT_C_CLIENT_TRACE", "ON"), ("MQTT_C_CLIENT_TRACE_LEVEL", "ERROR")];
    let printed = in_own_process(&format!("failure_causes::{child}"), &values);
    printed.lines().filter(|line| line.contains("Connect of client")).map(str::to_owned).collect()
}

fn compare(lines: &[String]) {
    assert_eq!(lines.len(), CAUSES.len(), "{lines:#?}");
    for (line, (cause, _)) in lines.iter().zip(CAUSES) {
        assert!(line.contains(cause), "{cause} in {line}");
    }
}

#[test]
fn the_log_of_the_synchronous_api_names_the_cause() {
    compare(&lines("fail_synchronously"));
}

#[test]
fn the_log_of_the_asynchronous_api_names_the_cause() {
    compare(&lines("fail_asynchronously"));
}

#[test]
#[ignore = "its log is read by another test"]
fn fail_synchronously() {
    for (uri, connect) in ways() {
        assert_ne!(Client::new(&uri, V3_1_1).connect(&connect).code, 0, "{uri}");
    }
}

#[test]
#[ignore = "its log is read by another test"]
fn fail_asynchronously() {
    for ((uri, connect), (_, message)) in ways().into_iter().zip(CAUSES) {
        let ending = AsyncClient::new(&uri).connect(&connect);
        assert!(ending.message().starts_with(message), "{message}: {ending:?}");
    }
}
