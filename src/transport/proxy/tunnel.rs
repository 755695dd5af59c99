//! The way through a proxy, without blocking.

use super::url::{LEFT_OUT, Proxy};
use crate::system::{SEND_FLAGS, quick_ack};
use crate::transport::log;
use crate::transport::uri::{ServerUri, masked};
use crate::transport::wait::{Turn, Wait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use httparse::Response;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, send};
use socket2::Socket;
use std::io;
use std::os::fd::AsFd;

/// Longest answer to the request.
const LONGEST_ANSWER: usize = 16 << 10;

/// A connection to a proxy on its way to one to the server.
pub(in crate::transport) struct Tunnel {
    socket: Socket,
    request: Vec<u8>,
    sent: usize,
    answer: Vec<u8>,
}

impl Tunnel {
    pub(in crate::transport) fn start(
        socket: Socket,
        proxy: &Proxy,
        uri: &ServerUri,
    ) -> Result<Tunnel, String> {
        if !cfg!(feature = "proxy") {
            return Err(LEFT_OUT.into());
        }
        let (authority, host) = (uri.http_authority(), uri.host_without_scope());
        if host.contains(['\r', '\n', '\0']) {
            return Err("the server URI contains a line end".into());
        }
        let head = |authority: &str, host: &str| format!("CONNECT {authority} HTTP/1.1\r\nHost: {host}\r\n");
        let authorization = |value: &str| match proxy.credentials {
            Some(_) => format!("Proxy-authorization: Basic {value}\r\n"),
            None => String::new(),
        };
        let shown = head(&masked(&authority), &masked(host));
        log::protocol(format_args!("Proxy_connect: \"{shown}{}\r\n\"", authorization("***")));
        let credentials = STANDARD.encode(proxy.credentials.as_deref().unwrap_or_default());
        let request = format!("{}{}\r\n", head(&authority, host), authorization(&credentials)).into_bytes();
        Ok(Tunnel { socket, request, sent: 0, answer: Vec::new() })
    }

    /// Continues as far as possible without waiting. Done: what is sent now reaches the server.
    pub(in crate::transport) fn advance(mut self) -> Result<Turn<Tunnel, Socket>, String> {
        if !cfg!(feature = "proxy") {
            return Err(LEFT_OUT.into());
        }
        while let Some(rest) = self.request.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match send(&self.socket, rest, SEND_FLAGS) {
                Ok(count) => self.sent += count,
                Err(error) if is_passing(error) => return Ok(Turn::Waiting(self)),
                Err(error) => return Err(io::Error::from(error).to_string()),
            }
        }
        loop {
            if !self.peek()? {
                return Ok(Turn::Waiting(self));
            }
            if judge(&self.answer)? {
                return Ok(Turn::Done(self.socket));
            }
            if self.answer.len() > LONGEST_ANSWER {
                return Err("the answer of the proxy is too long".into());
            }
        }
    }

    /// Reads more of the answer, but nothing of what the server may already have sent through the proxy. False: nothing
    /// has arrived.
    fn peek(&mut self) -> Result<bool, String> {
        let before = self.answer.len();
        self.answer.reserve(1024);
        let flags = RecvFlags::DONTWAIT;
        match recv(&self.socket, spare_capacity(&mut self.answer), flags | RecvFlags::PEEK) {
            Ok((0, _)) => return Err("the proxy closed the connection instead of answering".into()),
            Ok(_) => {}
            Err(error) if is_passing(error) => return Ok(false),
            Err(error) => return Err(io::Error::from(error).to_string()),
        }
        let length = end_of_head(&self.answer).unwrap_or(self.answer.len());
        self.answer.truncate(length);
        // What was looked at is still there, and is now taken away.
        let rest = self.answer.get_mut(before..).unwrap_or_default();
        recv(&self.socket, rest, flags).map_err(|error| io::Error::from(error).to_string())?;
        Ok(true)
    }

    /// Before `wait`: proxies send their answers in pieces.
    pub(in crate::transport) fn quick_ack(&self) {
        if !self.answer.is_empty() {
            quick_ack(&self.socket);
        }
    }

    pub(in crate::transport) fn wait(&self) -> Wait<'_> {
        let descriptor = self.socket.as_fd();
        if self.sent < self.request.len() { Wait::to_write(descriptor) } else { Wait::to_read(descriptor) }
    }
}

/// The call is only to be made again.
fn is_passing(error: Errno) -> bool {
    matches!(error, Errno::AGAIN | Errno::INTR)
}

/// Where the empty line after the headers ends. Some proxies end their lines without a carriage return.
fn end_of_head(answer: &[u8]) -> Option<usize> {
    let start = start_of_status(answer);
    let head = answer.get(start..)?;
    let end = |mark: &[u8]| {
        head.windows(mark.len()).position(|window| window == mark).map(|at| start + at + mark.len())
    };
    [end(b"\n\r\n"), end(b"\n\n")].into_iter().flatten().min()
}

/// Empty lines before the status line do not count.
fn start_of_status(answer: &[u8]) -> usize {
    answer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// True when the whole answer has arrived and allows the connection. Only the status counts: the headers are not
/// needed, and some proxies send lines among them that are not headers.
fn judge(answer: &[u8]) -> Result<bool, String> {
    let rest = answer.get(start_of_status(answer)..).unwrap_or_default();
    let mut lines = rest.split_inclusive(|byte| *byte == b'\n');
    let status = [lines.next().unwrap_or_default(), b"\r\n"].concat();
    // As if there were no headers. Without its end the line is not taken for whole, but may be known to be wrong.
    let is_whole = status.ends_with(b"\n\r\n");
    let mut response = Response::new(&mut []);
    let parsed = response.parse(if is_whole { &status } else { rest });
    if parsed.map_err(|error| format!("the answer of the proxy is not HTTP: {error}"))?.is_partial() {
        return Ok(false);
    }
    let (code, reason) = (response.code.unwrap_or_default(), response.reason.unwrap_or_default());
    if !(200..300).contains(&code) {
        return Err(format!("the proxy answered with HTTP status {code} {reason}").trim_end().into());
    }
    Ok(end_of_head(answer).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        for good in [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 204\r\nA: b\r\n\r\n",
            "HTTP/1.1 200 OK\n\n",
            "\r\n\r\nHTTP/1.1 200 OK\nA: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA B: c\r\nno colon\r\n\r\n",
        ] {
            assert_eq!(judge(good.as_bytes()), Ok(true), "{good}");
            assert_eq!(end_of_head(good.as_bytes()), Some(good.len()), "{good}");
            for end in 0..good.len() {
                assert_eq!(judge(&good.as_bytes()[..end]), Ok(false), "{end} bytes of {good}");
            }
        }
        let refused = judge(b"HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n").unwrap_err();
        assert!(refused.contains("407 Proxy Authentication Required"), "{refused}");
        assert!(judge(b"SSH-2.0-server\r\n").is_err());
        assert!(judge(b"SSH").is_err());
    }
}
