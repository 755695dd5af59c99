//! Failed connects of each kind, with both APIs: memory, descriptors and threads stay as they are. Some of each as a test,
//! thousands by `make soak`.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::AsyncClient;
use crate::support::abi::{DISCONNECTED, V3_1_1};
use crate::support::client::Client;
use crate::support::faulty_server::{BlackHole, answering, listening};
use crate::support::mosquitto::Directory;
use crate::support::options::{Connect, Tls, version};
use crate::support::program::in_own_process_for;
use crate::support::relay::{Relay, Then};
use crate::support::threads::{memory, open_descriptors, threads};
use crate::support::tls::{Identity, Subject, TlsServer, tls_answering, write};
use crate::support::wait::until;
use std::env;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// A way to fail. What is empty is not set.
#[derive(Default)]
struct Kind {
    name: String,
    uri: String,
    trust_store: String,
    key_store: String,
    ciphers: String,
    proxy: String,
    /// What connect gives; 0 stands for -1.
    code: i32,
    /// It takes a second, so many are done at the same time.
    waits: bool,
    /// The program gives up instead.
    gives_up: bool,
}

/// What answers the clients, in the process that does not count.
struct World {
    authority: Identity,
    trust_store: String,
    _directory: Directory,
    hole: BlackHole,
}

impl World {
    fn new() -> World {
        let (authority, directory) = (Identity::authority("test authority"), Directory::new("failures"));
        let trust_store = write(&directory, "authority.crt", &authority.certificate_text());
        World { authority, trust_store, _directory: directory, hole: BlackHole::new() }
    }

    fn identity(&self) -> Identity {
        self.authority.issue(&Subject::named(&["localhost"]))
    }

    fn trusting(&self, name: &str, uri: String) -> Kind {
        Kind { trust_store: self.trust_store.clone(), ..kind(name, uri) }
    }

    /// A server with TLS that answers what is said behind the handshake.
    fn tls_answering(&self, answer: &'static [u8]) -> u16 {
        tls_answering(self.identity().acceptor(), answer)
    }

    fn kinds(&self) -> Vec<Kind> {
        let mut kinds = self.plain();
        kinds.extend(self.with_tls());
        kinds.extend(self.closing());
        kinds.extend(self.waiting());
        kinds
    }

    fn plain(&self) -> Vec<Kind> {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let refusing = format!("127.0.0.1:{}", answering(b"HTTP/1.1 407 Go away\r\n\r\n"));
        let tls_proxied = self.trusting("proxy refuses TLS", "ssl://broker.example".into());
        let connack = |name, port| Kind { code: 5, ..kind(name, local("tcp", port)) };
        vec![
            kind("refused", local("tcp", closed)),
            kind("no such name", "tcp://no such host:1".into()),
            kind("no such socket", "unix:///nowhere".into()),
            kind("no port", "tcp://localhost:x".into()),
            kind("closed before CONNACK", local("tcp", answering(b""))),
            kind("nonsense instead of CONNACK", local("tcp", answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"))),
            connack("CONNACK refuses", answering(b"\x20\x02\x00\x05")),
            Kind { proxy: refusing.clone(), ..kind("proxy refuses", "tcp://broker.example".into()) },
            Kind { proxy: refusing, ..tls_proxied },
            kind("upgrade refused", local("ws", answering(b"HTTP/1.1 403 Forbidden\r\n\r\n"))),
        ]
    }

    fn with_tls(&self) -> Vec<Kind> {
        let server = TlsServer::start(self.identity().acceptor());
        let expired = self.authority.issue(&Subject::named(&["localhost"]).expired());
        let good = || self.trusting("", local("ssl", server.port()));
        let upgrade = local("wss", self.tls_answering(b"HTTP/1.1 403 Forbidden\r\n\r\n"));
        let connack = local("ssl", self.tls_answering(b"\x20\x02\x00\x05"));
        // The servers are needed as long as the process.
        let port = Box::leak(Box::new(TlsServer::start(expired.acceptor()))).port();
        let kinds = vec![
            Kind { trust_store: String::new(), ..named("untrusted", good()) },
            named("wrong host", Kind { uri: format!("ssl://127.0.0.1:{}", server.port()), ..good() }),
            self.trusting("expired", local("ssl", port)),
            Kind { key_store: "/nowhere".into(), ..named("no such keyStore", good()) },
            Kind { ciphers: "NO-SUCH-CIPHER".into(), ..named("no such cipher", good()) },
            self.trusting("no TLS", local("ssl", answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"))),
            self.trusting("upgrade refused with TLS", upgrade),
            Kind { code: 5, ..self.trusting("CONNACK refuses with TLS", connack) },
        ];
        Box::leak(Box::new(server));
        kinds
    }

    /// The server closes behind so many bytes of the handshake.
    fn closing(&self) -> Vec<Kind> {
        let server: &TlsServer = Box::leak(Box::new(TlsServer::start(self.identity().acceptor())));
        let closing = |count: usize| {
            let relay: &Relay = Box::leak(Box::new(Relay::start(server.port(), Then::CloseEach)));
            relay.allowed.store(count, Ordering::SeqCst);
            self.trusting(&format!("closed behind {count} bytes of TLS"), local("ssl", relay.port))
        };
        [0, 3, 60, 127, 140, 800].map(closing).into()
    }

    fn waiting(&self) -> Vec<Kind> {
        let mute = listening();
        let waits = |kind: Kind| Kind { waits: true, ..kind };
        let stages = || {
            let hole = local("tcp", self.hole.port());
            [
                kind("TCP", hole),
                self.trusting("the TLS handshake", local("ssl", mute)),
                Kind { proxy: local("http", mute), ..kind("the proxy", "tcp://broker.example".into()) },
                kind("the upgrade", local("ws", mute)),
                kind("CONNACK", local("tcp", mute)),
            ]
        };
        let given_up = |kind: Kind| Kind { gives_up: true, name: format!("{} given up", kind.name), ..kind };
        let late = |kind: Kind| Kind { name: format!("{} times out", kind.name), ..waits(kind) };
        stages().map(late).into_iter().chain(stages().map(given_up)).collect()
    }
}

fn kind(name: &str, uri: String) -> Kind {
    Kind { name: name.into(), uri, ..Kind::default() }
}

fn named(name: &str, kind: Kind) -> Kind {
    Kind { name: name.into(), ..kind }
}

fn local(scheme: &str, port: u16) -> String {
    format!("{scheme}://localhost:{port}")
}

/// Lets clients fail so often in a process of their own, for each kind and both APIs.
fn fail_everywhere(count: usize, limit: Duration) {
    let world = World::new();
    let kinds = Mutex::new(world.kinds());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let next = kinds.lock().unwrap().pop();
                    let Some(kind) = next else { return };
                    for api in ["synchronous", "asynchronous"] {
                        fail(&kind, api, count, limit);
                    }
                }
            });
        }
    });
}

fn fail(kind: &Kind, api: &str, count: usize, limit: Duration) {
    let name = format!("{} ({api})", kind.name);
    let (count, code) = (count.to_string(), if kind.code == 0 { -1 } else { kind.code }.to_string());
    let truth = |value: bool| if value { "yes" } else { "" };
    let values = [
        ("TEST_API", api),
        ("TEST_NAME", &name),
        ("TEST_COUNT", &count),
        ("TEST_URI", &kind.uri),
        ("TEST_TRUST_STORE", &kind.trust_store),
        ("TEST_KEY_STORE", &kind.key_store),
        ("TEST_CIPHERS", &kind.ciphers),
        ("TEST_PROXY", &kind.proxy),
        ("TEST_CODE", &code),
        ("TEST_WAITS", truth(kind.waits)),
        ("TEST_GIVES_UP", truth(kind.gives_up)),
    ];
    let printed = in_own_process_for(limit, "failures::failures_leave_nothing_behind_child", &values);
    printed.lines().filter(|line| line.contains("KiB")).for_each(|line| eprintln!("{line}"));
}

#[test]
fn failures_leave_nothing_behind() {
    fail_everywhere(50, Duration::from_secs(120));
}

#[test]
#[ignore = "long: make soak"]
fn soak_failures_leave_nothing_behind() {
    fail_everywhere(2000, Duration::from_secs(1200));
}

fn value(name: &str) -> String {
    env::var(format!("TEST_{name}")).unwrap()
}

fn options() -> Connect {
    let given = |name| Some(value(name)).filter(|text| !text.is_empty());
    let tls = Tls {
        trust_store: given("TRUST_STORE"),
        key_store: given("KEY_STORE"),
        ciphers: given("CIPHERS"),
        checks_host: true,
        only_given_trust: true,
        ..Tls::default()
    };
    let seconds = if value("WAITS").is_empty() { 60 } else { 1 };
    let mut connect = version(V3_1_1).tls(&tls).timeout(seconds);
    (connect.http_proxy, connect.https_proxy) = (given("PROXY"), given("PROXY"));
    connect
}

/// One client in two ways: it lives on from attempt to attempt, or for one of them.
struct Attempts {
    uri: String,
    connect: Connect,
    code: i32,
    gives_up: bool,
}

impl Attempts {
    fn synchronous(&self, count: usize) {
        let lasting = Client::new(&self.uri, V3_1_1);
        for number in 0..count {
            let own = (number % 2 == 0).then(|| Client::new(&self.uri, V3_1_1));
            let client = own.as_deref().unwrap_or(&lasting);
            if self.gives_up {
                self.give_up(client);
            } else {
                assert_eq!(client.connect(&self.connect).code, self.code);
            }
        }
    }

    /// Disconnects again and again until the connect has begun and is over.
    fn give_up(&self, client: &Client) {
        thread::scope(|scope| {
            let connecting = scope.spawn(|| client.connect(&self.connect).code);
            until("the end of the connect", || {
                client.disconnect(0);
                connecting.is_finished()
            });
            assert_eq!(connecting.join().unwrap(), self.code);
        });
    }

    fn asynchronous(&self, count: usize) {
        let lasting = AsyncClient::new(&self.uri);
        for number in 0..count {
            let mut own = (number % 2 == 0).then(|| AsyncClient::new(&self.uri));
            let client = own.as_ref().unwrap_or(&lasting);
            assert_eq!(client.begin(&self.connect), 0);
            if !self.gives_up {
                assert_eq!(client.ending().code(), self.code);
                continue;
            }
            match &mut own {
                Some(client) => client.destroy(),
                None => assert_eq!(lasting.disconnect(), DISCONNECTED),
            }
            assert_eq!(own.as_ref().unwrap_or(&lasting).ending().code(), -11);
        }
    }

    fn make(&self, api: &str, count: usize, width: usize) {
        thread::scope(|scope| {
            for _ in 0..width {
                scope.spawn(|| match api {
                    "synchronous" => self.synchronous(count / width),
                    _ => self.asynchronous(count / width),
                });
            }
        });
    }
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn failures_leave_nothing_behind_child() {
    let (api, name, count) = (value("API"), value("NAME"), value("COUNT").parse().unwrap());
    let attempts = Attempts {
        uri: value("URI"),
        connect: options(),
        code: value("CODE").parse().unwrap(),
        gives_up: !value("GIVES_UP").is_empty(),
    };
    let width = if value("WAITS").is_empty() { 1 } else { 50 };
    // What OpenSSL loads at its first use stays. An asynchronous attempt may be given up before that, a synchronous one loads
    // it first.
    attempts.make("synchronous", width, width);
    // A client that stays, so that the threads of the library do.
    let _staying = AsyncClient::new("tcp://localhost:1").connect(&version(V3_1_1));
    attempts.make(&api, 50.max(3 * width), width);
    let before = (open_descriptors(), threads("").len(), memory());
    let begin = Instant::now();
    attempts.make(&api, count, width);
    until("all descriptors are closed", || open_descriptors() <= before.0);
    until("all threads end", || threads("").len() <= before.1);
    let (after, took) = (memory(), begin.elapsed());
    let grown = after.saturating_sub(before.2);
    println!("\n{name}: {count} in {took:.1?}, {} -> {} KiB", before.2 >> 10, after >> 10);
    assert!(grown < if width == 1 { ROOM } else { 4 * ROOM }, "{name}: {grown} bytes more");
}

/// Memory may become more by so much: pieces of the heap between what is in use. Many threads have several heaps.
const ROOM: usize = 1 << 20;
