//! A broker that does what a test tells it: listen, accept, expect this, send that, keep silent, cut.
//!
//! `Listener` and `Peer` are for scripts written out step by step; `Broker` answers like a polite broker on
//! as many connections as come, except where the test's rule wants something else.

use super::packet::*;
use super::wait::LIMIT;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// A socket that listens on a loopback port chosen by the system.
pub(crate) struct Listener {
    socket: TcpListener,
}

impl Listener {
    pub(crate) fn new() -> Listener {
        Listener::at("127.0.0.1:0")
    }

    pub(crate) fn at(address: &str) -> Listener {
        Listener { socket: TcpListener::bind(address).expect("a loopback port") }
    }

    pub(crate) fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    pub(crate) fn uri(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port())
    }

    /// The next connection, as it comes from the network.
    pub(crate) fn accept(&self) -> Peer {
        self.socket.set_nonblocking(true).unwrap();
        let end = Instant::now() + LIMIT;
        loop {
            match self.socket.accept() {
                Ok((stream, _)) => return Peer::new(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(Instant::now() < end, "nobody connected within {LIMIT:?}");
                    thread::park_timeout(std::time::Duration::from_millis(1));
                }
                Err(error) => panic!("accept: {error}"),
            }
        }
    }

    /// Somebody has connected who was not accepted yet.
    pub(crate) fn has_waiting(&self) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        self.socket.accept().is_ok()
    }

    /// The next connection, its CONNECT answered with success.
    pub(crate) fn accept_client(&self, session_present: bool) -> (Peer, Connect) {
        let mut peer = self.accept();
        let connect = peer.expect(CONNECT).connect();
        peer.send(&connack(connect.level, session_present, 0, &[]));
        (peer, connect)
    }
}

/// One connection, seen from the broker.
pub(crate) struct Peer {
    stream: TcpStream,
    received: Vec<u8>,
    /// The protocol level of the CONNECT; 4 before it came.
    pub(crate) level: u8,
}

impl Peer {
    fn new(stream: TcpStream) -> Peer {
        stream.set_nonblocking(false).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        Peer { stream, received: Vec::new(), level: 4 }
    }

    /// The next packet; None when the client has closed the connection.
    pub(crate) fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = self.complete_packet() {
                if packet.kind() == CONNECT {
                    self.level = packet.connect().level;
                }
                return Some(packet);
            }
            let mut chunk = [0; 65536];
            match self.stream.read(&mut chunk) {
                Ok(0) => return None,
                Ok(count) => self.received.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no packet came from the client: {error}"),
            }
        }
    }

    fn complete_packet(&mut self) -> Option<Packet> {
        let (&first, rest) = self.received.split_first()?;
        let (length, width) = variable_integer(rest)?;
        let end = 1 + width + length;
        if self.received.len() < end {
            return None;
        }
        let body = self.received[1 + width..end].to_vec();
        self.received.drain(..end);
        Some(Packet { level: self.level, first, body })
    }

    /// The next packet, which must be of this kind.
    #[track_caller]
    pub(crate) fn expect(&mut self, kind: u8) -> Packet {
        match self.next() {
            Some(packet) if packet.kind() == kind => packet,
            other => panic!("expected a packet of type {kind}, got {other:?}"),
        }
    }

    /// The client has closed the connection without a further packet.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) {
        if let Some(packet) = self.next() {
            panic!("expected the end of the connection, got {packet:?}");
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the client takes what the broker sends");
    }

    /// Sends as far as the client lets it; what a closed connection refuses is forgotten.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends every byte on its own (without delay in the kernel, so that the client may see them one by one).
    pub(crate) fn send_bytewise(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.send(&[*byte]));
    }

    /// Reads `count` bytes off the connection, whatever they are.
    pub(crate) fn read_raw(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.received.drain(..count.min(self.received.len())).collect();
        let have = bytes.len();
        bytes.resize(count, 0);
        self.stream.read_exact(&mut bytes[have..]).expect("bytes from the client");
        bytes
    }

    /// Ends the connection as a broker does that closes it in order.
    pub(crate) fn close(self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    pub(crate) fn handle(&self) -> TcpStream {
        self.stream.try_clone().unwrap()
    }

    /// Answers everything until the client closes the connection.
    pub(crate) fn answer_all(&mut self) {
        while let Some(packet) = self.next() {
            let Some(answer) = polite_answer(&packet) else { continue };
            if !self.try_send(&answer) {
                return;
            }
        }
    }
}

/// What a broker answers that accepts everything; None: nothing.
pub(crate) fn polite_answer(packet: &Packet) -> Option<Vec<u8>> {
    let level = packet.level;
    Some(match packet.kind() {
        CONNECT => connack(packet.connect().level, false, 0, &[]),
        PUBLISH => match packet.publish().qos {
            0 => return None,
            1 => acknowledgement(PUBACK, packet.id()),
            _ => acknowledgement(PUBREC, packet.id()),
        },
        PUBREC => acknowledgement(PUBREL, packet.id()),
        PUBREL => acknowledgement(PUBCOMP, packet.id()),
        SUBSCRIBE => {
            let codes: Vec<u8> = packet.subscribe().filters.iter().map(|(_, options)| options & 3).collect();
            suback(level, packet.id(), &codes)
        }
        UNSUBSCRIBE => unsuback(level, packet.id(), &vec![0; packet.subscribe().filters.len()]),
        PINGREQ => pingresp(),
        _ => return None,
    })
}

/// What to do about a packet that came.
pub(crate) enum Reaction {
    /// The polite answer.
    Answer,
    /// No answer.
    Silence,
    /// These bytes, and no other answer.
    Send(Vec<u8>),
    /// These bytes, then the end of the connection.
    SendAndCut(Vec<u8>),
    /// The end of the connection, without an answer.
    Cut,
}

/// A packet that came, and the number of its connection (from 0).
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) connection: usize,
    pub(crate) packet: Packet,
}

type Rule = dyn FnMut(&Incoming) -> Reaction + Send;

/// A broker that serves any number of connections until it is dropped.
pub(crate) struct Broker {
    port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
    incoming: Receiver<Incoming>,
}

struct Shared {
    streams: Mutex<Vec<TcpStream>>,
    rule: Mutex<Box<Rule>>,
    log: Mutex<Vec<Incoming>>,
    stopping: AtomicBool,
    sender: Mutex<Sender<Incoming>>,
    ends: Mutex<Vec<usize>>,
}

impl Broker {
    /// A broker that answers everything politely.
    pub(crate) fn polite() -> Broker {
        Broker::with(|_| Reaction::Answer)
    }

    /// A broker whose reaction to each packet is decided by `rule`.
    pub(crate) fn with(rule: impl FnMut(&Incoming) -> Reaction + Send + 'static) -> Broker {
        Broker::at("127.0.0.1:0", rule)
    }

    pub(crate) fn at(address: &str, rule: impl FnMut(&Incoming) -> Reaction + Send + 'static) -> Broker {
        let listener = TcpListener::bind(address).expect("a loopback port");
        let port = listener.local_addr().unwrap().port();
        let (sender, incoming) = channel();
        let shared = Arc::new(Shared {
            streams: Mutex::default(),
            rule: Mutex::new(Box::new(rule)),
            log: Mutex::default(),
            stopping: AtomicBool::new(false),
            sender: Mutex::new(sender),
            ends: Mutex::default(),
        });
        let accepting = shared.clone();
        let acceptor = Some(thread::spawn(move || accept_until_stopped(&listener, &accepting)));
        Broker { port, shared, acceptor, incoming }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn uri(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// The next packet of this kind; others that came before it are passed over (but stay in the log).
    #[track_caller]
    pub(crate) fn expect(&self, kind: u8) -> Incoming {
        loop {
            let incoming = super::wait::next(&self.incoming, &format!("a packet of type {kind}"));
            if incoming.packet.kind() == kind {
                return incoming;
            }
        }
    }

    /// Everything that came, in the order in which it came.
    pub(crate) fn log(&self) -> Vec<Incoming> {
        self.shared.log.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.streams.lock().unwrap().len()
    }

    /// Whether the client has ended this connection.
    pub(crate) fn has_ended(&self, connection: usize) -> bool {
        self.shared.ends.lock().unwrap().contains(&connection)
    }

    pub(crate) fn send(&self, connection: usize, bytes: &[u8]) {
        self.shared.send(connection, bytes);
    }

    pub(crate) fn cut(&self, connection: usize) {
        self.shared.cut(connection);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port)));
        let _ = TcpStream::connect(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], self.port)));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        let streams = self.shared.streams.lock().unwrap();
        streams.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

impl Shared {
    fn send(&self, connection: usize, bytes: &[u8]) {
        let stream = self.streams.lock().unwrap().get(connection).map(|stream| stream.try_clone().unwrap());
        if let Some(mut stream) = stream {
            let _ = stream.write_all(bytes);
        }
    }

    fn cut(&self, connection: usize) {
        if let Some(stream) = self.streams.lock().unwrap().get(connection) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn react(&self, incoming: &Incoming, peer: &mut Peer) {
        self.log.lock().unwrap().push(incoming.clone());
        let reaction = (self.rule.lock().unwrap())(incoming);
        match reaction {
            Reaction::Answer => {
                if let Some(answer) = polite_answer(&incoming.packet) {
                    peer.try_send(&answer);
                }
            }
            Reaction::Silence => {}
            Reaction::Send(bytes) => drop(peer.try_send(&bytes)),
            Reaction::SendAndCut(bytes) => {
                peer.try_send(&bytes);
                self.cut(incoming.connection);
            }
            Reaction::Cut => self.cut(incoming.connection),
        }
        let _ = self.sender.lock().unwrap().send(incoming.clone());
    }
}

fn accept_until_stopped(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let connection = {
            let mut streams = shared.streams.lock().unwrap();
            streams.push(stream.try_clone().unwrap());
            streams.len() - 1
        };
        let (shared, peer) = (shared.clone(), Peer::new(stream));
        thread::spawn(move || serve(connection, peer, &shared));
    }
}

fn serve(connection: usize, mut peer: Peer, shared: &Shared) {
    peer.stream.set_read_timeout(None).unwrap();
    while let Some(packet) = peer.next() {
        shared.react(&Incoming { connection, packet }, &mut peer);
    }
    shared.ends.lock().unwrap().push(connection);
}
