//! URLs of proxies: `[http://][user:password@]host[:port][/...]`.

use crate::transport::uri::ServerUri;

const DEFAULT_PORT: u16 = 8080;

/// Why there is none in a library without them.
pub(super) const LEFT_OUT: &str = "this library was built without proxies";

/// A proxy and the credentials for it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::transport) struct Proxy {
    pub(in crate::transport) host: String,
    pub(in crate::transport) port: u16,
    /// User name and password with a colon between them, as they are sent.
    pub(super) credentials: Option<Vec<u8>>,
}

impl Proxy {
    /// Reads a URL. The connection to the proxy is not encrypted, whatever its scheme says.
    pub(super) fn parse(url: &str) -> Result<Proxy, String> {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        if rest.is_none() && names_scheme(url) {
            return Err(unusable());
        }
        // A password may have slashes, so it is taken off before the path is.
        let (credentials, address) = match rest.unwrap_or(url).split_once('@') {
            Some((credentials, address)) => (Some(decode(credentials)), address),
            None => (None, rest.unwrap_or(url)),
        };
        let authority = address.split('/').next().unwrap_or_default();
        let address = ServerUri::parse(format!("tcp://{authority}")).map_err(|_| unusable())?;
        let port = if address.names_port { address.port } else { DEFAULT_PORT };
        if address.host.is_empty() || port == 0 {
            return Err(unusable());
        }
        Ok(Proxy { host: address.host, port, credentials })
    }
}

/// What looks like the end of a scheme may also be part of a password or a path.
fn names_scheme(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| !scheme.contains([':', '@', '/']))
}

/// The URL itself may have a password in it.
fn unusable() -> String {
    "the URL of the proxy is not [http://][user:password@]host[:port]".to_owned()
}

/// Replaces `%XX`. Everything else is unchanged.
fn decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        match behind {
            [high, low, after @ ..] if *first == b'%' && hex(*high).is_some() && hex(*low).is_some() => {
                decoded.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = behind;
            }
        }
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> (String, u16, Option<String>) {
        let proxy = Proxy::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        let credentials = proxy.credentials.map(|bytes| String::from_utf8(bytes).unwrap());
        (proxy.host, proxy.port, credentials)
    }

    #[test]
    fn parts_of_a_url() {
        let plain = |host: &str, port| (host.to_owned(), port, None);
        assert_eq!(parsed("proxy"), plain("proxy", 8080));
        assert_eq!(parsed("http://proxy:3128/ignored"), plain("proxy", 3128));
        assert_eq!(parsed("https://[::1]:3128"), plain("::1", 3128));
        let with = |text: &str| ("proxy".to_owned(), 1, Some(text.to_owned()));
        assert_eq!(parsed("http://user:secret@proxy:1"), with("user:secret"));
        assert_eq!(parsed("http://us%40er:%3a%zz%2@proxy:1"), with("us@er::%zz%2"));
        assert_eq!(parsed("%@proxy:1"), with("%"));
    }

    #[test]
    fn credentials_end_at_the_first_at_sign() {
        let with = |text: &str| ("proxy".to_owned(), 1, Some(text.to_owned()));
        assert_eq!(parsed("http://user:pa/ss@proxy:1/ignored"), with("user:pa/ss"));
        assert_eq!(parsed("http://user:a://b@proxy:1"), with("user:a://b"));
        assert_eq!(parsed("user:a://b@proxy:1"), with("user:a://b"));
        assert_eq!(parsed("https:///@proxy:1/a@b"), with("/"));
    }

    #[test]
    fn what_is_no_proxy() {
        for url in [
            "",
            "http://",
            "socks5://proxy",
            "socks5://user:pw@proxy",
            "http://socks5://proxy",
            "proxy:port",
            "proxy:0",
            "user:pw@",
            "user:pw@/path",
        ] {
            assert!(Proxy::parse(url).is_err(), "{url}");
        }
    }
}
