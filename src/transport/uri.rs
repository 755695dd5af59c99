//! Server URIs: `scheme://host[:port][/path]`, or `host[:port]` without a scheme; `unix://file`.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::net::Ipv6Addr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `tcp://`, `mqtt://`, or no scheme.
    Tcp,
    /// `ssl://`, `tls://`, `mqtts://`.
    Tls,
    /// `ws://`.
    WebSocket,
    /// `wss://`.
    WebSocketTls,
    /// `unix://`.
    Unix,
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Scheme::Tcp => 1883,
            Scheme::Tls => 8883,
            Scheme::WebSocket => 80,
            Scheme::WebSocketTls => 443,
            Scheme::Unix => 0,
        }
    }

    /// True if this library was built with it.
    fn is_supported(self) -> bool {
        (cfg!(feature = "tls") || !self.needs_tls()) && (cfg!(feature = "websocket") || !self.is_web_socket())
    }

    /// True if what is sent is encrypted.
    pub fn needs_tls(self) -> bool {
        matches!(self, Scheme::Tls | Scheme::WebSocketTls)
    }

    /// True if what is sent goes in the frames of a WebSocket.
    pub fn is_web_socket(self) -> bool {
        matches!(self, Scheme::WebSocket | Scheme::WebSocketTls)
    }
}

/// Prefixes are compared exactly: lower case only.
const PREFIXES: [(&str, Scheme); 8] = [
    ("tcp://", Scheme::Tcp),
    ("mqtt://", Scheme::Tcp),
    ("ssl://", Scheme::Tls),
    ("tls://", Scheme::Tls),
    ("mqtts://", Scheme::Tls),
    ("ws://", Scheme::WebSocket),
    ("wss://", Scheme::WebSocketTls),
    ("unix://", Scheme::Unix),
];

/// The URI names a scheme that this library does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsupportedScheme;

/// Where a server is and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUri {
    /// How the bytes travel.
    pub scheme: Scheme,
    /// Name or address, without the brackets of an IPv6 literal, but with its scope (`fe80::1%eth0`).
    pub host: String,
    /// TCP port; the scheme's default if the text names none. 0: the port in the text is invalid, which fails at
    /// connect.
    pub port: u16,
    /// The text names the port.
    pub names_port: bool,
    /// Request path of a WebSocket, `/mqtt` where the text names none. Not used for TCP and TLS.
    pub path: String,
    /// The file of a `unix://` URI, byte for byte.
    pub file: PathBuf,
    /// The text with the scheme removed and nothing else changed, as applications see it in `returned.serverURI`.
    pub text: OsString,
    /// The text as it was given, without the white space around it.
    pub given: OsString,
}

impl ServerUri {
    /// Reads a URI. White space around it is ignored: applications read URIs as lines of files. The scheme is looked at only if the text contains `://` somewhere; mistakes in the rest show up at
    /// connect, as a host that cannot be resolved. So does what is not UTF-8, but for the names of files.
    pub fn parse(uri: impl AsRef<OsStr>) -> Result<ServerUri, UnsupportedScheme> {
        let given = OsStr::from_bytes(uri.as_ref().as_bytes().trim_ascii());
        let readable = given.to_string_lossy();
        let (scheme, address) = split_scheme(&readable)?;
        // A scheme is as long in bytes as it can be read.
        let text = given.as_bytes().get(readable.len() - address.len()..).unwrap_or_default();
        let text = OsStr::from_bytes(text);
        if !scheme.is_supported() {
            return Err(UnsupportedScheme);
        }
        let mut server = ServerUri {
            scheme,
            host: String::new(),
            port: 0,
            names_port: false,
            path: String::new(),
            file: PathBuf::new(),
            text: text.to_owned(),
            given: given.to_owned(),
        };
        match scheme {
            Scheme::Unix => server.file = text.into(),
            _ => server.take_address(address),
        }
        Ok(server)
    }

    fn take_address(&mut self, text: &str) {
        let (authority, path) = split_path(text);
        let (host, port) = split_port(authority);
        self.host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        self.port = port.map_or(self.scheme.default_port(), port_number);
        self.names_port = port.is_some();
        self.path = if path.is_empty() { "/mqtt".to_owned() } else { path.to_owned() };
    }

    /// The host without the scope of an IPv6 address, which means something on this machine only.
    pub(super) fn host_without_scope(&self) -> &str {
        match self.host.split_once('%') {
            Some((address, _)) if address.parse::<Ipv6Addr>().is_ok() => address,
            _ => &self.host,
        }
    }

    /// The text for the log, without user information.
    pub fn masked(&self) -> Cow<'_, str> {
        match self.scheme {
            Scheme::Unix => self.text.to_string_lossy(),
            _ => match masked(&self.text.to_string_lossy()) {
                Cow::Borrowed(_) => self.text.to_string_lossy(),
                Cow::Owned(text) => text.into(),
            },
        }
    }

    /// Host and port as HTTP writes them.
    pub(super) fn http_authority(&self) -> String {
        let host = self.host_without_scope();
        let port = self.port;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// An address for the log: user information, which may contain a password, becomes `***`. A password may contain a
/// slash: then what is in front of it has no proper port.
pub(super) fn masked(address: &str) -> Cow<'_, str> {
    let (authority, _) = split_path(address);
    let is_cut = || split_port(authority).1.is_some_and(|port| port_number(port) == 0);
    let at = authority.rfind('@').or_else(|| address.rfind('@').filter(|_| is_cut()));
    match at.and_then(|at| address.get(at..)) {
        Some(rest) => format!("***{rest}").into(),
        None => address.into(),
    }
}

fn split_scheme(uri: &str) -> Result<(Scheme, &str), UnsupportedScheme> {
    if !uri.contains("://") {
        return Ok((Scheme::Tcp, uri));
    }
    PREFIXES
        .iter()
        .find_map(|(prefix, scheme)| Some((*scheme, uri.strip_prefix(prefix)?)))
        .ok_or(UnsupportedScheme)
}

fn split_path(text: &str) -> (&str, &str) {
    text.find('/').map_or((text, ""), |at| text.split_at(at))
}

/// Splits at the last colon; in a text beginning with `[` only a colon after the last `]` counts.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let address_end = if authority.starts_with('[') { authority.rfind(']').unwrap_or(0) } else { 0 };
    match authority.rfind(':') {
        Some(colon) if colon >= address_end => {
            (authority.get(..colon).unwrap_or_default(), authority.get(colon + 1..))
        }
        _ => (authority, None),
    }
}

/// 0 for an invalid port.
fn port_number(text: &str) -> u16 {
    Some(text)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(0, |text| text.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(uri: &str) -> (Scheme, String, u16) {
        let uri = ServerUri::parse(uri).unwrap();
        (uri.scheme, uri.host, uri.port)
    }

    #[test]
    fn schemes_and_default_ports() {
        assert_eq!(parsed("tcp://broker"), (Scheme::Tcp, "broker".into(), 1883));
        assert_eq!(parsed("mqtt://broker:1"), (Scheme::Tcp, "broker".into(), 1));
        assert_eq!(parsed("broker:1884"), (Scheme::Tcp, "broker".into(), 1884));
        assert_eq!(parsed("ws://broker/path"), (Scheme::WebSocket, "broker".into(), 80));
        assert_eq!(ServerUri::parse("TCP://broker"), Err(UnsupportedScheme));
        assert_eq!(ServerUri::parse("http://broker"), Err(UnsupportedScheme));
    }

    #[test]
    fn literals_of_ipv6_lose_their_brackets() {
        assert_eq!(parsed("tcp://[::1]:1883"), (Scheme::Tcp, "::1".into(), 1883));
        assert_eq!(parsed("[fe80::1%lo]"), (Scheme::Tcp, "fe80::1%lo".into(), 1883));
    }

    #[test]
    fn the_text_keeps_everything_but_the_scheme() {
        let uri = ServerUri::parse("ws://broker:9001/a/b").unwrap();
        assert_eq!((uri.text.to_str(), uri.path.as_str()), (Some("broker:9001/a/b"), "/a/b"));
        assert_eq!(uri.given, "ws://broker:9001/a/b");
        assert_eq!(ServerUri::parse("ws://broker").unwrap().path, "/mqtt");
    }

    #[test]
    fn what_is_no_port_fails_at_connect() {
        for uri in ["broker:12x", "broker:", "broker:70000", "broker:+1", "broker:0", "broker:-1"] {
            assert_eq!(parsed(uri).2, 0, "{uri}");
        }
    }

    #[test]
    fn the_port_is_only_in_front_of_the_path() {
        let uri = ServerUri::parse("ws://broker/a:b?c:1").unwrap();
        assert_eq!((uri.host.as_str(), uri.port, uri.path.as_str()), ("broker", 80, "/a:b?c:1"));
    }

    #[test]
    fn white_space_around_a_uri_is_ignored() {
        for given in [" tcp://broker:1884", "tcp://broker:1884\r\n", "\t tcp://broker:1884 \n\n"] {
            let uri = ServerUri::parse(given).unwrap();
            assert_eq!((uri.host.as_str(), uri.port), ("broker", 1884));
            assert_eq!(
                (uri.text.to_str(), uri.given.to_str()),
                (Some("broker:1884"), Some("tcp://broker:1884"))
            );
        }
        assert_eq!(ServerUri::parse("unix:///run/a b \n").unwrap().file.to_str(), Some("/run/a b"));
        assert_eq!(ServerUri::parse("ws://broker/a \r\n").unwrap().path, "/a");
        assert_eq!(parsed("broker 1:1883").0, Scheme::Tcp);
    }

    #[test]
    fn user_information_is_masked() {
        let shown = |uri: &str| ServerUri::parse(uri).unwrap().masked().into_owned();
        assert_eq!(shown("ws://user:secret@broker:9001/a@b"), "***@broker:9001/a@b");
        assert_eq!(shown("tcp://user@broker"), "***@broker");
        assert_eq!(shown("user:s@cret@broker:1"), "***@broker:1");
        assert_eq!(shown("ws://user:se/c@ret@broker:1/a"), "***@broker:1/a");
        assert_eq!(shown("ws://broker:9001/a@b"), "broker:9001/a@b");
        assert_eq!(shown("ws://[::1]/a"), "[::1]/a");
        assert_eq!(shown("unix:///run/a@b"), "/run/a@b");
    }

    #[test]
    fn a_file_is_taken_as_it_is() {
        for file in [&b"run/a:1/[b]"[..], b"z\xfcrich"] {
            let given = [b"unix://", file].concat();
            let uri = ServerUri::parse(OsStr::from_bytes(&given)).unwrap();
            assert_eq!((uri.scheme, uri.file.as_os_str().as_bytes()), (Scheme::Unix, file));
            assert_eq!((uri.text.as_bytes(), uri.given.as_bytes()), (file, &given[..]));
        }
    }

    #[test]
    fn http_knows_brackets_but_no_scopes() {
        assert_eq!(ServerUri::parse("ws://[fe80::1%lo]:9001").unwrap().http_authority(), "[fe80::1]:9001");
        assert_eq!(ServerUri::parse("ws://broker").unwrap().http_authority(), "broker:80");
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn a_library_without_tls_refuses_its_schemes() {
        for uri in ["ssl://b", "tls://b", "mqtts://b", "wss://b"] {
            assert_eq!(ServerUri::parse(uri), Err(UnsupportedScheme), "{uri}");
        }
    }

    #[cfg(not(feature = "websocket"))]
    #[test]
    fn a_library_without_websockets_refuses_their_schemes() {
        for uri in ["ws://b", "wss://b"] {
            assert_eq!(ServerUri::parse(uri), Err(UnsupportedScheme), "{uri}");
        }
    }
}
