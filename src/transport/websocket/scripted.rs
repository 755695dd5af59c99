//! A WebSocket over a stream whose every read and write is laid down, so that each cut of the bytes can be tried.

use super::frame::{HeadBytes, Kind};
use super::request::accept_value;
use super::upgrade::Upgrade;
use crate::locks::Mutex;
use crate::transport::settings::OpenSettings;
use crate::transport::stream::Stream;
use crate::transport::uri::ServerUri;
use crate::transport::wait::Turn;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// Takes `room` bytes, then none until there is room again; gives one piece a read, and nothing before the next unless it
/// is in a hurry.
struct Script {
    state: Mutex<State>,
    descriptor: OwnedFd,
}

#[derive(Default)]
struct State {
    pieces: VecDeque<Vec<u8>>,
    pause: bool,
    hurries: bool,
    written: Vec<u8>,
    room: usize,
    writes: usize,
    fails: bool,
    finished: bool,
}

impl Script {
    fn new() -> Arc<Script> {
        let descriptor = OwnedFd::from(std::fs::File::open("/dev/null").unwrap());
        Arc::new(Script { state: Mutex::new(State { room: usize::MAX, ..State::default() }), descriptor })
    }

    fn give(&self, pieces: &[&[u8]]) {
        let mut state = self.state.lock();
        state.pieces.extend(pieces.iter().map(|piece| piece.to_vec()).filter(|piece| !piece.is_empty()));
    }

    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut self.state.lock().written)
    }
}

impl Stream for Script {
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let mut state = self.state.lock();
        state.pause = !state.pause || state.hurries;
        if !state.pause {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let Some(mut piece) = state.pieces.pop_front() else { return Err(io::ErrorKind::WouldBlock.into()) };
        let count = piece.len().min(buffer.capacity() - buffer.len());
        buffer.extend(piece.drain(..count));
        if !piece.is_empty() {
            state.pieces.push_front(piece);
        }
        Ok(count)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.state.lock();
        if state.fails {
            return Err(io::Error::from_raw_os_error(105));
        }
        state.writes += 1;
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let count = bytes.len().min(state.room);
        state.room -= count;
        state.written.extend_from_slice(&bytes[..count]);
        if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    fn finish(&self) {
        self.state.lock().finished = true;
    }

    fn shut_down(&self) {}

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// The messages of these tests begin with two bytes that say how many follow.
fn length(begin: &[u8]) -> Option<usize> {
    begin.first_chunk().map(|length| 2 + usize::from(u16::from_be_bytes(*length)))
}

fn message(length: usize) -> Vec<u8> {
    let payload = (0..length).map(|index| (index % 251) as u8);
    (length as u16).to_be_bytes().into_iter().chain(payload).collect()
}

/// The answer to a request, with the value that belongs to its key.
fn answer_to(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(request.to_vec()).unwrap();
    let key = text.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = accept_value(key);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes()
}

/// Asks for a WebSocket; the answer and what follows it come cut at `cut`.
fn opened(script: &Arc<Script>, behind: &[u8], cut: usize) -> Arc<dyn Stream> {
    let uri = ServerUri::parse("ws://broker").unwrap();
    let mut upgrade = Upgrade::start(script.clone(), &uri, &OpenSettings::default(), length).unwrap();
    let mut answered = false;
    for _ in 0..20 {
        upgrade = match upgrade.advance().unwrap() {
            Turn::Done(stream) => return stream,
            Turn::Waiting(upgrade) => upgrade,
        };
        if !answered {
            let all = [answer_to(&script.taken()), behind.to_vec()].concat();
            let (first, second) = all.split_at(cut.min(all.len()));
            script.give(&[first, second]);
            answered = true;
        }
    }
    panic!("the upgrade does not end");
}

/// A stream that is open, and what is below it.
fn scene() -> (Arc<Script>, Arc<dyn Stream>) {
    let script = Script::new();
    let stream = opened(&script, b"", 0);
    (script, stream)
}

fn read_all(stream: &dyn Stream, most: usize) -> (Vec<u8>, Option<io::Error>) {
    let mut bytes = Vec::new();
    let mut idle = 0;
    while idle < 20 {
        let mut buffer = Vec::with_capacity(most);
        match stream.read(&mut buffer) {
            Ok(0) => return (bytes, None),
            Ok(_) => {
                bytes.extend_from_slice(&buffer);
                idle = 0;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => idle += 1,
            Err(error) => return (bytes, Some(error)),
        }
    }
    (bytes, None)
}

/// The frames a client has sent: kind and payload.
fn frames(mut bytes: &[u8]) -> Vec<(Kind, Vec<u8>)> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let mut head = HeadBytes::default();
        let mut found = None;
        let long = match bytes[1] & 0x7F {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        assert!(bytes[1] & 0x80 != 0, "a client's frames are masked");
        for (index, byte) in bytes[..long].iter().enumerate() {
            found = head.push(if index == 1 { byte & 0x7F } else { *byte }).unwrap();
        }
        let head = found.unwrap();
        let (mask, rest) = bytes[long..].split_first_chunk::<4>().unwrap();
        let (payload, rest) = rest.split_at(head.length as usize);
        let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        frames.push((head.kind, payload));
        bytes = rest;
    }
    frames
}

const FRAMES: &[u8] = b"\x02\x03abc\x89\x02hi\x80\x02de\x82\x01f\x88\x02\x03\xE9";

#[test]
fn answer_and_frames_may_be_cut_anywhere() {
    let length = answer_to(b"Sec-WebSocket-Key: x\r\n").len() + FRAMES.len();
    for cut in 0..=length {
        for most in [1, 2, 1000] {
            let script = Script::new();
            let stream = opened(&script, FRAMES, cut);
            let (bytes, end) = read_all(&*stream, most);
            assert_eq!(bytes, b"abcdef", "cut at {cut}");
            assert!(end.unwrap().to_string().contains("status 1001"));
            let answers = frames(&script.taken());
            assert_eq!(answers, [(Kind::Pong, b"hi".to_vec()), (Kind::Close, vec![3, 0xE9])]);
            assert!(stream.write(&[IoSlice::new(b"x")]).is_err(), "nothing follows a close");
            stream.finish();
            assert!(script.taken().is_empty());
        }
    }
}

#[test]
fn a_breach_of_the_protocol_is_answered_with_its_status() {
    for bytes in [&b"\x82\x81abcd\x00"[..], b"\xC3\x01a", b"\x83\x01a", b"\x09\x01a", b"\x89\x7E\x00\x80"] {
        let script = Script::new();
        let stream = opened(&script, bytes, 0);
        let (read, end) = read_all(&*stream, 100);
        assert!(read.is_empty());
        assert!(end.unwrap().to_string().contains("broke the WebSocket protocol"));
        assert_eq!(frames(&script.taken()), [(Kind::Close, vec![3, 0xEA])]);
    }
}

/// Writes as the engine does: what was not taken comes again, cut differently.
fn write_all(script: &Script, stream: &dyn Stream, bytes: &[u8], room: usize, during: impl Fn(usize)) {
    let mut rest = bytes;
    for round in 0.. {
        let (first, second) = rest.split_at((rest.len() * 2).div_ceil(3));
        let (second, third) = second.split_at(second.len() / 2);
        match stream.write(&[IoSlice::new(first), IoSlice::new(second), IoSlice::new(third)]) {
            Ok(count) => rest = &rest[count..],
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
        if rest.is_empty() {
            return;
        }
        during(round);
        script.state.lock().room = room;
    }
}

#[test]
fn each_message_is_one_frame_whatever_the_stream_takes_at_a_time() {
    for (lengths, room) in [
        (&[0, 1][..], 1),
        (&[300, 0, 125, 126, 1], 1),
        (&[300, 5, 0, 300], 7),
        (&[65_000, 1, 2, 65_535, 3, 30_000], 1000),
        (&[65_535, 65_000, 65_535, 1], 65_536),
        (&[65_535, 1, 65_535, 65_000], 70_000),
    ] {
        let (script, stream) = scene();
        script.state.lock().room = 0;
        let messages: Vec<Vec<u8>> = lengths.iter().map(|length| message(*length)).collect();
        write_all(&script, &*stream, &messages.concat(), room, |_| {});
        script.state.lock().room = usize::MAX;
        stream.finish();
        let mut sent = frames(&script.taken());
        assert_eq!(sent.pop(), Some((Kind::Close, vec![3, 0xE8])));
        let expected: Vec<_> = messages.into_iter().map(|message| (Kind::Data, message)).collect();
        assert!(sent == expected, "{lengths:?}, {room} at a time");
        assert!(script.state.lock().finished);
    }
}

#[test]
fn a_message_that_is_written_in_parts_is_one_frame() {
    let (script, stream) = scene();
    let message = message(60_000);
    for part in message.chunks(7001) {
        assert_eq!(stream.write(&[IoSlice::new(part)]).unwrap(), part.len());
    }
    assert!(frames(&script.taken()) == [(Kind::Data, message)]);
}

#[test]
fn many_messages_are_one_write() {
    let (script, stream) = scene();
    let slices = [message(1), message(2), message(3)];
    let slices: Vec<IoSlice<'_>> = slices.iter().map(|slice| IoSlice::new(slice)).collect();
    script.state.lock().writes = 0;
    assert_eq!(stream.write(&slices).unwrap(), 3 + 4 + 5);
    assert_eq!(script.state.lock().writes, 1);
    assert_eq!(frames(&script.taken()).len(), 3);
}

#[test]
fn answers_to_pings_go_between_frames() {
    let (script, stream) = scene();
    script.state.lock().room = 3;
    let messages = [message(10), message(1)];
    write_all(&script, &*stream, &messages.concat(), 3, |round| {
        if round == 1 {
            script.give(&[b"\x89\x01p"]);
            read_all(&*stream, 10);
        }
    });
    script.state.lock().room = usize::MAX;
    read_all(&*stream, 10);
    let [first, second] = messages;
    let expected = [(Kind::Data, first), (Kind::Data, second), (Kind::Pong, b"p".to_vec())];
    assert_eq!(frames(&script.taken()), expected);
}

#[test]
fn a_ping_inside_of_a_message_is_answered_behind_it() {
    let (script, stream) = scene();
    let messages = [message(1000), message(1)].concat();
    assert_eq!(stream.write(&[IoSlice::new(&messages[..500])]).unwrap(), 500);
    script.give(&[b"\x89\x01o", b"\x89\x01p"]);
    read_all(&*stream, 10);
    assert_eq!(stream.write(&[IoSlice::new(&messages[500..])]).unwrap(), messages.len() - 500);
    read_all(&*stream, 10);
    let sent = frames(&script.taken());
    assert_eq!(sent.iter().map(|(_, payload)| payload.len()).collect::<Vec<_>>(), [1002, 3, 1]);
    assert_eq!(sent[2], (Kind::Pong, b"p".to_vec()), "the last one");
}

#[test]
fn an_answer_that_fails_ends_the_stream() {
    let (script, stream) = scene();
    script.state.lock().fails = true;
    script.give(&[b"\x89\x01p"]);
    let (_, end) = read_all(&*stream, 10);
    assert!(end.unwrap().to_string().contains("answering a ping failed"));
}

#[test]
fn frames_without_content_do_not_keep_the_reader() {
    for frame in [&b"\x89\x00"[..], b"\x8A\x01p", b"\x82\x00"] {
        let (script, stream) = scene();
        script.state.lock().hurries = true;
        script.give(&[frame; 100]);
        script.give(&[b"\x82\x01x"]);
        for left in (1..=100).rev() {
            let mut buffer = Vec::with_capacity(1000);
            assert_eq!(stream.read(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            assert_eq!(script.state.lock().pieces.len(), left, "others have their turn between");
        }
        assert_eq!(read_all(&*stream, 1000).0, b"x");
    }
}

#[test]
fn an_answer_that_cannot_be_sent_waits_for_room() {
    let (script, stream) = scene();
    script.state.lock().room = 0;
    script.give(&[b"\x89\x01p"]);
    read_all(&*stream, 10);
    let reading = crate::transport::Readiness { read: true, write: false };
    let writable = crate::transport::Readiness { read: false, write: true };
    assert!(stream.waits_for(reading).write);
    assert!(stream.allows(writable).read);
    script.state.lock().room = usize::MAX;
    read_all(&*stream, 10);
    assert_eq!(frames(&script.taken()), [(Kind::Pong, b"p".to_vec())]);
    assert!(!stream.waits_for(reading).write);
    // A server that reads nothing and pings on gets no answers piled up.
    script.state.lock().room = 0;
    for _ in 0..2000 {
        script.give(&[b"\x89\x01p"]);
        read_all(&*stream, 10);
    }
    script.state.lock().room = usize::MAX;
    read_all(&*stream, 10);
    let taken = script.taken().len();
    assert!(taken < 5000, "{taken} bytes; all answers would be 14,000");
}
