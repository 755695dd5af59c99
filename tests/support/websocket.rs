//! The server's side of a WebSocket, as far as tests need it.

use base64::Engine;
use sha1::{Digest, Sha1};
use std::io::{Read, Write};
use std::net::TcpListener;
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
