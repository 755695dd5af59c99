//! What an option about certificates and keys says: the thing itself, or where it is.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The system opens no longer name.
const LONGEST_NAME: usize = 4096;
/// The longest part of a name that is shown.
const LONGEST_TOLD: usize = 200;
/// The shortest key is longer than this.
const SHORTEST_KEY: usize = 40;
/// Attributes of URIs that are secret or lead to a secret.
const SECRETS: [&str; 2] = ["pin-value", "pin-source"];

/// What begins every PEM text.
const PEM: &[u8] = b"-----BEGIN ";

/// The value of an option. Names are taken byte for byte, whatever they are encoded in.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// PEM text.
    Text(&'a [u8]),
    /// The URI of something in one of OpenSSL's stores.
    Stored(&'a CStr),
    /// The name of a PEM file.
    File(&'a CStr),
}

impl<'a> Source<'a> {
    pub(super) fn of(value: &'a CStr) -> Source<'a> {
        let bytes = value.to_bytes();
        if bytes.windows(PEM.len()).any(|window| window == PEM) {
            Source::Text(bytes)
        } else if bytes.starts_with(b"pkcs11:") || bytes.starts_with(b"file:") {
            Source::Stored(value)
        } else {
            Source::File(value)
        }
    }
}

/// The name of a file as the standard library wants it.
pub(super) fn path(name: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(name.to_bytes()))
}

/// What the log may say of a value.
pub(super) struct Told {
    pub(super) text: String,
    /// OpenSSL's errors may show it too, except for secrets.
    pub(super) is_harmless: bool,
    pub(super) secrets: Vec<String>,
}

impl Told {
    pub(super) fn of(value: &CStr) -> Told {
        match Source::of(value) {
            Source::Stored(uri) => Told::uri(uri),
            Source::Text(_) | Source::File(_) => Told::name(value),
        }
    }

    /// A name of a file, unless it looks like a key that was put in its place.
    fn name(name: &CStr) -> Told {
        let bytes = name.to_bytes();
        let is_no_name = bytes.len() > LONGEST_NAME || bytes.iter().any(u8::is_ascii_control);
        if is_no_name || is_like_a_key(bytes) {
            return Told { text: "***".into(), is_harmless: false, secrets: Vec::new() };
        }
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        let is_harmless = !shorten(&mut text);
        Told { text, is_harmless, secrets: Vec::new() }
    }

    /// A URI without its query, which may be a PIN, and without PINs in front of that.
    fn uri(uri: &CStr) -> Told {
        let uri = uri.to_string_lossy();
        let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
        let attributes = uri.split([';', '?', '&']).filter_map(|attribute| attribute.split_once('='));
        let values = attributes.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.to_owned());
        let secrets: Vec<_> = [query.to_owned()].into_iter().chain(values).collect();
        let parts = path.split(';').map(|part| match part.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=***"),
            _ => part.to_owned(),
        });
        let mut text = parts.collect::<Vec<_>>().join(";");
        shorten(&mut text);
        Told { text, is_harmless: true, secrets }
    }
}

/// The scheme may precede the attribute.
fn is_secret(attribute: &str) -> bool {
    SECRETS.iter().any(|secret| attribute.to_ascii_lowercase().ends_with(secret))
}

/// Keys begin with a DER sequence, whose first byte makes an M of base64.
fn is_like_a_key(bytes: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    bytes.len() >= SHORTEST_KEY && bytes.first() == Some(&b'M') && bytes.iter().all(is_base64)
}

/// True: there was more.
fn shorten(text: &mut String) -> bool {
    let Some((end, _)) = text.char_indices().nth(LONGEST_TOLD) else { return false };
    text.truncate(end);
    text.push_str("...");
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn names_are_told_and_keys_are_not() {
        let told = |text: &str| Told::of(&CString::new(text).unwrap()).text;
        let der = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
        for name in ["/etc/keys/own.pem", "MyKey", "My Key/which has a long name and spaces in it.pem"] {
            assert_eq!(told(name), name);
        }
        for key in [der, "MIIB\nVgIB", &format!("x{}", "a".repeat(LONGEST_NAME))] {
            assert_eq!(told(key), "***");
        }
        assert_eq!(told(&"/a".repeat(200)), format!("{}...", "/a".repeat(100)));
    }

    #[test]
    fn pins_are_hidden_wherever_they_stand() {
        for (uri, expected) in [
            (c"pkcs11:token=t;object=o;pin-value=987654", "pkcs11:token=t;object=o;pin-value=***"),
            (c"pkcs11:pin-value=987654;object=o?module-name=m", "pkcs11:pin-value=***;object=o"),
            (c"pkcs11:object=o?module-name=m&PIN-Source=987654", "pkcs11:object=o"),
        ] {
            let told = Told::of(uri);
            assert_eq!(told.text, expected);
            assert!(told.secrets.iter().any(|secret| secret == "987654"));
        }
    }
}
