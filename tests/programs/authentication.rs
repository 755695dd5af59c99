//! The SCRAM-SHA-256 example: against a server of this test, and against mosquitto with a plugin.

use crate::support::broker::{Listener, Peer};
use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::packet::*;
use crate::support::program::{Ended, Running};
use crate::support::wait::LIMIT;
use openssl::base64;
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::sign::Signer;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

const PRINTED: &str = "Connected: both sides know the password\nAuthenticated again\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn compile(directory: &Directory, source: &str, arguments: &[&str]) -> PathBuf {
    let output = directory.join(Path::new(source).with_extension("out").file_name().unwrap());
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]);
    command.arg("-I").arg(root().join("include")).arg(root().join(source)).args(arguments);
    let compiled = command.arg("-o").arg(&output).output().expect("a compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    output
}

fn is_there(header: &str) -> bool {
    let is_there = Path::new("/usr/include").join(header).exists();
    if !is_there {
        println!("skipped: {header} is not installed");
    }
    is_there
}

fn example(directory: &Directory) -> PathBuf {
    let library = library_path();
    compile(directory, "c_examples/scram_authentication.c", &[library.to_str().unwrap(), "-lcrypto"])
}

fn run(program: &Path, uri: &str, password: &str) -> Ended {
    let mut command = Command::new(program);
    command.args([uri, "user", password]).env("LD_LIBRARY_PATH", library_path().parent().unwrap());
    Running::start(&mut command).wait(LIMIT)
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let key = PKey::hmac(key).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.sign_oneshot_to_vec(text.as_bytes()).unwrap()
}

fn auth(reason: u8, data: &str) -> Vec<u8> {
    packet(0xf0, &[&[reason][..], &properties(5, &authentication(data))].concat())
}

fn authentication(data: &str) -> Vec<u8> {
    [&[21][..], &string(b"SCRAM-SHA-256"), &[22], &string(data.as_bytes())].concat()
}

/// The data in an AUTH packet of the client.
fn data_of(packet: &Packet) -> String {
    let (_, width) = variable_integer(&packet.body[1..]).unwrap();
    data(&packet.body[1 + width..])
}

/// What properties say that are method and data.
fn data(properties: &[u8]) -> String {
    let expected = authentication("");
    let (head, rest) = properties.split_at(expected.len());
    assert_eq!(head[..head.len() - 2], expected[..expected.len() - 2]);
    String::from_utf8(rest.to_vec()).unwrap()
}

/// The server's part of one exchange, which begins with `first`. What it says last, if the client knows the password.
fn exchange(peer: &mut Peer, first: &str) -> Option<String> {
    let first_bare = first.strip_prefix("n,,").unwrap();
    let nonce = first_bare.strip_prefix("n=user,r=").unwrap();
    let server_first = format!("r={nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    peer.send(&auth(0x18, &server_first));
    let answer = peer.expect(15);
    let last = data_of(&answer);
    let (without_proof, proof) = last.split_once(",p=").unwrap();
    let message = format!("{first_bare},{server_first},{without_proof}");
    let mut salted = [0; 32];
    let salt = base64::decode_block("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    pbkdf2_hmac(b"pencil", &salt, 4096, MessageDigest::sha256(), &mut salted).unwrap();
    let key = hmac(&salted, "Client Key");
    let signature = hmac(&sha256(&key), &message);
    let expected: Vec<u8> = key.iter().zip(&signature).map(|(key, signature)| key ^ signature).collect();
    let server_signature = hmac(&hmac(&salted, "Server Key"), &message);
    (base64::decode_block(proof).unwrap() == expected)
        .then(|| format!("v={}", base64::encode_block(&server_signature)))
}

#[test]
fn scram_with_a_server_that_knows_the_password_and_one_that_does_not() {
    if !is_there("openssl/evp.h") {
        return;
    }
    let directory = Directory::new("scram");
    let program = example(&directory);
    for knows in [true, false] {
        let listener = Listener::new();
        let uri = listener.uri();
        let server = thread::spawn(move || {
            let mut peer = listener.accept();
            let first = data(&peer.expect(CONNECT).connect().properties);
            let mut proof = exchange(&mut peer, &first).expect("the password");
            if !knows {
                proof = proof.replace('=', "A");
            }
            peer.send(&connack(5, false, 0, &authentication(&proof)));
            if !knows {
                assert_eq!(peer.expect(DISCONNECT).disconnect_reason(), 0x80);
                return peer.expect_end();
            }
            let again = peer.expect(15);
            assert_eq!(again.body[0], 0x19);
            let proof = exchange(&mut peer, &data_of(&again)).expect("the password");
            peer.send(&auth(0, &proof));
            peer.expect(DISCONNECT);
        });
        let ended = run(&program, &uri, "pencil");
        server.join().unwrap();
        if knows {
            assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
            assert_eq!(ended.output, PRINTED);
        } else {
            assert_eq!(ended.status.code(), Some(1), "{ended:?}");
            assert!(ended.errors.contains("the application refused"), "{ended:?}");
        }
    }
}

#[test]
fn scram_with_mosquitto_and_a_plugin() {
    if !is_there("mosquitto_broker.h") || !is_there("openssl/evp.h") {
        return;
    }
    let directory = Directory::new("scram");
    let plugin = compile(&directory, "tests/c/scram_plugin.c", &["-shared", "-fPIC", "-lcrypto"]);
    let broker = Mosquitto::start_with(&format!("plugin {}", plugin.display()));
    let program = example(&directory);
    let ended = run(&program, &broker.uri(), "pencil");
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}, {}", broker.log());
    assert_eq!(ended.output, PRINTED);
    let refused = run(&program, &broker.uri(), "crayon");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(refused.errors.contains("Connecting failed"), "{refused:?}");
}
