//! TLS sessions of earlier connections: when they are resumed and when not.

#![cfg(feature = "tls")]

use crate::support::abi::{DEFAULT_VERSION, FAILURE, V3_1_1};
use crate::support::client::Client;
use crate::support::mosquitto::Directory;
use crate::support::options::{Connect, Tls, version};
use crate::support::tls::{Identity, Subject, TlsServer, write};
use openssl::ssl::{SslAcceptorBuilder, SslVerifyMode, SslVersion};
use std::ffi::{c_char, c_int, c_void};
use std::fs;
use std::sync::Mutex;

const BOTH_VERSIONS: [SslVersion; 2] = [SslVersion::TLS1_2, SslVersion::TLS1_3];

/// A server's beginnings that an authority has vouched for.
fn acceptor(authority: &Identity, limit: SslVersion) -> SslAcceptorBuilder {
    let mut acceptor = authority.issue(&Subject::named(&["localhost"])).acceptor();
    acceptor.set_max_proto_version(Some(limit)).unwrap();
    acceptor
}

/// A server that ends every handshake in which it is asked to resume a session.
fn refusing_server(authority: &Identity, limit: SslVersion) -> TlsServer {
    let mut acceptor = acceptor(authority, limit);
    // OpenSSL refuses them when it is to ask for certificates and does not know for what.
    acceptor.set_verify(SslVerifyMode::PEER);
    TlsServer::start(acceptor)
}

fn trusting(authority: &Identity) -> Tls {
    Tls { trust_store: Some(authority.certificate_text()), checks_host: true, ..Tls::default() }
}

/// Connects, stays until the server has sent its sessions, and disconnects. The version that was taken.
fn visit(client: &Client, connect: &Connect) -> c_int {
    let connected = client.connect_ok(connect);
    client.publish_ok("topic", 1, b"payload");
    client.disconnect(1000);
    connected.version
}

unsafe extern "C" fn count_line(_text: *const c_char, _length: usize, context: *mut c_void) -> c_int {
    // SAFETY: the context is the test's counter.
    *unsafe { &*context.cast::<Mutex<u32>>() }.lock().unwrap() += 1;
    1
}

#[test]
fn a_server_that_refuses_to_resume_is_connected_to_all_the_same() {
    let authority = Identity::authority("test authority");
    for limit in BOTH_VERSIONS {
        let server = refusing_server(&authority, limit);
        let lines = Mutex::new(0);
        let on_error: Option<(crate::support::abi::SslError, usize)> =
            Some((count_line, (&raw const lines).addr()));
        let tls = Tls { on_error, ..trusting(&authority) };
        let client = Client::new(&server.uri("localhost"), V3_1_1);
        for _ in 0..4 {
            let taken = visit(&client, &version(DEFAULT_VERSION).tls(&tls));
            assert_eq!(taken, V3_1_1, "{limit:?}: what was refused is not the version of MQTT");
            assert!(!server.seen().resumed);
        }
        assert_eq!(*lines.lock().unwrap(), 0, "{limit:?}: the program has seen no failure");
    }
}

/// A server that resumes sessions of clients with certificates of this authority.
fn resuming_server(authority: &Identity, limit: SslVersion) -> TlsServer {
    let mut acceptor = acceptor(authority, limit);
    acceptor.cert_store_mut().add_cert(authority.certificate.clone()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER);
    acceptor.set_session_id_context(b"test").unwrap();
    TlsServer::start(acceptor)
}

/// Whether the visits to a server resumed a session.
fn visits(server: &TlsServer, client: &Client, tls: &Tls, count: usize) -> Vec<bool> {
    let connect = version(V3_1_1).tls(tls);
    let visit = |_| {
        visit(client, &connect);
        server.seen().resumed
    };
    (0..count).map(visit).collect()
}

#[test]
fn another_certificate_in_the_same_file_begins_a_session_of_its_own() {
    let (authority, directory) = (Identity::authority("test authority"), Directory::new("sessions"));
    for limit in BOTH_VERSIONS {
        let server = resuming_server(&authority, limit);
        let client = Client::new(&server.uri("localhost"), V3_1_1);
        let save = |name: &str| {
            let identity = authority.issue(&Subject::with_common_name(name));
            write(&directory, "own", &(identity.certificate_text() + &identity.key_text()))
        };
        let tls = Tls { key_store: Some(save("the first")), ..trusting(&authority) };
        assert_eq!(visits(&server, &client, &tls, 2), [false, true], "{limit:?}");
        save("the second");
        assert_eq!(visits(&server, &client, &tls, 2), [false, true], "{limit:?}");
    }
}

#[test]
fn an_authority_that_was_taken_out_is_not_trusted_for_a_session_either() {
    let (authority, other) = (Identity::authority("test authority"), Identity::authority("another"));
    let directory = Directory::new("sessions");
    for limit in BOTH_VERSIONS {
        let server = resuming_server(&authority, limit);
        let client = Client::new(&server.uri("localhost"), V3_1_1);
        let file = write(&directory, "authorities", &authority.certificate_text());
        let tls = Tls { trust_store: Some(file), ..trusting(&authority) };
        assert_eq!(visits(&server, &client, &tls, 2), [false, true], "{limit:?}");
        write(&directory, "authorities", &other.certificate_text());
        assert_eq!(client.connect(&version(V3_1_1).tls(&tls)).code, FAILURE, "{limit:?}");
    }
}

#[test]
fn an_authority_that_was_taken_out_of_a_directory_is_not_trusted_either() {
    let (authority, directory) = (Identity::authority("test authority"), Directory::new("sessions"));
    let hashed = format!("{:08x}.0", authority.certificate.subject_name_hash());
    for limit in BOTH_VERSIONS {
        let server = resuming_server(&authority, limit);
        let client = Client::new(&server.uri("localhost"), V3_1_1);
        let file = write(&directory, &hashed, &authority.certificate_text());
        let ca_path = Some(directory.join("").to_str().unwrap().to_owned());
        let tls = Tls { trust_store: None, ca_path, ..trusting(&authority) };
        assert_eq!(visits(&server, &client, &tls, 2), [false, true], "{limit:?}");
        fs::remove_file(file).unwrap();
        assert_eq!(client.connect(&version(V3_1_1).tls(&tls)).code, FAILURE, "{limit:?}");
    }
}
