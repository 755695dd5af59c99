//! Good and bad certificates, and what the options make of them: for both APIs the same as with the original library.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::AsyncClient;
use crate::support::abi::V3_1_1;
use crate::support::client::Client;
use crate::support::library::debian_library;
use crate::support::mosquitto::Directory;
use crate::support::options::{Connect, Tls, version};
use crate::support::program::{compile, in_own_process};
use crate::support::tls::{Identity, Subject, TlsServer};
use openssl::ssl::{SslVerifyMode, SslVersion};
use std::path::Path;
use std::thread;

/// A name of this machine, while the resolver is told to find every name here.
const HOST: &str = "broker.example.test";

/// A server, and the host name or address by which it is reached.
type Row = (&'static str, &'static str, TlsServer);

fn start(identity: &Identity) -> TlsServer {
    TlsServer::start(identity.acceptor())
}

/// Servers whose certificates are right or wrong in the name.
fn names(authority: &Identity) -> Vec<Row> {
    let named = |name, host, names: &[&str]| (name, host, start(&authority.issue(&Subject::named(names))));
    let addressed = |name, addresses: &[&str]| {
        (name, "127.0.0.1", start(&authority.issue(&Subject::addressed(addresses))))
    };
    let common = |name, host, common_name| {
        (name, host, start(&authority.issue(&Subject::with_common_name(common_name))))
    };
    vec![
        named("good", HOST, &[HOST]),
        named("localhost", "localhost", &["localhost"]),
        named("one of several names", HOST, &["a.example", HOST]),
        named("other case", HOST, &["Broker.EXAMPLE.test"]),
        named("wrong host", HOST, &["other.example.test"]),
        named("wildcard", HOST, &["*.example.test"]),
        named("wildcard of another domain", HOST, &["*.other.test"]),
        named("wildcard for two labels", HOST, &["*.test"]),
        named("wildcard in the middle", HOST, &["broker.*.test"]),
        named("wildcard for a part", HOST, &["bro*.example.test"]),
        named("wildcard for everything", "localhost", &["*"]),
        named("name for address", "127.0.0.1", &["localhost"]),
        addressed("address", &["127.0.0.1"]),
        addressed("wrong address", &["127.0.0.2"]),
        common("common name", HOST, HOST),
        common("wildcard as common name", HOST, "*.example.test"),
        common("address as common name", "127.0.0.1", "127.0.0.1"),
    ]
}

/// Servers whose certificates are right in the name, and may be wrong otherwise.
fn others(authority: &Identity) -> Vec<Row> {
    let stranger = Identity::authority("another authority");
    let subject = || Subject::named(&[HOST]);
    vec![
        ("expired", HOST, start(&authority.issue(&subject().expired()))),
        ("untrusted", HOST, start(&stranger.issue(&subject()))),
        ("self-signed", HOST, start(&Identity::self_signed(&subject()))),
        ("wants a certificate, TLS 1.2", HOST, demanding(authority, SslVersion::TLS1_2)),
        ("wants a certificate, TLS 1.3", HOST, demanding(authority, SslVersion::TLS1_3)),
    ]
}

fn demanding(authority: &Identity, limit: SslVersion) -> TlsServer {
    let mut acceptor = authority.issue(&Subject::named(&[HOST])).acceptor();
    acceptor.set_max_proto_version(Some(limit)).unwrap();
    acceptor.cert_store_mut().add_cert(authority.certificate.clone()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    TlsServer::start(acceptor)
}

fn code(api: &str, uri: &str, connect: &Connect) -> i32 {
    match api {
        "synchronous" => Client::new(uri, V3_1_1).connect(connect).code,
        _ => AsyncClient::new(uri).connect(connect).code(),
    }
}

/// Prints what comes of connecting to all servers, for each combination of options.
#[test]
#[ignore = "prints for another test"]
fn print_verdicts() {
    let (authority, directory) = (Identity::authority("test authority"), Directory::new("matrix"));
    let (trust_store, _) = authority.save(&directory, "authority");
    let (certificate, key) = authority.issue(&Subject::named(&["client"])).save(&directory, "client");
    let api = std::env::var("TEST_API").unwrap();
    let attempt = |name: &str, host: &str, server: &TlsServer, bits: u8| {
        let (checks_host, checks_chain, has_certificate) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
        let tls = Tls {
            checks_host,
            checks_chain,
            trust_store: Some(trust_store.clone()),
            key_store: has_certificate.then(|| certificate.clone()),
            private_key: has_certificate.then(|| key.clone()),
            ..Tls::default()
        };
        let code = code(&api, &server.uri(host), &version(V3_1_1).tls(&tls));
        let options = format!("verify {checks_host}, auth {checks_chain}, certificate {has_certificate}");
        println!("\nverdict: {name}, {options}: {code}");
    };
    for (name, host, server) in names(&authority) {
        (0..4).for_each(|bits| attempt(name, host, &server, bits));
    }
    for (name, host, server) in others(&authority) {
        (0..8).for_each(|bits| attempt(name, host, &server, bits));
    }
}

/// The verdicts of the library under test, or of the one at this path.
fn verdicts(api: &str, library: Option<&str>) -> Vec<String> {
    let directory = Directory::new("resolver");
    let resolver = compile("redirect.c", &["-shared", "-fPIC", "-ldl"], &directory);
    let mut values = vec![
        ("TEST_API", api),
        ("LD_PRELOAD", resolver.to_str().unwrap()),
        // All names are those of this machine. Nothing here has the port that is redirected.
        ("REDIRECT_PORT", "1"),
    ];
    values.extend(library.map(|path| ("PAHO_C_RS_LIBRARY", path)));
    let printed = in_own_process("tls_matrix::print_verdicts", &values);
    printed.lines().filter_map(|line| line.strip_prefix("verdict: ")).map(str::to_owned).collect()
}

/// A few that must be so, whatever the original says.
fn expect_safety(verdicts: &[String]) {
    let code = |case: &str| verdicts.iter().find(|line| line.starts_with(case)).unwrap().rsplit(' ').next();
    for (case, expected) in [
        ("good, verify true, auth true, certificate false", "0"),
        ("wrong host, verify true, auth true", "-1"),
        ("wrong host, verify false, auth true", "0"),
        ("wildcard, verify true, auth true", "0"),
        ("wildcard of another domain, verify true, auth true", "-1"),
        ("wildcard for two labels, verify true, auth true", "-1"),
        ("address, verify true, auth true", "0"),
        ("wrong address, verify true, auth true", "-1"),
        ("expired, verify false, auth true", "-1"),
        ("expired, verify false, auth false", "0"),
        ("untrusted, verify true, auth true", "-1"),
        ("self-signed, verify true, auth false", "0"),
        ("wants a certificate, TLS 1.2, verify true, auth true, certificate true", "0"),
        ("wants a certificate, TLS 1.2, verify true, auth true, certificate false", "-1"),
        ("wants a certificate, TLS 1.3, verify true, auth true, certificate true", "0"),
        ("wants a certificate, TLS 1.3, verify true, auth true, certificate false", "-1"),
    ] {
        assert_eq!(code(case), Some(expected), "{case}");
    }
}

fn compare(api: &str, original: &str) {
    let original = debian_library(original).display().to_string();
    let (ours, theirs) = thread::scope(|scope| {
        let is_there = Path::new(&original).exists();
        let theirs = is_there.then(|| scope.spawn(|| verdicts(api, Some(&original))));
        (verdicts(api, None), theirs.map(|thread| thread.join().unwrap()))
    });
    assert_eq!(ours.len(), 17 * 4 + 5 * 8);
    expect_safety(&ours);
    match theirs {
        Some(theirs) => assert_eq!(ours, theirs),
        None => eprintln!("not compared: {original} is not installed"),
    }
}

#[test]
fn verdicts_of_the_synchronous_api_are_those_of_the_original() {
    compare("synchronous", "libpaho-mqtt3cs.so.1");
}

#[test]
fn verdicts_of_the_asynchronous_api_are_those_of_the_original() {
    compare("asynchronous", "libpaho-mqtt3as.so.1");
}
