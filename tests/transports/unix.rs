//! Sockets of this machine.

use crate::support::abi::{FAILURE, PERSISTENCE_NONE, V3_1_1, V5};
use crate::support::client::Client;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::version;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn messages_pass_in_both_modes() {
    let directory = Directory::new("unix");
    let path = directory.join("socket");
    let _broker = Mosquitto::start_with(&format!("listener 0 {}", path.display()));
    let uri = format!("unix://{}", path.display());
    for callbacks in [false, true] {
        let client = Client::new(&uri, V5);
        let events = callbacks.then(|| client.events());
        client.connect_ok(&version(V5));
        client.subscribe_ok("topic", 2);
        let payload = vec![7; 100_000];
        client.publish_ok("topic", 0, &payload);
        let got = match &events {
            Some(events) => events.message().payload,
            None => client.receive_ok().payload,
        };
        assert!(got == payload);
        assert_eq!(client.disconnect(1000), 0);
    }
    // The proxy is for other schemes.
    let client = Client::new("tcp://127.0.0.1:1", V3_1_1);
    let mut connect = version(V3_1_1).servers(&[uri]);
    connect.http_proxy = Some("127.0.0.1:1".into());
    client.connect_ok(&connect);
}

#[test]
fn names_are_taken_byte_for_byte() {
    let directory = Directory::new("unix");
    let path = directory.join(OsStr::from_bytes(b"z\xfcrich"));
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut packet = [0; 64];
        let count = stream.read(&mut packet).unwrap();
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
        // Until the client has gone.
        while stream.read(&mut packet).is_ok_and(|count| count > 0) {}
        count
    });
    let uri = [b"unix://", path.as_os_str().as_bytes()].concat();
    let (code, client) = Client::create_kept(uri, "id", None, PERSISTENCE_NONE, ptr::null_mut());
    assert_eq!(code, 0);
    client.connect_ok(&version(V3_1_1));
    assert_eq!(client.disconnect(1000), 0);
    assert!(server.join().unwrap() > 0);
}

#[test]
fn what_cannot_be_reached_fails() {
    let directory = Directory::new("unix");
    let missing = directory.join("missing");
    for uri in
        [format!("unix://{}", missing.display()), format!("unix://{}", "x".repeat(200)), "unix://".into()]
    {
        assert_eq!(Client::new(&uri, V3_1_1).connect(&version(V3_1_1)).code, FAILURE, "{uri}");
    }
}

#[test]
fn a_server_that_does_not_accept_costs_the_time_limit() {
    let directory = Directory::new("unix");
    let path = directory.join("socket");
    let _listener = UnixListener::bind(&path).unwrap();
    // The kernel lets so many wait; those behind them are told to come again.
    let _waiting: Vec<_> = std::iter::repeat_with(|| connect_now(&path)).map_while(Result::ok).collect();
    let client = Client::new(&format!("unix://{}", path.display()), V3_1_1);
    let begin = Instant::now();
    assert_eq!(client.connect(&version(V3_1_1).timeout(1)).code, FAILURE);
    let took = begin.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_millis(1500)).contains(&took), "{took:?}");
}

/// A connection, without waiting for one.
fn connect_now(path: &std::path::Path) -> std::io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&socket2::SockAddr::unix(path)?)?;
    Ok(socket)
}
