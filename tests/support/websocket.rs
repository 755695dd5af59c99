//! The server's side of a WebSocket, as far as tests need it.

use base64::Engine;
use sha1::{Digest, Sha1};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// The answer to a request that accepts it.
pub(crate) fn accepting(request: &str) -> String {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let joined = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = base64::engine::general_purpose::STANDARD.encode(Sha1::digest(joined));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// A server that accepts every WebSocket and sends CONNACK. Ends with the test's process. Its port.
pub(crate) fn accepting_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut request = [0; 4096];
                let Ok(count @ 1..) = stream.read(&mut request) else { return };
                let answer = accepting(std::str::from_utf8(&request[..count]).unwrap());
                let connack = b"\x82\x04\x20\x02\x00\x00";
                let _ = stream.write_all(&[answer.as_bytes(), connack].concat());
                // Until the client goes.
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            });
        }
    });
    port
}

/// A server that takes one packet from each message and leaves the rest lying, as some do. It accepts every connection and
/// acknowledges what has QoS 1. Its port, and the messages of the clients, one after the other.
pub(crate) fn one_packet_server() -> (u16, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, messages) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || take_messages(&mut stream, &sender));
        }
    });
    (port, messages)
}

fn take_messages(stream: &mut TcpStream, sender: &Sender<Vec<u8>>) {
    let mut request = [0; 4096];
    let Ok(count @ 1..) = stream.read(&mut request) else { return };
    let answer = accepting(std::str::from_utf8(&request[..count]).unwrap());
    stream.write_all(answer.as_bytes()).unwrap();
    while let Some((0x82, message)) = frame(stream) {
        let (answer, length): (u8, usize) = match message[0] {
            0x10 => (0x20, 2),
            0x32 => (0x40, 2),
            _ => (0, 0),
        };
        let identifier = |body: &[u8]| {
            let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
            [body[2 + topic], body[3 + topic]]
        };
        let header = 1 + message[1..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let value = if answer == 0x40 { identifier(&message[header..]) } else { [0, 0] };
        if length > 0 {
            stream.write_all(&[0x82, 4, answer, length as u8, value[0], value[1]]).unwrap();
        }
        let _ = sender.send(message);
    }
}

/// The next frame of a client: its first byte and its payload. None at the end.
pub(crate) fn frame(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    assert!(head[1] & 0x80 != 0, "a client's frames are masked");
    let mut length = [0; 8];
    let length = match head[1] & 0x7F {
        126 => {
            stream.read_exact(&mut length[6..]).ok()?;
            u64::from_be_bytes(length) as usize
        }
        127 => {
            stream.read_exact(&mut length).ok()?;
            u64::from_be_bytes(length) as usize
        }
        short => usize::from(short),
    };
    let mut rest = vec![0; 4 + length];
    stream.read_exact(&mut rest).ok()?;
    let (mask, payload) = rest.split_at(4);
    Some((head[0], payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()))
}

/// True if these bytes are one whole packet.
pub(crate) fn is_one_packet(bytes: &[u8]) -> bool {
    let mut length = 0;
    for (index, byte) in bytes.get(1..).unwrap_or_default().iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes.len() == 2 + index + length;
        }
    }
    false
}
