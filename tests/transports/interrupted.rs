//! Connections that end or stop at any byte on the way.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::{AsyncClient, Ending};
use crate::support::abi::{FAILURE, V3_1_1};
use crate::support::client::Client;
use crate::support::faulty_server::Deaf;
use crate::support::mosquitto::Mosquitto;
use crate::support::options::{Connect, Tls, version};
use crate::support::program::in_own_process;
use crate::support::relay::{Relay, Then};
use crate::support::threads::{others_sleep, processor_time, queued_time};
use crate::support::tls::{Identity, Subject, TlsServer};
use crate::support::wait::{next, until};
use crate::support::websocket::accepting_server;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Api {
    Synchronous,
    Asynchronous,
}

const BOTH: [Api; 2] = [Api::Synchronous, Api::Asynchronous];

/// What a connect comes to with a client of its own.
fn connect_once(api: Api, uri: &str, connect: &Connect) -> Ending {
    match api {
        Api::Synchronous => match Client::new(uri, V3_1_1).connect(connect).code {
            0 => Ending::Done,
            code => Ending::Failed { code, message: None },
        },
        Api::Asynchronous => AsyncClient::new(uri).connect(connect),
    }
}

/// Connects through a relay that closes behind each byte in turn: an error every time, and success in the end.
fn close_everywhere(server: u16, uri: impl Fn(u16) -> String, connect: &Connect, step: usize) {
    for api in BOTH {
        let relay = Relay::start(server, Then::Close);
        let uri = uri(relay.port);
        assert_eq!(connect_once(api, &uri, connect), Ending::Done);
        let whole = relay.passed.load(Ordering::SeqCst);
        let mut failed = 0;
        for count in (0..whole).step_by(step) {
            relay.allowed.store(count, Ordering::SeqCst);
            let begin = Instant::now();
            let code = connect_once(api, &uri, connect).code();
            assert!(matches!(code, 0 | FAILURE), "{code} behind {count} of {whole} bytes");
            failed += usize::from(code == FAILURE);
            assert!(begin.elapsed() < Duration::from_secs(5), "{count} of {whole} bytes");
        }
        assert!(failed * step > whole / 2, "{failed} of {whole}");
        relay.allowed.store(usize::MAX, Ordering::SeqCst);
        assert_eq!(connect_once(api, &uri, connect), Ending::Done);
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Connects to all these at once, with both interfaces: each costs the time limit, and waiting costs nothing.
fn all_time_out(targets: &[(String, Connect)]) {
    let (ended, ends) = channel();
    thread::scope(|scope| {
        for (api, (uri, connect)) in BOTH.into_iter().flat_map(|api| targets.iter().map(move |to| (api, to)))
        {
            let ended = ended.clone();
            scope.spawn(move || expect_time_out(api, uri, connect, &ended));
        }
        expect_rest(&ends);
    });
}

fn expect_time_out(api: Api, uri: &str, connect: &Connect, ended: &Sender<()>) {
    let connect = connect.clone().timeout(TIME_LIMIT.as_secs() as i32);
    let (begin, queued) = (Instant::now(), queued_time());
    let ending = connect_once(api, uri, &connect);
    // Where others use the processors, no client can be in time.
    let (took, queued) = (begin.elapsed(), queued_time().saturating_sub(queued));
    let _ = ended.send(());
    let message = (api == Api::Asynchronous).then(|| "TCP connect timeout".to_owned());
    assert_eq!(ending, Ending::Failed { code: FAILURE, message }, "{api:?}, {uri}");
    let limits = TIME_LIMIT - Duration::from_millis(1)..TIME_LIMIT + Duration::from_secs(1) + queued;
    assert!(limits.contains(&took), "{api:?}, {uri}: {took:?}, without a processor for {queued:?}");
}

/// From when all clients have got as far as they can until the first one gives up the whole process uses less than 2 % of
/// one processor, and so does each client.
fn expect_rest(ends: &Receiver<()>) {
    let mut times_asleep = 0;
    until("a rest", || {
        times_asleep = if others_sleep() { times_asleep + 1 } else { 0 };
        times_asleep == 20
    });
    let (begin, used) = (Instant::now(), processor_time());
    next(ends, "the end of a connect");
    let (used, waited) = (processor_time() - used, begin.elapsed());
    assert!(waited > TIME_LIMIT / 5, "the clients were at work but for {waited:?}");
    assert!(used < waited / 50, "{used:?} of processor time in {waited:?}");
}

/// Connects through relays that stop behind some of the bytes: the time limit, and no work meanwhile.
fn stall_at(counts: &[usize], server: u16, uri: impl Fn(u16) -> String, connect: &Connect) {
    let stalled = |count: &usize| {
        let relay = Relay::start(server, Then::Stall);
        relay.allowed.store(*count, Ordering::SeqCst);
        uri(relay.port)
    };
    let targets: Vec<_> = counts.iter().map(|count| (stalled(count), connect.clone())).collect();
    all_time_out(&targets);
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
    in_own_process("interrupted::tls_may_stop_behind_any_byte_child", &[]);
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
    in_own_process("interrupted::a_websocket_may_stop_behind_any_byte_child", &[]);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn a_websocket_may_stop_behind_any_byte_child() {
    let counts = [0, 10, 120, 131, 133];
    stall_at(&counts, accepting_server(), |port| format!("ws://localhost:{port}"), &version(V3_1_1));
}

#[test]
fn a_server_may_stop_reading() {
    in_own_process("interrupted::a_server_may_stop_reading_child", &[]);
}

/// What the client has to send first is more than the network takes: a TLS hello, the request for a proxy or a WebSocket,
/// CONNECT.
#[test]
#[ignore = "run by another test in a process of its own"]
fn a_server_may_stop_reading_child() {
    let server = Deaf::new();
    let mut large = version(V3_1_1);
    let text = Some("x".repeat(65_000));
    (large.user, large.password) = (text.clone(), text);
    large.headers = vec![("X-Large".into(), "x".repeat(8 << 20))];
    let large = large.tls(&Tls { checks_chain: false, ..Tls::default() });
    let to = |scheme: &str| (format!("{scheme}://127.0.0.1:{}", server.port()), large.clone());
    let proxy = Some(format!("http://{}@127.0.0.1:{}", "x".repeat(3 << 20), server.port()));
    let behind_proxy = Connect { http_proxy: proxy, ..large.clone() };
    all_time_out(&[to("tcp"), to("ws"), to("ssl"), to("wss"), ("tcp://broker.example".into(), behind_proxy)]);
}
