//! Disconnect and destroy while a connection is being made, wherever that waits: it ends at once.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::{AsyncClient, Ending};
use crate::support::abi::{DISCONNECTED, FAILURE, V3_1_1};
use crate::support::client::Client;
use crate::support::faulty_server::{BlackHole, Mute};
use crate::support::mosquitto::Directory;
use crate::support::options::{Connect, Tls, version};
use crate::support::program::{compile, in_own_process};
use crate::support::threads::threads;
use crate::support::tls::{Identity, Subject, TlsServer};
use crate::support::wait::until;
use std::ffi::{CString, c_char, c_int, c_void};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// Seconds that connecting would take.
const TIMEOUT: i32 = 60;
/// What counts as at once, also on a machine with much else to do.
const AT_ONCE: Duration = Duration::from_secs(10);

fn connect() -> Connect {
    version(V3_1_1).timeout(TIMEOUT)
}

/// How the program ends it.
#[derive(Clone, Copy, Debug)]
enum By {
    Disconnect,
    Destroy,
}

/// Has a client of the synchronous API connect, and ends that when `reached` says that it waits.
fn give_up<T>(uri: &str, connect: &Connect, callbacks: bool, by: By, reached: impl FnOnce() -> T) -> T {
    let client = Client::new(uri, V3_1_1);
    let _events = callbacks.then(|| client.events());
    let connecting = {
        let (client, connect) = (Client::clone(&client), connect.clone());
        thread::spawn(move || client.connect(&connect).code)
    };
    let place = reached();
    let begin = Instant::now();
    match by {
        By::Disconnect => assert_eq!(client.disconnect(0), 0),
        By::Destroy => client.destroy(),
    }
    assert_eq!(connecting.join().unwrap(), FAILURE);
    assert!(begin.elapsed() < AT_ONCE, "{uri}, {by:?}: {:?}", begin.elapsed());
    place
}

/// The same with the asynchronous API.
fn give_up_asynchronous<T>(uri: &str, connect: &Connect, by: By, reached: impl FnOnce() -> T) -> T {
    let mut client = AsyncClient::new(uri);
    assert_eq!(client.begin(connect), 0);
    let place = reached();
    let begin = Instant::now();
    match by {
        By::Disconnect => assert_eq!(client.disconnect(), DISCONNECTED),
        By::Destroy => client.destroy(),
    }
    assert_eq!(client.ending(), Ending::Failed { code: -11, message: None });
    assert!(begin.elapsed() < AT_ONCE, "{uri}, {by:?}: {:?}", begin.elapsed());
    place
}

/// Gives up with both APIs and in both ways. `reached` waits until the client is where it stays; `left` looks whether it
/// has gone.
fn give_up_everywhere<T>(uri: &str, connect: &Connect, reached: impl Fn() -> T, left: impl Fn(T)) {
    for by in [By::Disconnect, By::Destroy] {
        for callbacks in [false, true] {
            left(give_up(uri, connect, callbacks, by, &reached));
        }
        left(give_up_asynchronous(uri, connect, by, &reached));
    }
}

/// A server that has heard something sees the end of the connection.
fn has_gone(mut client: TcpStream) {
    let mut rest = Vec::new();
    // Either an orderly end or a reset.
    let _ = client.read_to_end(&mut rest);
    assert!(rest.len() < 2000, "{rest:?}");
}

#[test]
fn in_tcp_connect() {
    let hole = BlackHole::new();
    let before = hole.callers();
    let uri = format!("tcp://127.0.0.1:{}", hole.port());
    let reached = || until("a connect is under way", || hole.callers() > before);
    give_up_everywhere(&uri, &connect(), reached, |()| {
        until("the socket is closed", || hole.callers() <= before);
    });
}

#[test]
fn in_the_tls_handshake() {
    let server = Mute::new();
    let connect = connect().tls(&Tls { checks_chain: false, ..Tls::default() });
    for scheme in ["ssl", "wss"] {
        let uri = format!("{scheme}://127.0.0.1:{}", server.port());
        give_up_everywhere(&uri, &connect, || server.client(), has_gone);
    }
}

#[test]
fn in_the_websocket_upgrade() {
    in_own_process("given_up::in_the_websocket_upgrade_child", &[]);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn in_the_websocket_upgrade_child() {
    let server = Mute::new();
    let uri = format!("ws://127.0.0.1:{}", server.port());
    give_up_everywhere(&uri, &connect(), || server.client(), has_gone);
    assert_eq!(threads("MQTT"), [""; 0], "nobody is left working");
}

#[test]
fn at_a_proxy() {
    let server = Mute::new();
    let mut connect = connect();
    connect.http_proxy = Some(format!("127.0.0.1:{}", server.port()));
    give_up_everywhere("tcp://broker.example", &connect, || server.client(), has_gone);
}

#[test]
fn before_connack() {
    let server = Mute::new();
    let uri = format!("tcp://127.0.0.1:{}", server.port());
    give_up_everywhere(&uri, &connect(), || server.client(), has_gone);
}

fn make_pipe(path: &Path) {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the path lives through the call.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
}

#[test]
fn in_a_name_look_up() {
    let directory = Directory::new("resolver");
    let resolver = compile("slow_resolver.c", &["-shared", "-fPIC", "-ldl"], &directory);
    let (begun, release) = (directory.join("begun"), directory.join("release"));
    make_pipe(&begun);
    make_pipe(&release);
    let values = [
        ("LD_PRELOAD", resolver.to_str().unwrap()),
        ("RESOLVER_BEGUN", begun.to_str().unwrap()),
        ("RESOLVER_RELEASE", release.to_str().unwrap()),
    ];
    in_own_process("given_up::in_a_name_look_up_child", &values);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn in_a_name_look_up_child() {
    let reached = || drop(File::open(std::env::var("RESOLVER_BEGUN").unwrap()).unwrap());
    let left = |()| {
        // The resolver of the system cannot be interrupted: the thread that is in it is all that is left.
        until("all other threads end", || threads("MQTT") == ["MQTT_resolve"]);
        drop(OpenOptions::new().write(true).open(std::env::var("RESOLVER_RELEASE").unwrap()).unwrap());
        until("that thread ends", || threads("MQTT").is_empty());
    };
    give_up_everywhere("tcp://slow.invalid:1", &connect(), reached, left);
}

/// What the error function does with the client that is connecting, and what comes of it.
struct Inside {
    client: Client,
    connect: Connect,
    step: &'static str,
    codes: Mutex<Vec<c_int>>,
}

unsafe extern "C" fn use_the_api(_: *const c_char, _: usize, context: *mut c_void) -> c_int {
    // SAFETY: the context is the test's, which waits for the connect.
    let inside = unsafe { &*context.cast::<Inside>() };
    let code = match inside.step {
        "disconnect" => inside.client.disconnect(0),
        "connect" => inside.client.connect(&inside.connect).code,
        _ => {
            inside.client.destroy();
            0
        }
    };
    inside.codes.lock().unwrap().push(code);
    0
}

#[test]
fn an_error_function_may_use_the_client_that_connects() {
    let server = TlsServer::start(Identity::self_signed(&Subject::named(&["localhost"])).acceptor());
    for (step, code) in [("disconnect", 0), ("connect", FAILURE), ("destroy", 0)] {
        let client = Client::new(&server.uri("localhost"), V3_1_1);
        let plain = connect().tls(&Tls::default());
        let inside = Inside { client: Client::clone(&client), connect: plain, step, codes: Mutex::default() };
        let tls = Tls { on_error: Some((use_the_api, (&raw const inside).addr())), ..Tls::default() };
        assert_eq!(client.connect(&connect().tls(&tls)).code, FAILURE, "{step}");
        assert_eq!(inside.codes.into_inner().unwrap(), [code], "{step}");
    }
}
