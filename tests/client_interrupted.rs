//! Connections that end or stop at any byte on the way.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod support;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};
use support::abi::{FAILURE, V3_1_1};
use support::async_client::AsyncClient;
use support::client::Client;
use support::faulty_server::Deaf;
use support::mosquitto::Mosquitto;
use support::options::{Connect, Tls, version};
use support::program::in_own_process;
use support::relay::{Relay, Then};
use support::threads::{own_processor_time, processor_time_of};
use support::tls::{Identity, Subject, TlsServer};
use support::websocket::accepting_server;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Api {
    Synchronous,
    Asynchronous,
}

const BOTH: [Api; 2] = [Api::Synchronous, Api::Asynchronous];

/// The code of a connect with a client of its own.
fn connect_once(api: Api, uri: &str, connect: &Connect) -> i32 {
    match api {
        Api::Synchronous => Client::new(uri, V3_1_1).connect(connect).code,
        Api::Asynchronous => AsyncClient::new(uri).connect(connect).code(),
    }
}

/// Connects through a relay that closes behind each byte in turn: an error every time, and success in the end.
fn close_everywhere(server: u16, uri: impl Fn(u16) -> String, connect: &Connect, step: usize) {
    for api in BOTH {
        let relay = Relay::start(server, Then::Close);
        let uri = uri(relay.port);
        assert_eq!(connect_once(api, &uri, connect), 0);
        let whole = relay.passed.load(Ordering::SeqCst);
        let mut failed = 0;
        for count in (0..whole).step_by(step) {
            relay.allowed.store(count, Ordering::SeqCst);
            let begin = Instant::now();
            let code = connect_once(api, &uri, connect);
            assert!(matches!(code, 0 | FAILURE), "{code} behind {count} of {whole} bytes");
            failed += usize::from(code == FAILURE);
            assert!(begin.elapsed() < Duration::from_secs(5), "{count} of {whole} bytes");
        }
        assert!(failed * step > whole / 2, "{failed} of {whole}");
        relay.allowed.store(usize::MAX, Ordering::SeqCst);
        assert_eq!(connect_once(api, &uri, connect), 0);
    }
}

/// Connecting there costs the time limit of one second and no work.
fn expect_time_out(uri: &str, connect: &Connect) {
    let client = Client::new(uri, V3_1_1);
    let (begin, used) = (Instant::now(), own_processor_time());
    let code = client.connect(&connect.clone().timeout(1)).code;
    expect_limit(begin.elapsed(), uri);
    let used = own_processor_time() - used;
    assert_eq!(code, FAILURE);
    assert!(used < BUSY, "{used:?} of processor time, {uri}");
}

/// The same with the asynchronous API; the threads that have done the work end with the client.
fn expect_time_out_asynchronously(uri: &str, connect: &Connect) -> AsyncClient {
    let (client, begin) = (AsyncClient::new(uri), Instant::now());
    let ending = client.connect(&connect.clone().timeout(1));
    expect_limit(begin.elapsed(), uri);
    assert_eq!((ending.code(), ending.message()), (FAILURE, "TCP connect timeout"));
    client
}

/// What a handshake and a request of megabytes take without optimisation on a busy machine. A client that spins takes the
/// whole second.
const BUSY: Duration = Duration::from_millis(400);

fn expect_limit(took: Duration, uri: &str) {
    assert!((Duration::from_millis(999)..Duration::from_millis(1500)).contains(&took), "{uri}: {took:?}");
}

/// Connects to all these at once.
fn all_time_out(uris: &[String], connect: &Connect) {
    thread::scope(|scope| {
        for uri in uris {
            scope.spawn(move || expect_time_out(uri, connect));
        }
    });
    let clients: Vec<AsyncClient> = thread::scope(|scope| {
        let waiting: Vec<_> = uris
            .iter()
            .map(|uri| scope.spawn(move || expect_time_out_asynchronously(uri, connect)))
            .collect();
        waiting.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let used = processor_time_of("MQTTClient_run");
    assert!(used < BUSY * clients.len() as u32, "{used:?} of processor time, {uris:?}");
}

/// Connects through relays that stop behind some of the bytes: the time limit, and no work meanwhile.
fn stall_at(counts: &[usize], server: u16, uri: impl Fn(u16) -> String, connect: &Connect) {
    let stalled = |count: &usize| {
        let relay = Relay::start(server, Then::Stall);
        relay.allowed.store(*count, Ordering::SeqCst);
        uri(relay.port)
    };
    let uris: Vec<String> = counts.iter().map(stalled).collect();
    all_time_out(&uris, connect);
}

fn tls_server() -> (TlsServer, Connect) {
    let authority = Identity::authority("test authority");
    let server = TlsServer::start(authority.issue(&Subject::named(&["localhost"])).acceptor());
    let tls = Tls { trust_store: Some(authority.certificate_text()), checks_host: true, ..Tls::default() };
    (server, version(V3_1_1).tls(&tls))
}

#[test]
fn tls_may_end_behind_any_byte() {
    let (server, connect) = tls_server();
    close_everywhere(server.port(), |port| format!("ssl://localhost:{port}"), &connect, 5);
}

#[test]
fn a_websocket_may_end_behind_any_byte() {
    close_everywhere(accepting_server(), |port| format!("ws://localhost:{port}"), &version(V3_1_1), 1);
}

#[test]
fn connack_may_end_behind_any_byte() {
    let broker = Mosquitto::start();
    close_everywhere(broker.port(), |port| format!("tcp://localhost:{port}"), &version(V3_1_1), 1);
}

#[test]
fn tls_may_stop_behind_any_byte() {
    in_own_process("tls_may_stop_behind_any_byte_child", &[]);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn tls_may_stop_behind_any_byte_child() {
    let (server, connect) = tls_server();
    // The hello, the certificate, the end of the handshake, CONNACK.
    let counts = [0, 1, 5, 100, 130, 700, 1200];
    stall_at(&counts, server.port(), |port| format!("ssl://localhost:{port}"), &connect);
}

#[test]
fn a_websocket_may_stop_behind_any_byte() {
    in_own_process("a_websocket_may_stop_behind_any_byte_child", &[]);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn a_websocket_may_stop_behind_any_byte_child() {
    let counts = [0, 10, 120, 131, 133];
    stall_at(&counts, accepting_server(), |port| format!("ws://localhost:{port}"), &version(V3_1_1));
}

#[test]
fn a_server_may_stop_reading() {
    in_own_process("a_server_may_stop_reading_child", &[]);
}

/// What the client has to send first is more than the network takes: a TLS hello, the request for a proxy or a WebSocket,
/// CONNECT.
#[test]
#[ignore = "run by another test in a process of its own"]
fn a_server_may_stop_reading_child() {
    let server = Deaf::new();
    let uris = |schemes: &[&str]| -> Vec<String> {
        schemes.iter().map(|scheme| format!("{scheme}://127.0.0.1:{}", server.port())).collect()
    };
    let mut large = version(V3_1_1);
    let text = Some("x".repeat(65_000));
    (large.user, large.password) = (text.clone(), text);
    large.headers = vec![("X-Large".into(), "x".repeat(8 << 20))];
    let tls = Tls { checks_chain: false, ..Tls::default() };
    all_time_out(&uris(&["tcp", "ws", "ssl", "wss"]), &large.clone().tls(&tls));
    large.http_proxy = Some(format!("http://{}@127.0.0.1:{}", "x".repeat(3 << 20), server.port()));
    all_time_out(&["tcp://broker.example".to_owned()], &large);
}
