//! TLS: what is trusted, what is refused, what the server sees.

#![cfg(feature = "tls")]

use crate::support::abi::{BAD_STRUCTURE, FAILURE, NULL_PARAMETER, SslOptions, V3_1_1, V5};
use crate::support::callbacks::Event;
use crate::support::client::Client;
use crate::support::library::library;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::{Raw, Tls, version};
use crate::support::program::in_own_process;
use crate::support::tls::{Identity, Subject, TlsServer, write};
use openssl::ssl::{SslVerifyMode, SslVersion};
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_uint, c_void};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::ptr;
use std::sync::Mutex;

/// An authority, the file that says so, and a directory for more.
struct World {
    authority: Identity,
    trust_store: String,
    directory: Directory,
}

impl World {
    fn new() -> World {
        let (authority, directory) = (Identity::authority("test authority"), Directory::new("tls"));
        let (trust_store, _) = authority.save(&directory, "authority");
        World { authority, trust_store, directory }
    }

    fn server(&self) -> TlsServer {
        TlsServer::start(self.identity().acceptor())
    }

    fn identity(&self) -> Identity {
        self.authority.issue(&Subject::named(&["localhost"]))
    }

    fn tls(&self) -> Tls {
        Tls { trust_store: Some(self.trust_store.clone()), checks_host: true, ..Tls::default() }
    }
}

fn connect(uri: &str, tls: &Tls) -> c_int {
    Client::new(uri, V3_1_1).connect(&version(V3_1_1).tls(tls)).code
}

/// Keeps the lines that the error callback gets, and asks for all of them.
unsafe extern "C" fn keep_line(text: *const c_char, length: usize, context: *mut c_void) -> c_int {
    // SAFETY: the library gives a zero-terminated text.
    let text = unsafe { CStr::from_ptr(text) }.to_str().unwrap();
    assert_eq!(text.len(), length);
    // SAFETY: the context is the test's list.
    let lines = unsafe { &*context.cast::<Mutex<Vec<String>>>() };
    lines.lock().unwrap().push(text.to_owned());
    1
}

/// The code of a connect, and the lines about its failure.
fn connect_with_lines(uri: &str, tls: &Tls) -> (c_int, Vec<String>) {
    let lines = Mutex::new(Vec::new());
    let tls = Tls { on_error: Some((keep_line, (&raw const lines).addr())), ..tls.clone() };
    let code = connect(uri, &tls);
    (code, lines.into_inner().unwrap())
}

#[test]
fn messages_of_all_sizes_pass_in_both_modes() {
    let world = World::new();
    let (certificate, key) = world.identity().save(&world.directory, "server");
    let (_broker, port) =
        Mosquitto::start_with_listener(|_| format!("certfile {certificate}\nkeyfile {key}"));
    let uri = format!("ssl://localhost:{port}");
    let sizes = [0, 1, 200, 16_000, 16_384, 20_000, 70_000, 300_000];
    for callbacks in [false, true] {
        let client = Client::new(&uri, V5);
        let events = callbacks.then(|| client.events());
        client.connect_ok(&version(V5).tls(&world.tls()));
        client.subscribe_ok("size", 2);
        for qos in 0..3 {
            for size in sizes {
                let payload: Vec<u8> = (0..size).map(|index: u32| (index / 251 + index) as u8).collect();
                client.publish_ok("size", qos, &payload);
                let got = match &events {
                    Some(events) => events.find(|event| match event {
                        Event::Message(message) => Some(message.payload),
                        _ => None,
                    }),
                    None => client.receive_ok().payload,
                };
                assert!(got == payload, "{size} bytes with QoS {qos}");
            }
        }
        assert_eq!(client.disconnect(1000), 0);
    }
}

#[test]
fn certificates_and_keys_come_from_files_or_stand_in_the_options() {
    let world = World::new();
    let mut acceptor = world.identity().acceptor();
    acceptor.cert_store_mut().add_cert(world.authority.certificate.clone()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let server = TlsServer::start(acceptor);
    let client = world.identity();
    let (certificate, key) = client.save(&world.directory, "client");
    let both = client.certificate_text() + &client.key_text();
    let both_file = write(&world.directory, "both", &both);
    let locked = client.locked_key_text("open sesame");
    let locked_file = write(&world.directory, "locked", &locked);
    let password = || Some("open sesame".to_owned());
    let ways = [
        Tls { key_store: Some(certificate.clone()), private_key: Some(key), ..world.tls() },
        Tls { key_store: Some(both_file.clone()), ..world.tls() },
        Tls { key_store: Some(format!("file:{both_file}")), ..world.tls() },
        Tls { key_store: Some(both), ..world.tls() },
        Tls { key_store: Some(certificate.clone()), private_key: Some(client.key_text()), ..world.tls() },
        Tls {
            trust_store: Some(world.authority.certificate_text()),
            key_store: Some(certificate.clone()),
            private_key: Some(client.key_text()),
            ..world.tls()
        },
        Tls {
            key_store: Some(certificate.clone()),
            private_key: Some(locked_file.clone()),
            password: password(),
            ..world.tls()
        },
        Tls {
            key_store: Some(certificate.clone()),
            private_key: Some(locked),
            password: password(),
            ..world.tls()
        },
        Tls {
            key_store: Some(certificate.clone()),
            private_key: Some(format!("file:{locked_file}")),
            password: password(),
            ..world.tls()
        },
    ];
    for (number, tls) in ways.iter().enumerate() {
        assert_eq!(connect(&server.uri("localhost"), tls), 0, "way {number}");
        assert!(server.seen().has_certificate, "way {number}");
    }
    // Without the password nobody is asked for it on the terminal.
    for password in [None, Some("wrong".to_owned())] {
        let tls = Tls {
            key_store: Some(certificate.clone()),
            private_key: Some(locked_file.clone()),
            password,
            ..world.tls()
        };
        let stored = Tls { private_key: Some(format!("file:{locked_file}")), ..tls.clone() };
        assert_eq!(connect(&server.uri("localhost"), &stored), FAILURE);
        let (code, lines) = connect_with_lines(&server.uri("localhost"), &tls);
        assert_eq!(code, FAILURE);
        assert!(!lines.is_empty());
    }
}

#[test]
fn names_of_files_are_taken_byte_for_byte() {
    let world = World::new();
    let mut acceptor = world.identity().acceptor();
    acceptor.cert_store_mut().add_cert(world.authority.certificate.clone()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let server = TlsServer::start(acceptor);
    let client = world.identity();
    let path = |name: &[u8]| world.directory.join(OsStr::from_bytes(name));
    let save = |name: &[u8], text: String| {
        std::fs::write(path(name), text).unwrap();
        CString::new(path(name).into_os_string().into_vec()).unwrap()
    };
    let authorities = save(b"authorit\xe9", world.authority.certificate_text());
    let (certificate, key) = (save(b"cl\xe9", client.certificate_text()), save(b"\xff", client.key_text()));
    std::fs::create_dir(path(b"d\xe9p\xf4t")).unwrap();
    let hashed = format!("d\u{e9}p\u{f4}t/{:08x}.0", world.authority.certificate.subject_name_hash());
    let hashed: Vec<u8> = hashed.chars().map(|character| character as u32 as u8).collect();
    save(&hashed, world.authority.certificate_text());
    let directory = CString::new(path(b"d\xe9p\xf4t").into_os_string().into_vec()).unwrap();
    for (trust_store, ca_path) in [(authorities.as_ptr(), ptr::null()), (ptr::null(), directory.as_ptr())] {
        let handle = Client::new(&server.uri("localhost"), V3_1_1);
        let mut raw = Raw::new(&version(V3_1_1).tls(&world.tls()));
        // SAFETY: the options have TLS options.
        let options = unsafe { raw.options.ssl.cast::<SslOptions>().read() };
        let (key_store, private_key) = (certificate.as_ptr(), key.as_ptr());
        let options = SslOptions { trust_store, ca_path, key_store, private_key, ..options };
        raw.options.ssl = (&raw const options).cast();
        // SAFETY: all that the options point to lives through the call.
        assert_eq!(unsafe { (library().connect)(handle.handle(), &mut raw.options) }, 0);
        assert!(server.seen().has_certificate);
    }
}

#[test]
fn the_server_is_told_names_protocols_and_ciphers() {
    let world = World::new();
    let mut acceptor = world.identity().acceptor();
    acceptor.set_alpn_select_callback(|_, offered| {
        openssl::ssl::select_next_proto(b"\x04mqtt", offered).ok_or(openssl::ssl::AlpnError::NOACK)
    });
    acceptor.set_max_proto_version(Some(SslVersion::TLS1_2)).unwrap();
    let server = TlsServer::start(acceptor);
    let tls = Tls {
        protocols: b"\x08x-amzn-m\x04mqtt".to_vec(),
        ciphers: Some("ECDHE-RSA-AES256-GCM-SHA384".into()),
        ..world.tls()
    };
    assert_eq!(connect(&server.uri("localhost"), &tls), 0);
    let seen = server.seen();
    assert_eq!((seen.name.as_deref(), seen.protocol.as_deref()), (Some("localhost"), Some(&b"mqtt"[..])));
    assert_eq!(seen.cipher, "ECDHE-RSA-AES256-GCM-SHA384");
    assert_eq!(connect(&server.uri("127.0.0.1"), &Tls { checks_host: false, ..tls }), 0);
    assert_eq!(server.seen().name, None, "there are no names for addresses");
}

#[test]
fn the_version_is_the_lowest_to_be_used() {
    let world = World::new();
    let server_of = |version| {
        let mut acceptor = world.identity().acceptor();
        acceptor.set_min_proto_version(Some(version)).unwrap();
        acceptor.set_max_proto_version(Some(version)).unwrap();
        TlsServer::start(acceptor)
    };
    for (version, name) in [(SslVersion::TLS1_2, "TLSv1.2"), (SslVersion::TLS1_3, "TLSv1.3")] {
        let server = server_of(version);
        for wanted in [0, 1, 2, 3, 77] {
            assert_eq!(connect(&server.uri("localhost"), &Tls { version: wanted, ..world.tls() }), 0);
            assert_eq!(server.seen().version, name);
        }
    }
    // Versions that the system has switched off need weak ciphers too.
    let mut acceptor = world.identity().acceptor();
    acceptor.clear_options(openssl::ssl::SslOptions::NO_TLSV1_1);
    acceptor.set_min_proto_version(Some(SslVersion::TLS1_1)).unwrap();
    acceptor.set_max_proto_version(Some(SslVersion::TLS1_1)).unwrap();
    acceptor.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
    let server = TlsServer::start(acceptor);
    let weak = Tls { ciphers: Some("ALL:@SECLEVEL=0".into()), ..world.tls() };
    assert_eq!(connect(&server.uri("localhost"), &Tls { version: 3, ..weak.clone() }), FAILURE);
    assert_eq!(connect(&server.uri("localhost"), &Tls { version: 2, ..weak }), 0);
    assert_eq!(server.seen().version, "TLSv1.1");
}

#[test]
fn a_later_connection_resumes_the_session() {
    let world = World::new();
    for limit in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let mut acceptor = world.identity().acceptor();
        acceptor.set_max_proto_version(Some(limit)).unwrap();
        acceptor.set_session_id_context(b"test").unwrap();
        let server = TlsServer::start(acceptor);
        let client = Client::new(&server.uri("localhost"), V3_1_1);
        let mut resumed = Vec::new();
        for _ in 0..4 {
            client.connect_ok(&version(V3_1_1).tls(&world.tls()));
            resumed.push(server.seen().resumed);
            // The tickets of TLS 1.3 come with what the server sends first.
            client.publish_ok("topic", 1, b"payload");
            client.disconnect(1000);
        }
        assert_eq!(resumed, [false, true, true, true], "{limit:?}");
        // With other options nothing is resumed: the server may not be good enough for them.
        let other = Tls { checks_chain: false, ..world.tls() };
        client.connect_ok(&version(V3_1_1).tls(&other));
        assert!(!server.seen().resumed);
    }
}

unsafe extern "C" fn give_key(
    _hint: *const c_char,
    identity: *mut c_char,
    identity_room: c_uint,
    key: *mut u8,
    key_room: c_uint,
    context: *mut c_void,
) -> c_uint {
    assert!(identity_room >= 128 && key_room >= 64);
    // SAFETY: the context is the test's counter.
    unsafe { &*context.cast::<Mutex<u32>>() }.lock().unwrap().checked_add(1).unwrap();
    let (name, secret) = (c"the client", b"0123456789abcdef");
    // SAFETY: the room suffices.
    unsafe { identity.copy_from_nonoverlapping(name.as_ptr(), name.count_bytes() + 1) };
    // SAFETY: the room suffices.
    unsafe { key.copy_from_nonoverlapping(secret.as_ptr(), secret.len()) };
    secret.len() as c_uint
}

#[test]
fn a_key_shared_beforehand_takes_the_place_of_certificates() {
    for (limit, secret) in [
        (SslVersion::TLS1_2, *b"0123456789abcdef"),
        (SslVersion::TLS1_3, *b"0123456789abcdef"),
        (SslVersion::TLS1_2, *b"another secret!!"),
    ] {
        let mut acceptor =
            openssl::ssl::SslAcceptor::mozilla_intermediate_v5(openssl::ssl::SslMethod::tls()).unwrap();
        acceptor.set_max_proto_version(Some(limit)).unwrap();
        acceptor.set_cipher_list("PSK").unwrap();
        acceptor.set_psk_server_callback(move |_, identity, key| {
            assert_eq!(identity, Some(&b"the client"[..]));
            key[..secret.len()].copy_from_slice(&secret);
            Ok(secret.len())
        });
        let server = TlsServer::start(acceptor);
        let count = Mutex::new(0u32);
        let tls =
            Tls { on_psk: Some((give_key, (&raw const count).addr())), checks_host: true, ..Tls::default() };
        let expected = if secret == *b"0123456789abcdef" { 0 } else { FAILURE };
        assert_eq!(connect(&server.uri("localhost"), &tls), expected, "{limit:?}");
    }
}

#[test]
fn every_failure_is_told_to_the_error_function() {
    let world = World::new();
    let server = world.server();
    let uri = server.uri("localhost");
    let other = Identity::authority("another authority");
    let missing = world.directory.join("missing").to_str().unwrap().to_owned();
    let (certificate, _) = world.identity().save(&world.directory, "client");
    let cases = [
        (Tls { trust_store: None, ..world.tls() }, "certificate verify failed"),
        (Tls { trust_store: Some(other.certificate_text()), ..world.tls() }, "certificate verify failed"),
        (Tls { trust_store: Some(missing.clone()), ..world.tls() }, "No such file"),
        (Tls { key_store: Some(missing.clone()), ..world.tls() }, "No such file"),
        (Tls { key_store: Some(certificate.clone()), ..world.tls() }, "error:"),
        (
            Tls { key_store: Some(certificate), private_key: Some(other.key_text()), ..world.tls() },
            "key values mismatch",
        ),
        (Tls { ciphers: Some("NO-SUCH-CIPHER".into()), ..world.tls() }, "no cipher match"),
        (Tls { protocols: b"\xffmqtt".to_vec(), ..world.tls() }, "ALPN"),
    ];
    for (tls, expected) in cases {
        let (code, lines) = connect_with_lines(&uri, &tls);
        assert_eq!(code, FAILURE, "{expected}");
        let text = lines.concat();
        assert!(text.contains(expected), "{expected} in {lines:?}");
        assert!(lines.iter().all(|line| line.ends_with('\n') && line.lines().count() == 1), "{lines:?}");
    }
    assert!(server.has_seen_nothing());
    let (code, lines) = connect_with_lines(&server.uri("127.0.0.1"), &world.tls());
    assert_eq!((code, lines.len()), (FAILURE, 1));
    assert!(lines[0].contains("not for the host 127.0.0.1"), "{lines:?}");
}

#[test]
fn a_refused_certificate_is_told_to_the_error_function_whenever_it_is_refused() {
    let world = World::new();
    for limit in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let mut acceptor = world.identity().acceptor();
        acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        acceptor.set_max_proto_version(Some(limit)).unwrap();
        let server = TlsServer::start(acceptor);
        // In TLS 1.3 the refusal comes behind the handshake.
        let (code, lines) = connect_with_lines(&server.uri("localhost"), &world.tls());
        assert_eq!((code, lines.len()), (FAILURE, 1), "{limit:?}: {lines:?}");
        assert!(lines[0].contains("alert"), "{lines:?}");
    }
}

#[test]
fn options_are_read_as_far_as_their_version_goes() {
    let world = World::new();
    let wrong_name = TlsServer::start(world.authority.issue(&Subject::named(&["other.example"])).acceptor());
    let uri = wrong_name.uri("localhost");
    // verify came with version 2.
    assert_eq!(connect(&uri, &Tls { struct_version: 1, ..world.tls() }), 0);
    assert_eq!(connect(&uri, &Tls { struct_version: 2, ..world.tls() }), FAILURE);
    let (code, lines) = connect_with_lines(&uri, &Tls { struct_version: 2, ..world.tls() });
    assert_eq!((code, lines.len()), (FAILURE, 0), "the error function came with version 3");
    for struct_version in [-1, 6] {
        assert_eq!(connect(&uri, &Tls { struct_version, ..world.tls() }), BAD_STRUCTURE);
        assert_eq!(connect("tcp://localhost:1", &Tls { struct_version, ..world.tls() }), BAD_STRUCTURE);
    }
}

#[test]
fn a_server_with_tls_needs_options_for_it() {
    let client = Client::new("ssl://localhost:1", V3_1_1);
    assert_eq!(client.connect(&version(V3_1_1)).code, NULL_PARAMETER);
    let client = Client::new("tcp://localhost:1", V3_1_1);
    let servers = ["tcp://localhost:1".to_owned(), "wss://localhost:1".to_owned()];
    assert_eq!(client.connect(&version(V3_1_1).servers(&servers)).code, NULL_PARAMETER);
}

#[test]
fn verification_can_be_made_mandatory() {
    let printed = in_own_process("tls::print_lenient_connects", &[("PAHO_C_RS_TLS_VERIFY", "required")]);
    assert!(printed.contains("lenient: -1 -1 0"), "{printed}");
    let printed = in_own_process("tls::print_lenient_connects", &[]);
    assert!(printed.contains("lenient: 0 0 0"), "{printed}");
}

#[test]
#[ignore = "prints for another test"]
fn print_lenient_connects() {
    let world = World::new();
    let wrong_name = TlsServer::start(world.authority.issue(&Subject::named(&["other.example"])).acceptor());
    let untrusted = TlsServer::start(Identity::self_signed(&Subject::named(&["localhost"])).acceptor());
    let lenient = Tls { checks_host: false, checks_chain: false, ..world.tls() };
    let codes =
        [&wrong_name, &untrusted, &world.server()].map(|server| connect(&server.uri("localhost"), &lenient));
    println!("lenient: {} {} {}", codes[0], codes[1], codes[2]);
}
