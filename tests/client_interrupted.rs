//! Connections that end or stop at any byte on the way, and failures by the hundred.

#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test ends by failing")]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use support::abi::{FAILURE, V3_1_1};
use support::client::Client;
use support::mosquitto::{Directory, Mosquitto};
use support::options::{Connect, Tls, version};
use support::program::in_own_process;
use support::tls::{Identity, Subject, TlsServer};

/// What a relay does when it has passed as many bytes to the client as it may.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Close,
    Stall,
}

/// A relay in front of a server.
struct Relay {
    port: u16,
    /// Bytes that may still go to the client.
    allowed: Arc<AtomicUsize>,
    /// Bytes that went to the client altogether.
    passed: Arc<AtomicUsize>,
}

impl Relay {
    /// Ends with the test's process.
    fn start(server: u16, then: Then) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (allowed, passed) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(0)));
        let counters = (allowed.clone(), passed.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let counters = counters.clone();
                thread::spawn(move || pass(&client, &server, &counters.0, &counters.1, then));
            }
        });
        Relay { port, allowed, passed }
    }
}

fn pass(client: &TcpStream, server: &TcpStream, allowed: &AtomicUsize, passed: &AtomicUsize, then: Then) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let upwards = thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut server, mut client) = (server, client);
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut chunk) {
        let now = count.min(allowed.load(Ordering::SeqCst));
        let _ = allowed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(now));
        if client.write_all(&chunk[..now]).is_err() {
            break;
        }
        passed.fetch_add(now, Ordering::SeqCst);
        if now < count && then == Then::Close {
            break;
        }
    }
    if then == Then::Close {
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    }
    let _ = upwards.join();
}

/// Connects through a relay that closes behind each byte in turn: an error every time, and success in the end.
fn close_everywhere(server: u16, uri: impl Fn(u16) -> String, connect: &Connect, step: usize) {
    let relay = Relay::start(server, Then::Close);
    let connect_once = || {
        let client = Client::new(&uri(relay.port), V3_1_1);
        let code = client.connect(connect).code;
        client.disconnect(0);
        code
    };
    assert_eq!(connect_once(), 0);
    let whole = relay.passed.load(Ordering::SeqCst);
    let mut failed = 0;
    for count in (0..whole).step_by(step) {
        relay.allowed.store(count, Ordering::SeqCst);
        let begin = Instant::now();
        let code = connect_once();
        assert!(matches!(code, 0 | FAILURE), "{code} behind {count} of {whole} bytes");
        failed += usize::from(code == FAILURE);
        assert!(begin.elapsed() < Duration::from_secs(5), "{count} of {whole} bytes");
    }
    assert!(failed * step > whole / 2, "{failed} of {whole}");
    relay.allowed.store(usize::MAX, Ordering::SeqCst);
    assert_eq!(connect_once(), 0);
}

/// Connects through relays that stop behind some of the bytes: the time limit, and no work meanwhile.
fn stall_at(counts: &[usize], server: u16, uri: impl Fn(u16) -> String + Sync, connect: &Connect) {
    thread::scope(|scope| {
        for &count in counts {
            let uri = &uri;
            scope.spawn(move || {
                let relay = Relay::start(server, Then::Stall);
                relay.allowed.store(count, Ordering::SeqCst);
                let client = Client::new(&uri(relay.port), V3_1_1);
                let (begin, used) = (Instant::now(), processor_time());
                assert_eq!(client.connect(&connect.clone().timeout(1)).code, FAILURE);
                let (took, used) = (begin.elapsed(), processor_time() - used);
                assert!(
                    (Duration::from_millis(999)..Duration::from_millis(1500)).contains(&took),
                    "{took:?}"
                );
                assert!(used < Duration::from_millis(100), "{used:?} of processor time, {count} bytes");
            });
        }
    });
}

/// Processor time that this thread has used.
fn processor_time() -> Duration {
    // SAFETY: all zeros is a value of this type.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the structure lives through the call.
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &mut usage) };
    let duration = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    duration(usage.ru_utime) + duration(usage.ru_stime)
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
    close_everywhere(server.port(), |port| format!("ssl://localhost:{port}"), &connect, 17);
}

#[test]
fn tls_may_stop_behind_any_byte() {
    let (server, connect) = tls_server();
    let counts = [0, 1, 5, 100, 130, 700, 1200];
    stall_at(&counts, server.port(), |port| format!("ssl://localhost:{port}"), &connect);
}

#[test]
fn a_websocket_may_end_or_stop_behind_any_byte() {
    let (_broker, port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    let connect = version(V3_1_1);
    close_everywhere(port, |port| format!("ws://localhost:{port}"), &connect, 1);
    stall_at(&[0, 10, 120, 131, 133], port, |port| format!("ws://localhost:{port}"), &connect);
}

#[test]
fn failures_leave_nothing_behind() {
    in_own_process("failures_leave_nothing_behind_child", &[("FAILURES", "120")]);
}

#[test]
#[ignore = "takes long"]
fn soak_failures_leave_nothing_behind() {
    in_own_process("failures_leave_nothing_behind_child", &[("FAILURES", "2000")]);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn failures_leave_nothing_behind_child() {
    let rounds: usize = std::env::var("FAILURES").unwrap().parse().unwrap();
    let (server, trusting) = tls_server();
    let untrusting = version(V3_1_1).tls(&Tls::default());
    let refusing = answering("HTTP/1.1 403 Forbidden\r\n\r\n");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let missing = Directory::new("failures").join("missing");
    let mut proxied = version(V3_1_1);
    proxied.http_proxy = Some(format!("127.0.0.1:{refusing}"));
    let kinds = [
        (format!("tcp://127.0.0.1:{closed}"), version(V3_1_1)),
        ("tcp://no-such-host.invalid:1".to_owned(), version(V3_1_1)),
        (server.uri("localhost"), untrusting),
        (server.uri("127.0.0.1"), trusting.clone()),
        (format!("ssl://localhost:{refusing}"), trusting),
        (format!("ws://localhost:{refusing}"), version(V3_1_1)),
        ("tcp://broker.example:1".to_owned(), proxied),
        (format!("unix://{}", missing.display()), version(V3_1_1)),
    ];
    for (uri, connect) in kinds {
        let client = Client::new(&uri, V3_1_1);
        let attempts = |count: usize| {
            (0..count).for_each(|_| assert_eq!(client.connect(&connect).code, FAILURE, "{uri}"));
        };
        attempts(20);
        let before = (open_descriptors(), memory());
        attempts(rounds);
        let after = (open_descriptors(), memory());
        // The servers of this process have connections of their own that end a little later.
        assert!(after.0 <= before.0 + 10, "{uri}: {before:?} {after:?}");
        assert!(after.1 <= before.1 + (4 << 20), "{uri}: {before:?} {after:?}");
    }
}

/// A server that answers every connection with this and closes it.
fn answering(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Memory of this process that is resident.
fn memory() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
