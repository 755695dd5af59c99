//! Keys and certificates in a token, named by `pkcs11:` URIs: SoftHSM through OpenSSL's engine or provider.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::async_support::client::{AsyncClient, Ending};
use crate::support::abi::{FAILURE, V3_1_1};
use crate::support::client::Client;
use crate::support::library::debian_library;
use crate::support::mosquitto::Directory;
use crate::support::options::{Tls, version};
use crate::support::program::end_of_own_process;
use crate::support::tls::{Identity, Subject, TlsServer, write};
use crate::support::wait::LIMIT;
use openssl::ssl::SslVerifyMode;
use std::path::Path;
use std::process::Command;

/// What a key is read through, in the directory for libraries or elsewhere. One is enough.
const WAYS: [&str; 4] = [
    "engines-3/pkcs11.so",
    "ossl-modules/pkcs11.so",
    "/usr/lib64/engines-3/pkcs11.so",
    "/usr/lib64/ossl-modules/pkcs11.so",
];

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

/// With characters that mean something in a URI.
const PIN: &str = "1?2&3=4";

fn first_there(paths: &[&'static str]) -> Option<&'static str> {
    paths.iter().find(|path| Path::new(path).exists()).copied()
}

/// Runs a tool on the token.
fn run(configuration: &str, program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    let output = command.args(arguments).env("SOFTHSM2_CONF", configuration).output().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
}

/// Makes a token with this identity in it. Its configuration.
fn make_token(directory: &Directory, module: &str, identity: &Identity) -> String {
    let tokens = directory.join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let lines = format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display());
    let configuration = write(directory, "softhsm2.conf", &lines);
    let key = write(directory, "key.pem", &identity.key_text());
    let certificate = directory.join("certificate").to_str().unwrap().to_owned();
    std::fs::write(&certificate, identity.certificate.to_der().unwrap()).unwrap();
    let softhsm = |arguments: &[&str]| run(&configuration, "softhsm2-util", arguments);
    softhsm(&["--init-token", "--free", "--label", "token", "--pin", PIN, "--so-pin", "4321"]);
    softhsm(&["--import", &key, "--token", "token", "--label", "mine", "--id", "01", "--pin", PIN]);
    let of_token = ["--module", module, "--token-label", "token", "--login", "--pin", PIN];
    let of_object = ["--write-object", &certificate, "--type", "cert", "--id", "01", "--label", "mine"];
    run(&configuration, "pkcs11-tool", &[&of_token[..], &of_object[..]].concat());
    configuration
}

#[test]
fn a_token_proves_who_the_client_is() {
    let (Some(module), Some(_)) =
        (first_there(&MODULES), WAYS.iter().find(|way| debian_library(way).exists()))
    else {
        eprintln!("left out: this system has no SoftHSM, or OpenSSL has no way to it");
        return;
    };
    if !Path::new("/usr/bin/pkcs11-tool").exists() {
        eprintln!("left out: this system has no OpenSC");
        return;
    }
    let (authority, directory) = (Identity::authority("test authority"), Directory::new("token"));
    let identity = || authority.issue(&Subject::named(&["localhost"]));
    let client = identity();
    let configuration = make_token(&directory, module, &client);
    let mut acceptor = identity().acceptor();
    acceptor.cert_store_mut().add_cert(authority.certificate.clone()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let server = TlsServer::start(acceptor);
    let values = [
        ("SOFTHSM2_CONF", configuration.as_str()),
        ("PKCS11_MODULE_PATH", module),
        ("PKCS11_PROVIDER_MODULE", module),
        ("TEST_URI", &server.uri("localhost")),
        ("TEST_TRUST_STORE", &authority.certificate_text()),
        ("TEST_CERTIFICATE", &client.certificate_text()),
        ("MQTT_C_CLIENT_TRACE", "ON"),
        ("MQTT_C_CLIENT_TRACE_LEVEL", "PROTOCOL"),
    ];
    let ended = end_of_own_process(LIMIT * 3, "tls_tokens::connect_with_a_token", &values);
    let printed = ended.output + &ended.errors;
    for _ in 0..6 {
        assert!(server.seen().has_certificate);
    }
    assert!(server.has_seen_nothing());
    assert!(
        printed.contains("loading the private key pkcs11:token=token;object=other;type=private"),
        "{printed}"
    );
    for pin in [PIN, "%31%3F%32", "1%3F2", "wrong", "987654"] {
        assert!(!printed.contains(pin), "a PIN in the log: {printed}");
    }
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn connect_with_a_token() {
    let value = |name: &str| std::env::var(format!("TEST_{name}")).unwrap();
    let (uri, key) = (value("URI"), "pkcs11:token=token;object=mine;type=private");
    let tls = |certificate: &str, key: &str, pin: Option<&str>| Tls {
        trust_store: Some(value("TRUST_STORE")),
        key_store: Some(certificate.into()),
        private_key: Some(key.into()),
        password: pin.map(str::to_owned),
        ..Tls::default()
    };
    // A token that was once opened stays so for the process.
    for pin in [Some("wrong"), None] {
        let connect = version(V3_1_1).tls(&tls(&value("CERTIFICATE"), key, pin));
        assert_eq!(Client::new(&uri, V3_1_1).connect(&connect).code, FAILURE, "{pin:?}");
    }
    let certificate = "pkcs11:token=token;object=mine;type=cert";
    let with_pin = format!("{key}?pin-value=1%3F2%263%3D4");
    for tls in [
        tls(&value("CERTIFICATE"), key, Some(PIN)),
        tls(&value("CERTIFICATE"), &with_pin, None),
        tls(certificate, key, Some(PIN)),
    ] {
        let connect = version(V3_1_1).tls(&tls);
        assert_eq!(Client::new(&uri, V3_1_1).connect(&connect).code, 0);
        assert_eq!(AsyncClient::new(&uri).connect(&connect), Ending::Done);
    }
    let other = "pkcs11:token=token;object=other;type=private";
    for other in [other, "pkcs11:token=token;object=other;pin-value=987654"] {
        let connect = version(V3_1_1).tls(&tls(&value("CERTIFICATE"), other, Some(PIN)));
        assert_eq!(Client::new(&uri, V3_1_1).connect(&connect).code, FAILURE);
    }
}
