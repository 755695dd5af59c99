//! Debian's programs with TLS, WebSockets and pre-shared keys, on the library under test and on the original.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{InPlaceOfOriginal, Running};
use crate::support::tls::{Identity, Subject, TlsServer};
use crate::support::wait::{LIMIT, until};
use openssl::ssl::{SslAcceptor, SslMethod, SslVersion};
use std::path::Path;
use std::process::Command;

/// What a listener and a program need to know of each other.
struct World {
    _directory: Directory,
    authority: String,
    server: (String, String),
    client: (String, String),
}

impl World {
    fn new() -> World {
        let (authority, directory) = (Identity::authority("test authority"), Directory::new("programs-tls"));
        let server = authority.issue(&Subject::named(&["localhost"])).save(&directory, "server");
        let client = authority.issue(&Subject::named(&["client"])).save(&directory, "client");
        let (authority, _) = authority.save(&directory, "authority");
        World { _directory: directory, authority, server, client }
    }

    fn listener(&self) -> String {
        format!("cafile {}\ncertfile {}\nkeyfile {}\n", self.authority, self.server.0, self.server.1)
    }
}

/// Runs a subscriber and a publisher with these arguments; fails unless the message gets through.
fn exchange(names: (&str, &str), listener: &str, uri: impl Fn(u16) -> String, arguments: &[&str]) {
    if !Path::new("/usr/bin/paho_cs_pub").exists() {
        eprintln!("left out: this system has no paho.mqtt.c-examples");
        return;
    }
    let libraries = InPlaceOfOriginal::new();
    for ours in [true, false] {
        let (broker, port) = Mosquitto::start_with_listener(|_| format!("{listener}\nlog_type all"));
        let start = |program: &str, more: &[&str]| {
            let mut command = Command::new(format!("/usr/bin/{program}"));
            command.args(["-c", &uri(port), "-t", "a/topic"]).args(arguments).args(more);
            command.env_remove("LD_LIBRARY_PATH");
            if ours {
                libraries.apply(&mut command);
            }
            Running::start(&mut command)
        };
        let mut subscriber = start(names.0, &["-i", "subscriber"]);
        until("the subscription", || broker.log().contains("Sending SUBACK to subscriber"));
        let publisher = start(names.1, &["-i", "publisher", "-q", "1", "-m", "hello"]).wait(LIMIT);
        assert!(publisher.status.success(), "{} (ours: {ours}): {publisher:?}", names.1);
        subscriber.wait_for_output("hello");
        subscriber.signal(libc::SIGINT);
        subscriber.wait(LIMIT);
    }
}

const PROGRAMS: [(&str, &str); 2] = [("paho_cs_sub", "paho_cs_pub"), ("paho_c_sub", "paho_c_pub")];

#[test]
fn with_a_trusted_server() {
    let world = World::new();
    for names in PROGRAMS {
        let uri = |port| format!("ssl://localhost:{port}");
        exchange(names, &world.listener(), uri, &["--cafile", &world.authority]);
        exchange(names, &world.listener(), uri, &["--cafile", &world.authority, "-V", "5"]);
    }
}

#[test]
fn with_a_certificate_of_their_own() {
    let world = World::new();
    let listener = world.listener() + "require_certificate true\n";
    let (certificate, key) = &world.client;
    for names in PROGRAMS {
        let arguments = ["--cafile", &world.authority, "--cert", certificate, "--key", key];
        exchange(names, &listener, |port| format!("ssl://localhost:{port}"), &arguments);
    }
}

/// The broker at hand cannot do without certificates in TLS 1.3, so the server is one of ours.
#[test]
fn with_a_key_shared_beforehand() {
    if !Path::new("/usr/bin/paho_cs_pub").exists() {
        eprintln!("left out: this system has no paho.mqtt.c-examples");
        return;
    }
    let libraries = InPlaceOfOriginal::new();
    // The other programs do not offer the key, on neither library.
    let program = "paho_c_pub";
    for (limit, ours) in [(SslVersion::TLS1_2, true), (SslVersion::TLS1_3, true), (SslVersion::TLS1_2, false)]
    {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
        acceptor.set_max_proto_version(Some(limit)).unwrap();
        acceptor.set_cipher_list("PSK").unwrap();
        acceptor.set_psk_server_callback(|_, identity, key| {
            assert_eq!(identity, Some(&b"someone"[..]));
            key[..8].copy_from_slice(&0x0123_4567_89ab_cdef_u64.to_be_bytes());
            Ok(8)
        });
        let server = TlsServer::start(acceptor);
        let mut command = Command::new(format!("/usr/bin/{program}"));
        command.args(["-c", &server.uri("localhost"), "-t", "topic", "-m", "hello", "-q", "1"]);
        command.args(["--psk", "0123456789abcdef", "--psk-identity", "someone"]);
        if !ours {
            // It crashes when it looks for a certificate.
            command.arg("--insecure");
        }
        command.env_remove("LD_LIBRARY_PATH");
        if ours {
            libraries.apply(&mut command);
        }
        let ended = Running::start(&mut command).wait(LIMIT);
        let said = format!("{program} (ours: {ours}, {limit:?}): {ended:?}");
        assert!(ended.status.success() && !server.has_seen_nothing(), "{said}");
    }
}

#[test]
fn with_websockets_and_tls() {
    let world = World::new();
    let listener = world.listener() + "protocol websockets\n";
    for names in PROGRAMS {
        let uri = |port| format!("wss://localhost:{port}/mqtt");
        exchange(names, &listener, uri, &["--cafile", &world.authority]);
    }
}

#[test]
fn with_websockets() {
    for names in PROGRAMS {
        exchange(names, "protocol websockets\n", |port| format!("ws://localhost:{port}/mqtt"), &[]);
    }
}
