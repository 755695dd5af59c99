//! The application's part in the request for a WebSocket.

use std::fmt;
use std::sync::Arc;

/// What the application puts into one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpgradeParts {
    /// Path and query in place of those of the server URI.
    pub path: Option<Vec<u8>>,
    /// Lines that follow the others.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Asks the application. Called for each request, on the thread that opens the connection, with no lock held.
pub trait UpgradeFunction: Send + Sync {
    /// `path`: that of the server URI. `None`: the application wants no connection.
    fn prepare(&self, server_uri: &str, path: &str) -> Option<UpgradeParts>;
}

/// The application's function.
#[derive(Clone)]
pub struct UpgradeCallback(pub Arc<dyn UpgradeFunction>);

impl UpgradeCallback {
    /// What the application wants in the request, if it can be there.
    pub(in crate::transport) fn ask(&self, server_uri: &str, path: &str) -> Result<UpgradeParts, String> {
        let parts = self.0.prepare(server_uri, path);
        let parts = parts.ok_or("the application refused to prepare the request for a WebSocket")?;
        let other = parts.path.as_deref().filter(|other| *other != path.as_bytes());
        if other.is_some_and(|other| !is_path(other)) {
            return Err("the path that the application set is not valid".into());
        }
        match parts.headers.iter().find(|(name, value)| !is_header_name(name) || !is_header_value(value)) {
            Some((name, _)) => Err(format!(
                "the HTTP header {:?} of the application is not valid",
                String::from_utf8_lossy(name)
            )),
            None => Ok(parts),
        }
    }
}

/// Nothing that would end the line, or a part of it, or would have to be encoded.
fn is_path(path: &[u8]) -> bool {
    path.first() == Some(&b'/') && path.iter().all(u8::is_ascii_graphic)
}

/// A token of RFC 9110.
fn is_header_name(name: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !name.is_empty() && name.iter().all(is_token)
}

fn is_header_value(value: &[u8]) -> bool {
    value.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
}

impl fmt::Debug for UpgradeCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UpgradeCallback")
    }
}

impl PartialEq for UpgradeCallback {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for UpgradeCallback {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Option<UpgradeParts>);

    impl UpgradeFunction for Fixed {
        fn prepare(&self, _: &str, _: &str) -> Option<UpgradeParts> {
            self.0.clone()
        }
    }

    fn asked(path: Option<&[u8]>, headers: &[(&[u8], &[u8])]) -> Result<UpgradeParts, String> {
        let headers = headers.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        let parts = UpgradeParts { path: path.map(<[u8]>::to_vec), headers };
        UpgradeCallback(Arc::new(Fixed(Some(parts)))).ask("ws://host", "/mqtt")
    }

    #[test]
    fn what_would_not_stay_in_its_place_is_refused() {
        assert!(asked(Some(b"/mqtt?X-Signature=a%2Fb"), &[(b"Authorization", b"Bearer a\tb")]).is_ok());
        for path in [&b""[..], b"mqtt", b"/a b", b"/a\r\nHost: other", b"/a\0", b"/\x7f", b"/\xc3\xa4"] {
            assert!(asked(Some(path), &[]).is_err(), "{path:?}");
        }
        for name in [&b""[..], b"a b", b"a:", b"a\r\nb", b"\xc3\xa4"] {
            assert!(asked(None, &[(name, b"value")]).is_err(), "{name:?}");
        }
        for value in [&b"a\r\nOther: b"[..], b"a\nb", b"a\rb", b"a\0b"] {
            assert!(asked(None, &[(b"Name", value)]).is_err(), "{value:?}");
        }
        assert!(UpgradeCallback(Arc::new(Fixed(None))).ask("ws://host", "/mqtt").is_err());
    }
}
