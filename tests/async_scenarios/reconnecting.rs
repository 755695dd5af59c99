//! Connections that come again: the servers of a list in turn, automatic reconnect, reconnect by the program, and what ends
//! all that.

use crate::async_support::black_hole::black_hole;
use crate::async_support::handle::*;
use crate::async_support::witness::Witness;
use crate::support::broker::{Broker, Incoming, Listener, Reaction};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// A client of this version for the server.
fn client(uri: &str, version: c_int) -> (Witness, Handle) {
    let witness = Witness::new();
    let handle = Handle::to(&CString::new(uri).unwrap(), version);
    witness.watch(&handle);
    (witness, handle)
}

/// With pauses between these many seconds.
fn automatic(version: c_int, minimum: c_int, maximum: c_int) -> MQTTAsync_connectOptions {
    MQTTAsync_connectOptions {
        automaticReconnect: 1,
        minRetryInterval: minimum,
        maxRetryInterval: maximum,
        ..connect_options(version)
    }
}

/// Connects with this list of servers.
fn connect_to_any(
    witness: &Witness,
    handle: &Handle,
    servers: &[String],
    mut options: MQTTAsync_connectOptions,
) {
    let servers: Vec<CString> = servers.iter().map(|uri| CString::new(uri.as_str()).unwrap()).collect();
    let pointers: Vec<*mut c_char> = servers.iter().map(|uri| uri.as_ptr().cast_mut()).collect();
    (options.serverURIcount, options.serverURIs) = (pointers.len() as c_int, pointers.as_ptr());
    assert_eq!(witness.connect(handle, "connect", options), 0);
}

/// A server that can be away: it refuses each CONNECT then.
struct Server {
    broker: Broker,
    away: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Server {
        let (away, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (mine, counter) = (away.clone(), asked.clone());
        let broker = Broker::with(move |incoming| rule(incoming, &mine, &counter));
        Server { broker, away, asked }
    }

    fn leave(&self) {
        self.away.store(true, Ordering::SeqCst);
        (0..self.broker.connections()).for_each(|connection| self.broker.cut(connection));
    }

    fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    /// How often it was asked for a connection.
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn rule(incoming: &Incoming, away: &AtomicBool, asked: &AtomicUsize) -> Reaction {
    if incoming.packet.kind() == CONNECT {
        asked.fetch_add(1, Ordering::SeqCst);
        if away.load(Ordering::SeqCst) {
            return Reaction::SendAndCut(connack(incoming.packet.connect().level, false, 3, &[]));
        }
    }
    Reaction::Answer
}

/// What stands behind the client identifier in a CONNECT without will.
fn user_name(connect: &Connect) -> Vec<u8> {
    let (head, rest) = connect.rest.split_at(2);
    rest[..usize::from(u16::from_be_bytes([head[0], head[1]]))].to_vec()
}

fn three() -> ([Server; 3], Vec<String>) {
    let servers = [Server::start(), Server::start(), Server::start()];
    let uris = servers.iter().map(|server| server.broker.uri()).collect();
    (servers, uris)
}

#[test]
fn servers_are_tried_in_turn_and_the_first_comes_after_the_last() {
    let ([a, b, c], uris) = three();
    let (witness, handle) = client("tcp://127.0.0.1:1", 4);
    a.leave();
    connect_to_any(&witness, &handle, &uris, connect_options(4));
    witness.expect(["connect: done", "connected"]);
    assert_eq!((a.asked(), b.asked(), c.asked()), (1, 1, 0));
    b.leave();
    witness.expect(["lost", "connected again"]);
    assert_eq!((a.asked(), b.asked(), c.asked()), (1, 1, 1), "on to the next without automatic reconnect");
    b.come_back();
    c.leave();
    witness.expect(["lost", "connected again"]);
    assert_eq!((a.asked(), b.asked(), c.asked()), (2, 2, 1), "the first is still away");
    a.come_back();
    b.leave();
    witness.expect(["lost", "connected again"]);
    assert_eq!((a.asked(), b.asked(), c.asked()), (3, 2, 2));
    assert!(witness.close(handle).is_empty());
}

#[test]
fn automatic_reconnect_goes_round_the_servers_until_one_is_back() {
    let ([a, b, c], uris) = three();
    let (witness, handle) = client("tcp://127.0.0.1:1", 4);
    [&a, &b, &c].into_iter().for_each(Server::leave);
    connect_to_any(&witness, &handle, &uris, automatic(4, 0, 0));
    witness.expect(["connect: failed 3"]);
    crate::support::wait::until("three rounds", || [&a, &b, &c].iter().all(|server| server.asked() >= 3));
    assert!(a.asked() >= c.asked());
    b.come_back();
    witness.expect(["connected again"]);
    [&a, &b, &c].into_iter().for_each(Server::leave);
    witness.expect(["lost"]);
    c.come_back();
    witness.expect(["connected again"]);
    c.leave();
    witness.expect(["lost"]);
    a.come_back();
    witness.expect(["connected again"]);
    assert!(witness.close(handle).is_empty());
}

/// Two clients with one identifier for example, which take the connection away from each other.
#[test]
fn servers_that_end_each_connection_at_once_are_not_called_without_pause() {
    let cutting = || Broker::with(|_| Reaction::SendAndCut(connack(4, false, 0, &[])));
    let brokers = [cutting(), cutting()];
    for options in [connect_options(4), automatic(4, 0, 0)] {
        let (witness, handle) = client("tcp://127.0.0.1:1", 4);
        let started = std::time::Instant::now();
        connect_to_any(&witness, &handle, &[brokers[0].uri(), brokers[1].uri()], options);
        (0..6).for_each(|_| drop(witness.until("lost")));
        assert!(started.elapsed() >= std::time::Duration::from_millis(490));
        assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, ptr::null()) }, -3);
        drop(witness.close(handle));
    }
}

/// What a program is told of connects that fail before one works, with automatic reconnect.
#[test]
fn a_connect_fails_once_and_goes_on_trying() {
    let server = Server::start();
    let (witness, handle) = client(&server.broker.uri(), 4);
    server.leave();
    assert_eq!(witness.connect(&handle, "connect", automatic(4, 0, 0)), 0);
    witness.expect(["connect: failed 3"]);
    crate::support::wait::until("more attempts", || server.asked() >= 3);
    assert_eq!(witness.rest(), [""; 0]);
    assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 0);
    server.come_back();
    witness.expect(["connected again"]);
    assert!(witness.close(handle).is_empty());
}

/// The moment in which the program disconnects.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Waiting,
    Opening,
    AwaitingConnAck,
    /// Of a connection that is lost while the disconnect waits.
    Connected,
}

#[test]
fn disconnect_ends_automatic_reconnect_whatever_it_is_at() {
    // Another client that tries again and again shows how time goes by.
    let clock = Server::start();
    let (ticks, ticking) = client(&clock.broker.uri(), 4);
    clock.leave();
    assert_eq!(ticks.connect(&ticking, "clock", automatic(4, 0, 0)), 0);
    for moment in [Moment::Waiting, Moment::Opening, Moment::AwaitingConnAck, Moment::Connected] {
        let (listener, (hole, _queue)) = (Listener::new(), black_hole());
        let (witness, handle) = client(&listener.uri(), 4);
        let hole = format!("tcp://{}", hole.local_addr().unwrap());
        match moment {
            Moment::Opening => {
                connect_to_any(&witness, &handle, &[listener.uri(), hole], automatic(4, 0, 0));
            }
            _ => assert_eq!(witness.connect(&handle, "connect", automatic(4, 1, 1)), 0),
        }
        let (peer, _) = listener.accept_client(false);
        witness.expect(["connect: done", "connected"]);
        if matches!(moment, Moment::Connected) {
            assert_eq!(witness.send(&handle, "unanswered", 1, 4), 0);
            assert_eq!(witness.disconnect(&handle, "bye", 3_600_000), 0);
        }
        peer.close();
        if matches!(moment, Moment::Connected) {
            witness.expect(["unanswered: failed -11", "bye: failed -3"]);
        }
        witness.expect(["lost"]);
        let mut peer = matches!(moment, Moment::AwaitingConnAck).then(|| listener.accept());
        if let Some(peer) = &mut peer {
            peer.expect(CONNECT);
        }
        assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, ptr::null()) }, -3);
        assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, -1, "{moment:?}");
        if let Some(peer) = &mut peer {
            peer.expect_end();
        }
        let until = clock.asked() + 2;
        crate::support::wait::until("some time", || clock.asked() >= until);
        assert_eq!(witness.rest(), [""; 0], "{moment:?}");
        assert!(!listener.has_waiting(), "{moment:?}");
        assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
        let _peer = listener.accept_client(false);
        witness.expect(["connect: done", "connected"]);
        assert!(witness.close(handle).is_empty());
    }
    assert_eq!(ticks.close(ticking), ["clock: failed 3"]);
}

#[test]
fn reconnect_does_not_wait_for_the_pause() {
    let server = Server::start();
    let (witness, handle) = client(&server.broker.uri(), 4);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, -1, "there was no connect");
    assert_eq!(witness.connect(&handle, "connect", automatic(4, 3600, 3600)), 0);
    witness.expect(["connect: done", "connected"]);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0, "without effect");
    server.leave();
    witness.expect(["lost"]);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0);
    crate::support::wait::until("an attempt", || server.asked() == 2);
    server.come_back();
    // The attempt may still be under way.
    crate::support::wait::until("a connection", || unsafe {
        assert_eq!(MQTTAsync_reconnect(handle.0), 0);
        MQTTAsync_isConnected(handle.0) == 1
    });
    witness.expect(["connected again"]);
    assert_eq!(witness.disconnect(&handle, "bye", 0), 0);
    witness.expect(["bye: done"]);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, -1, "the program has disconnected");
    assert!(witness.close(handle).is_empty());
}

#[test]
fn reconnect_without_automatic_reconnect() {
    let server = Server::start();
    let (witness, handle) = client(&server.broker.uri(), 5);
    server.leave();
    assert_eq!(witness.connect(&handle, "connect", connect_options(5)), 0);
    witness.expect(["connect: failed -1 because 3"]);
    server.come_back();
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0);
    witness.expect(["connected again"]);
    server.leave();
    server.come_back();
    witness.expect(["lost"]);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0);
    witness.expect(["connected again"]);
    assert_eq!(witness.disconnect(&handle, "bye", 0), 0);
    witness.expect(["bye: done"]);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0);
    witness.expect(["connected again"]);
    assert!(witness.close(handle).is_empty());
}

#[test]
fn the_first_attempt_behind_a_loss_is_made_at_once_if_the_shortest_pause_is_none() {
    let listener = Listener::new();
    let (witness, handle) = client(&listener.uri(), 4);
    assert_eq!(witness.connect(&handle, "connect", automatic(4, 0, 60)), 0);
    let (peer, _) = listener.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    // It has stood for a while.
    std::thread::park_timeout(std::time::Duration::from_millis(120));
    let lost = std::time::Instant::now();
    peer.close();
    let _next = listener.accept_client(false);
    let pause = lost.elapsed();
    witness.expect(["lost", "connected again"]);
    assert!(pause < std::time::Duration::from_millis(700), "{pause:?}");
    assert!(witness.close(handle).is_empty());
}

#[test]
fn with_automatic_selection_3_1_is_tried_after_any_failure() {
    let reactions: [fn() -> Reaction; 5] = [
        || Reaction::Send(connack(4, false, 1, &[])),
        || Reaction::Send(connack(4, false, 2, &[])),
        || Reaction::Send(connack(4, false, 5, &[])),
        || Reaction::Cut,
        || Reaction::Silence,
    ];
    for reaction in reactions {
        let broker = Broker::with(move |incoming| match incoming.packet.kind() {
            CONNECT if incoming.packet.connect().level == 4 => reaction(),
            _ => Reaction::Answer,
        });
        let (witness, handle) = client(&broker.uri(), 0);
        let options = MQTTAsync_connectOptions { connectTimeout: 1, ..connect_options(0) };
        assert_eq!(witness.connect(&handle, "connect", options), 0);
        witness.expect(["connect: done", "connected"]);
        let levels = [broker.expect(CONNECT), broker.expect(CONNECT)].map(|seen| seen.packet.connect().level);
        assert_eq!(levels, [4, 3]);
        assert!(witness.close(handle).is_empty());
    }
}

/// Paho C would connect again by itself, once.
#[test]
fn with_automatic_selection_a_loss_is_told_and_nothing_more() {
    let listener = Listener::new();
    let (witness, handle) = client(&listener.uri(), 0);
    assert_eq!(witness.connect(&handle, "connect", connect_options(0)), 0);
    let (peer, _) = listener.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    peer.close();
    witness.expect(["lost"]);
    assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 0);
    assert_eq!(witness.connect(&handle, "again", connect_options(0)), 0);
    let _peer = listener.accept_client(false);
    witness.expect(["again: done", "connected"]);
    assert!(witness.close(handle).is_empty());
}

#[test]
fn a_server_that_disconnects_is_told_as_such() {
    for (told, line) in [(true, "disconnected 139"), (false, "lost")] {
        let listener = Listener::new();
        let (witness, handle) = client(&listener.uri(), 5);
        if !told {
            assert_eq!(unsafe { MQTTAsync_setDisconnected(handle.0, ptr::null_mut(), None) }, 0);
        }
        assert_eq!(witness.connect(&handle, "connect", automatic(5, 0, 0)), 0);
        let (mut peer, _) = listener.accept_client(false);
        witness.expect(["connect: done", "connected"]);
        assert_eq!(witness.send(&handle, "flies", 1, 5), 0);
        peer.expect(PUBLISH);
        peer.send(&packet(DISCONNECT << 4, &[139, 0]));
        witness.expect([line, "flies: failed -11"]);
        let _next = listener.accept_client(false);
        witness.expect(["connected again"]);
        assert!(witness.close(handle).is_empty());
    }
}

/// Gives other credentials each time.
unsafe extern "C" fn renew(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int {
    let counter = unsafe { &*context.cast::<AtomicUsize>() };
    let name = CString::new(format!("user {}", counter.fetch_add(1, Ordering::SeqCst) + 1)).unwrap();
    let bytes = name.as_bytes_with_nul();
    unsafe {
        let copy = MQTTAsync_malloc(bytes.len()).cast::<u8>();
        copy.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        (*data).username = copy.cast();
    }
    1
}

#[test]
fn a_server_that_refuses_the_credentials_is_asked_again_with_others() {
    let listener = Listener::new();
    let (witness, handle) = client(&listener.uri(), 4);
    let counter: &AtomicUsize = Box::leak(Box::default());
    let context = ptr::from_ref(counter).cast_mut().cast();
    assert_eq!(unsafe { MQTTAsync_setUpdateConnectOptions(handle.0, context, Some(renew)) }, 0);
    let options = MQTTAsync_connectOptions { username: c"user 0".as_ptr(), ..automatic(4, 0, 0) };
    assert_eq!(witness.connect(&handle, "connect", options), 0);
    for attempt in 0..4 {
        let mut peer = listener.accept();
        let connect = peer.expect(CONNECT).connect();
        assert_eq!(user_name(&connect), format!("user {attempt}").into_bytes());
        if attempt < 3 {
            peer.send(&connack(4, false, 5, &[]));
            continue;
        }
        peer.send(&connack(4, false, 0, &[]));
        witness.expect(["connect: failed 5", "connected again"]);
        assert!(witness.close(handle).is_empty());
        return;
    }
}

/// What a program does that connects again by itself.
struct Recovery {
    witness: Witness,
    handle: Handle,
    server: CString,
}

unsafe extern "C" fn connect_again(context: *mut c_void, _: *mut c_char) {
    let recovery = unsafe { &*context.cast::<Recovery>() };
    let options = MQTTAsync_connectOptions {
        username: c"again".as_ptr(),
        serverURIcount: 1,
        serverURIs: &recovery.server.as_ptr().cast_mut(),
        ..connect_options(4)
    };
    assert_eq!(recovery.witness.connect(&recovery.handle, "again", options), 0);
}

#[test]
fn a_connect_in_connection_lost_wins_over_the_next_server_of_the_list() {
    let (first, second, third) = (Listener::new(), Listener::new(), Listener::new());
    let (witness, handle) = client("tcp://127.0.0.1:1", 4);
    let server = CString::new(third.uri()).unwrap();
    let recovery: &Recovery = Box::leak(Box::new(Recovery { witness, handle, server }));
    let Recovery { witness, handle, .. } = recovery;
    let context = ptr::from_ref(recovery).cast_mut().cast();
    unsafe {
        assert_eq!(MQTTAsync_setConnectionLostCallback(handle.0, context, Some(connect_again)), 0);
    }
    connect_to_any(witness, handle, &[first.uri(), second.uri()], automatic(4, 3600, 3600));
    let (peer, _) = first.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    peer.close();
    let (_peer, connect) = third.accept_client(false);
    assert_eq!(user_name(&connect), b"again");
    witness.expect(["again: done", "connected"]);
    let mut handle = handle.0;
    unsafe { MQTTAsync_destroy(&raw mut handle) };
    assert_eq!(witness.rest(), [""; 0]);
}

#[test]
fn a_connect_takes_the_place_of_an_automatic_attempt() {
    let (old, new) = (Listener::new(), Listener::new());
    let (witness, handle) = client(&old.uri(), 4);
    assert_eq!(witness.connect(&handle, "connect", automatic(4, 0, 0)), 0);
    let (peer, _) = old.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    peer.close();
    witness.expect(["lost"]);
    let mut attempt = old.accept();
    attempt.expect(CONNECT);
    connect_to_any(&witness, &handle, &[new.uri()], connect_options(4));
    attempt.expect_end();
    let _peer = new.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    assert!(witness.close(handle).is_empty());
}

/// Tells that it has begun, and waits.
struct Asked {
    begun: std::sync::mpsc::Sender<()>,
    go_on: std::sync::Mutex<std::sync::mpsc::Receiver<()>>,
}

unsafe extern "C" fn think_it_over(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int {
    let asked = unsafe { &*context.cast::<Asked>() };
    asked.begun.send(()).unwrap();
    asked.go_on.lock().unwrap().recv().unwrap();
    unsafe { (*data).username = ptr::null() };
    1
}

#[test]
fn credentials_that_come_too_late_are_not_used() {
    let listener = Listener::new();
    let (witness, handle) = client(&listener.uri(), 4);
    let ((begun, begins), (go_on, goes_on)) = (channel(), channel());
    let asked: &Asked = Box::leak(Box::new(Asked { begun, go_on: goes_on.into() }));
    let context = ptr::from_ref(asked).cast_mut().cast();
    assert_eq!(unsafe { MQTTAsync_setUpdateConnectOptions(handle.0, context, Some(think_it_over)) }, 0);
    assert_eq!(witness.connect(&handle, "connect", automatic(4, 0, 0)), 0);
    let (peer, _) = listener.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    peer.close();
    witness.expect(["lost"]);
    begins.recv().unwrap();
    let options = MQTTAsync_connectOptions { username: c"newer".as_ptr(), ..automatic(4, 0, 0) };
    assert_eq!(witness.connect(&handle, "newer", options), 0);
    let (peer, connect) = listener.accept_client(false);
    assert_eq!(user_name(&connect), b"newer");
    go_on.send(()).unwrap();
    witness.expect(["newer: done", "connected"]);
    // The next time, the program is shown what it gave last.
    assert_eq!(unsafe { MQTTAsync_setUpdateConnectOptions(handle.0, ptr::null_mut(), None) }, 0);
    peer.close();
    witness.expect(["lost"]);
    let (_peer, connect) = listener.accept_client(false);
    assert_eq!(user_name(&connect), b"newer");
    witness.expect(["connected again"]);
    assert!(witness.close(handle).is_empty());
}
