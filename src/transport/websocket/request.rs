//! The request that turns an HTTP connection into a WebSocket, and the server's answer.

use crate::transport::settings::{OpenSettings, UpgradeParts};
use crate::transport::uri::ServerUri;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use httparse::{EMPTY_HEADER, Header, Response};
use sha1::{Digest, Sha1};

/// What the key is joined with before it is hashed; from the standard.
const JOINED: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Most headers of an answer.
const MOST_HEADERS: usize = 100;

/// The request, and the value that proves that the server has understood it.
pub(super) struct Request {
    pub(super) bytes: Vec<u8>,
    expected: String,
    /// Headers that prove nothing are an error if they are missing.
    pub(super) strict: bool,
}

impl Request {
    /// An error if a header would not stay on its line.
    pub(super) fn new(uri: &ServerUri, settings: &OpenSettings) -> Result<Request, String> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| format!("no random numbers: {error}"))?;
        let key = STANDARD.encode(random);
        let authority = uri.http_authority();
        let scheme = if uri.scheme.needs_tls() { "https" } else { "http" };
        let asked = match &settings.upgrade {
            Some(callback) => callback.ask(&uri.text.to_string_lossy(), &uri.path)?,
            None => UpgradeParts::default(),
        };
        let path = asked.path.map_or_else(|| uri.path.clone(), |path| String::from_utf8_lossy(&path).into());
        if [&authority, &path].iter().any(|text| breaks_line(text.as_bytes())) {
            return Err("the server URI contains a line end".into());
        }
        let mut bytes = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Origin: {scheme}://{authority}\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: mqtt\r\n"
        )
        .into_bytes();
        for (name, value) in settings.http_headers.iter().chain(&asked.headers) {
            if breaks_line(name) || breaks_line(value) {
                return Err("an HTTP header contains a line end".into());
            }
            bytes.extend([name.as_slice(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend_from_slice(b"\r\n");
        Ok(Request { bytes, expected: accept_value(&key), strict: settings.strict })
    }

    /// Looks at the answer. None: there is more to come. Otherwise how long it is.
    pub(super) fn judge(&self, answer: &[u8]) -> Result<Option<usize>, String> {
        // On the heap: threads of the application may have small stacks.
        let mut headers = vec![EMPTY_HEADER; MOST_HEADERS];
        let mut response = Response::new(&mut headers);
        let length = match response.parse(answer) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            // A TLS alert.
            Err(_) if answer.starts_with(b"\x15\x03") => {
                return Err("the server speaks TLS on this port, which takes a wss:// URI".into());
            }
            Err(error) => return Err(format!("the answer is not HTTP: {error}")),
        };
        self.judge_response(&response).map(|()| Some(length))
    }

    fn judge_response(&self, response: &Response<'_, '_>) -> Result<(), String> {
        let code = response.code.unwrap_or_default();
        crate::transport::log::protocol(format_args!("WebSocket HTTP rc {code:03}"));
        if code != 101 || response.version != Some(1) {
            let reason = response.reason.unwrap_or_default();
            return Err(format!("the server answered with HTTP status {code} {reason}").trim_end().into());
        }
        let values = |name: &str| -> Vec<&[u8]> { values(response.headers, name).collect() };
        match values("sec-websocket-accept")[..] {
            [value] if value.trim_ascii() == self.expected.as_bytes() => {}
            _ => {
                return Err("the answer does not belong to the request: Sec-WebSocket-Accept is wrong".into());
            }
        }
        if !values("upgrade").iter().any(|value| has_token(value, b"websocket")) {
            self.miss("the answer has no header Upgrade: websocket")?;
        }
        if !values("connection").iter().any(|value| has_token(value, b"upgrade")) {
            self.miss("the answer has no header Connection: Upgrade")?;
        }
        Ok(())
    }

    /// The key has shown that the server speaks the protocol: a missing header makes a difference to strict clients
    /// only.
    fn miss(&self, what: &str) -> Result<(), String> {
        if self.strict {
            return Err(what.into());
        }
        crate::transport::log::error(format_args!("Tolerated from the server: {what}"));
        Ok(())
    }
}

pub(super) fn accept_value(key: &str) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(JOINED).finalize())
}

fn values<'a>(headers: &'a [Header<'a>], name: &str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

/// True if the token is in a list of tokens separated by commas, in whatever letters.
fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
}

fn breaks_line(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, headers: &[(&str, &str)]) -> Result<Request, String> {
        let http_headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let settings = OpenSettings { http_headers, ..OpenSettings::default() };
        Request::new(&ServerUri::parse(uri).unwrap(), &settings)
    }

    #[test]
    fn the_request_is_the_known_one() {
        let request = request("ws://broker:9001/a?b:c", &[("Origin", "x"), ("A", "1")]).unwrap();
        let text = String::from_utf8(request.bytes).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(
            lines[..5],
            [
                "GET /a?b:c HTTP/1.1",
                "Host: broker:9001",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Origin: http://broker:9001"
            ]
        );
        assert_eq!(lines[5].len(), "Sec-WebSocket-Key: ".len() + 24);
        assert_eq!(
            lines[6..],
            ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: mqtt", "Origin: x", "A: 1", "", ""]
        );
    }

    #[test]
    fn lines_cannot_be_smuggled_in() {
        assert!(request("ws://broker/a", &[("A", "1\r\nB: 2")]).is_err());
        assert!(request("ws://broker/a", &[("A\n", "1")]).is_err());
        assert!(request("ws://broker/a\r\nB: 2", &[]).is_err());
    }

    #[test]
    fn the_accept_value_is_that_of_the_standard() {
        assert_eq!(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn answers_are_checked() {
        let mut request = request("ws://broker", &[]).unwrap();
        request.strict = true;
        let accept = request.expected.clone();
        let good = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, UPGRADE\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        assert_eq!(request.judge(good.as_bytes()), Ok(Some(good.len())));
        assert_eq!(request.judge(&good.as_bytes()[..good.len() - 1]), Ok(None));
        for (from, to, cause) in [
            ("101 Switching Protocols", "403 Forbidden", "403 Forbidden"),
            ("101 Switching Protocols", "200 OK", "200 OK"),
            ("HTTP/1.1", "HTTP/1.0", "101"),
            ("HTTP/1.1", "MQTT/5.0", "not HTTP"),
            ("upgrade: WebSocket", "a: b", "Upgrade: websocket"),
            ("keep-alive, UPGRADE", "close", "Connection: Upgrade"),
            (accept.as_str(), "", "Accept"),
            (accept.as_str(), &accept[..27], "Accept"),
            ("sec-websocket-accept", "x", "Accept"),
        ] {
            let error = request.judge(good.replace(from, to).as_bytes()).unwrap_err();
            assert!(error.contains(cause), "{cause}: {error}");
        }
    }

    #[test]
    fn headers_may_be_missing_where_the_key_is_right() {
        let request = request("ws://broker", &[]).unwrap();
        let accept = &request.expected;
        let good = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        assert_eq!(request.judge(good.as_bytes()), Ok(Some(good.len())));
        assert!(request.judge(good.replace(accept.as_str(), "x").as_bytes()).is_err());
    }
}
