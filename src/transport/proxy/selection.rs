//! Which proxy to use, if any: options first, then the environment where the application's user has allowed it.

use super::url::{LEFT_OUT, Proxy};
use crate::transport::log;
use crate::transport::settings::OpenSettings;
use crate::transport::uri::{Scheme, ServerUri};
use std::env;

/// The environment counts only if this begins with `TRUE`.
const ALLOWED: &str = "PAHO_C_CLIENT_USE_HTTP_PROXY";

/// The proxy for a server. An error: there should be one, but its URL is unusable.
pub(in crate::transport) fn choose(
    uri: &ServerUri,
    settings: &OpenSettings,
) -> Result<Option<Proxy>, String> {
    choose_with(uri, settings, |name| if settings.obeys_environment { env::var(name).ok() } else { None })
}

fn choose_with(
    uri: &ServerUri,
    settings: &OpenSettings,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, String> {
    if uri.scheme == Scheme::Unix {
        return Ok(None);
    }
    let allowed = variable(ALLOWED).is_some_and(|value| value.starts_with("TRUE"));
    let from_environment = |name: &str| {
        let url = variable(name).filter(|url| allowed && !url.is_empty())?;
        (!is_excepted(uri, &variable("no_proxy").unwrap_or_default())).then_some(url)
    };
    let plain = || settings.http_proxy.clone().or_else(|| from_environment("http_proxy"));
    let (kind, url) = if uri.scheme.needs_tls() {
        ("https", settings.https_proxy.clone().or_else(|| from_environment("https_proxy")).or_else(plain))
    } else {
        ("http", plain())
    };
    // An empty option says that there is to be none, whatever the environment has.
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(None) };
    if !cfg!(feature = "proxy") {
        return Err(LEFT_OUT.into());
    }
    let proxy = Proxy::parse(&url)?;
    log::protocol(format_args!("Setting {kind} proxy to {}:{}", proxy.host, proxy.port));
    if proxy.credentials.is_some() {
        log::protocol(format_args!("Setting {kind} proxy auth to ***"));
    }
    Ok(Some(proxy))
}

/// True if an entry of the list is for this server.
fn is_excepted(uri: &ServerUri, list: &str) -> bool {
    let entry = list.split(',').find(|entry| matches(uri, entry));
    if let Some(entry) = entry {
        let destination = uri.masked();
        log::protocol(format_args!(
            "Matched destination {destination} against no_proxy {entry}. Don't use proxy."
        ));
    }
    entry.is_some()
}

/// An entry is `host[:port]`; it is for the host itself and for all below it.
fn matches(uri: &ServerUri, entry: &str) -> bool {
    if entry.starts_with('*') {
        return true;
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (entry, None),
    };
    let host = host.strip_prefix('.').unwrap_or(host);
    let port_matches = port.is_none_or(|port| uri.names_port && port.parse() == Ok(uri.port));
    let host_matches =
        uri.host == host || uri.host.strip_suffix(host).is_some_and(|rest| rest.ends_with('.'));
    !host.is_empty() && port_matches && host_matches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(uri: &str, settings: &OpenSettings, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let uri = ServerUri::parse(uri).unwrap();
        choose_with(&uri, settings, variable).unwrap().map(|proxy| proxy.host)
    }

    fn options(http: Option<&str>, https: Option<&str>) -> OpenSettings {
        OpenSettings {
            http_proxy: http.map(str::to_owned),
            https_proxy: https.map(str::to_owned),
            obeys_environment: true,
            ..OpenSettings::default()
        }
    }

    #[cfg(not(feature = "proxy"))]
    #[test]
    fn a_library_without_proxies_says_so_where_there_should_be_one() {
        let uri = ServerUri::parse("tcp://b").unwrap();
        let chosen = |proxy: &str| choose_with(&uri, &options(Some(proxy), None), |_| None);
        assert_eq!(chosen("http://proxy:1").err().as_deref(), Some(LEFT_OUT));
        assert!(chosen("").is_ok_and(|proxy| proxy.is_none()));
    }

    #[test]
    fn the_environment_counts_where_it_is_allowed() {
        let none = options(None, None);
        let allowed = |value| [("http_proxy", "plain"), ("https_proxy", "secure"), (ALLOWED, value)];
        assert_eq!(chosen("tcp://b", &none, &allowed("TRUE")).as_deref(), Some("plain"));
        assert_eq!(chosen("ws://b", &none, &allowed("TRUEish")).as_deref(), Some("plain"));
        for value in ["true", "1", ""] {
            assert_eq!(chosen("tcp://b", &none, &allowed(value)), None, "{value}");
        }
        assert_eq!(chosen("tcp://b", &none, &[("HTTP_PROXY", "x"), (ALLOWED, "TRUE")]), None);
        assert_eq!(chosen("unix://b", &options(Some("p"), Some("p")), &allowed("TRUE")), None);
    }

    #[test]
    fn options_win() {
        let environment = [("http_proxy", "plain"), (ALLOWED, "TRUE"), ("no_proxy", "*")];
        assert_eq!(
            chosen("tcp://b", &options(Some("option"), None), &environment).as_deref(),
            Some("option")
        );
        assert_eq!(chosen("tcp://b", &options(None, Some("option")), &environment), None);
        assert_eq!(
            chosen("tcp://b", &options(Some(""), None), &[("http_proxy", "x"), (ALLOWED, "TRUE")]),
            None
        );
    }

    #[cfg(feature = "tls")]
    #[test]
    fn connections_with_tls_have_their_own_and_then_the_other() {
        let none = options(None, None);
        let both = [("http_proxy", "plain"), ("https_proxy", "secure"), (ALLOWED, "TRUE")];
        assert_eq!(chosen("ssl://b", &none, &both).as_deref(), Some("secure"));
        assert_eq!(chosen("wss://b", &none, &both[..1]), None);
        assert_eq!(chosen("wss://b", &none, &[both[0], both[2]]).as_deref(), Some("plain"));
        let option = options(Some("option"), None);
        assert_eq!(chosen("ssl://b", &option, &both).as_deref(), Some("secure"));
        assert_eq!(chosen("ssl://b", &option, &[]).as_deref(), Some("option"));
    }

    #[test]
    fn exceptions() {
        let uri = ServerUri::parse("tcp://a.example:28751").unwrap();
        for entry in ["a.example", ".a.example", "example", ".example", "a.example:28751", "*", "*x"] {
            assert!(matches(&uri, entry), "{entry}");
        }
        for entry in ["", ".", "ample", "b.a.example", "a.example:1", ":28751", "A.EXAMPLE", " a.example"] {
            assert!(!matches(&uri, entry), "{entry}");
        }
        assert!(is_excepted(&uri, "foo:99,a.example"));
        assert!(!is_excepted(&uri, "foo:28751,a.example:99,b"));
        assert!(!matches(&ServerUri::parse("tcp://h").unwrap(), "h:1883"), "no port is named");
    }
}
