//! The server of a case: answers as the current step says, and keeps what it received.

use crate::case::{ConnectAnswer, PublishAnswer};
use crate::support::packet::{self, Publish};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// The packet identifier of the message that ends each step.
const BARRIER_ID: u16 = 65_535;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) connect: ConnectAnswer,
    pub(crate) publish: PublishAnswer,
    pub(crate) subscribe: Vec<u8>,
    pub(crate) unsubscribe: Vec<u8>,
}

pub(crate) struct Server {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    level: u8,
    state: Mutex<State>,
    changed: Condvar,
}

pub(crate) struct State {
    pub(crate) plan: Plan,
    /// First bytes and bodies.
    pub(crate) received: Vec<(u8, Vec<u8>)>,
    pub(crate) barriers: usize,
    stream: Option<TcpStream>,
    ends: bool,
}

impl State {
    pub(crate) fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    pub(crate) fn has_received(&self, kind: u8) -> bool {
        self.received.iter().any(|(first, _)| first >> 4 == kind)
    }

    fn close(&mut self) {
        if let Some(stream) = self.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        if let Some(stream) = &mut self.stream {
            let _ = stream.write_all(bytes);
        }
    }
}

impl Server {
    pub(crate) fn start(level: u8, plan: Plan) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { plan, received: Vec::new(), barriers: 0, stream: None, ends: false };
        let shared = Arc::new(Shared { level, state: Mutex::new(state), changed: Condvar::new() });
        let server = shared.clone();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if !server.begin(&stream) {
                    return;
                }
                let connection = server.clone();
                thread::spawn(move || connection.serve(stream));
            }
        });
        Server { port, shared }
    }

    pub(crate) fn uri(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    /// Waits until `condition` holds; false: it did not within the limit.
    pub(crate) fn wait(&self, limit: Duration, mut condition: impl FnMut(&State) -> bool) -> bool {
        let end = Instant::now() + limit;
        let mut state = self.state();
        while !condition(&state) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
        true
    }

    pub(crate) fn send(&self, packets: &[Vec<u8>], piece: usize) {
        let bytes = packets.concat();
        // Held all the time, so that no answer gets in between.
        let mut state = self.state();
        for part in bytes.chunks(piece) {
            state.send(part);
        }
    }

    pub(crate) fn send_barrier(&self) {
        let message = Publish::new("~barrier", 1, BARRIER_ID, b"");
        self.state().send(&message.encode(self.shared.level));
    }

    pub(crate) fn cut(&self) {
        self.state().close();
        self.shared.changed.notify_all();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state().ends = true;
        self.cut();
        // Lets the accepting thread end.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn begin(&self, stream: &TcpStream) -> bool {
        stream.set_nodelay(true).unwrap();
        let mut state = self.state.lock().unwrap();
        state.close();
        if state.ends {
            return false;
        }
        state.stream = Some(stream.try_clone().unwrap());
        true
    }

    fn serve(&self, mut stream: TcpStream) {
        while let Some((first, body)) = read_packet(&mut stream) {
            let mut state = self.state.lock().unwrap();
            if first >> 4 == packet::PUBACK && body == BARRIER_ID.to_be_bytes() {
                state.barriers += 1;
            } else if first >> 4 != packet::PINGREQ {
                state.received.push((first, body.clone()));
            }
            self.answer(&mut state, first, &body);
            self.changed.notify_all();
        }
        let mut state = self.state.lock().unwrap();
        if state.stream.as_ref().is_some_and(|open| same(open, &stream)) {
            state.close();
        }
        self.changed.notify_all();
    }

    fn answer(&self, state: &mut State, first: u8, body: &[u8]) {
        let plan = state.plan.clone();
        match first >> 4 {
            packet::CONNECT => match plan.connect {
                ConnectAnswer::Packet(bytes, accepted) => {
                    state.send(&bytes);
                    if !accepted {
                        state.close();
                    }
                }
                ConnectAnswer::Close => state.close(),
            },
            packet::PUBLISH => self.answer_publish(state, plan.publish, first, body),
            packet::PUBREC => state.send(&packet::packet(0x62, &body[..2])),
            packet::PUBREL => {
                let complete = match &plan.publish {
                    PublishAnswer::Normal { complete, .. } => &complete[..],
                    _ => &[],
                };
                state.send(&packet::packet(0x70, &[&body[..2], complete].concat()));
            }
            packet::SUBSCRIBE => state.send(&packet::packet(0x90, &[&body[..2], &plan.subscribe].concat())),
            packet::UNSUBSCRIBE => {
                state.send(&packet::packet(0xB0, &[&body[..2], &plan.unsubscribe].concat()))
            }
            packet::PINGREQ => state.send(&packet::pingresp()),
            packet::DISCONNECT => state.close(),
            _ => {}
        }
    }

    fn answer_publish(&self, state: &mut State, answer: PublishAnswer, first: u8, body: &[u8]) {
        let received = packet::Packet { level: self.level, first, body: body.to_vec() }.publish();
        let id = received.id.to_be_bytes();
        // What is sent again is answered as it should be.
        let answer = if received.dup {
            PublishAnswer::Normal { rest: Vec::new(), complete: Vec::new() }
        } else {
            answer
        };
        match answer {
            PublishAnswer::Normal { rest, .. } if received.qos > 0 => {
                let kind = if received.qos == 1 { 0x40 } else { 0x50 };
                state.send(&packet::packet(kind, &[&id[..], &rest].concat()));
            }
            PublishAnswer::Cut => state.close(),
            PublishAnswer::Normal { .. } | PublishAnswer::None => {}
        }
    }
}

/// None at the end of the connection.
fn read_packet(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut byte = [0];
    stream.read_exact(&mut byte).ok()?;
    let first = byte[0];
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        stream.read_exact(&mut byte).ok()?;
        length |= usize::from(byte[0] & 127) << shift;
        shift += 7;
        if byte[0] < 128 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((first, body))
}

fn same(one: &TcpStream, other: &TcpStream) -> bool {
    matches!((one.peer_addr(), other.peer_addr()), (Ok(one), Ok(other)) if one == other)
}
