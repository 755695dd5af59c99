//! Certificates made for a test, and servers that speak TLS.

use super::mosquitto::Directory;
use super::packet::{CONNECT, PUBLISH, SUBSCRIBE};
use super::wait::LIMIT;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslMethod, SslStream};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

/// What a certificate is for.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) common_name: String,
    pub(crate) names: Vec<String>,
    pub(crate) addresses: Vec<String>,
    /// Its time is over.
    pub(crate) expired: bool,
}

impl Subject {
    pub(crate) fn named(names: &[&str]) -> Subject {
        Subject {
            common_name: "test".into(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            addresses: Vec::new(),
            expired: false,
        }
    }

    pub(crate) fn addressed(addresses: &[&str]) -> Subject {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        Subject { addresses, ..Subject::named(&[]) }
    }

    pub(crate) fn with_common_name(name: &str) -> Subject {
        Subject { common_name: name.into(), ..Subject::named(&[]) }
    }

    pub(crate) fn expired(self) -> Subject {
        Subject { expired: true, ..self }
    }
}

impl Identity {
    /// An authority that nobody has vouched for.
    pub(crate) fn authority(name: &str) -> Identity {
        let key = new_key();
        let certificate = build(&Subject::with_common_name(name), &key, None, true);
        Identity { certificate, key }
    }

    pub(crate) fn self_signed(subject: &Subject) -> Identity {
        let key = common_key();
        Identity { certificate: build(subject, &key, None, false), key }
    }

    /// A certificate that this authority has signed.
    pub(crate) fn issue(&self, subject: &Subject) -> Identity {
        let key = common_key();
        Identity { certificate: build(subject, &key, Some(self), false), key }
    }

    pub(crate) fn certificate_text(&self) -> String {
        String::from_utf8(self.certificate.to_pem().unwrap()).unwrap()
    }

    pub(crate) fn key_text(&self) -> String {
        String::from_utf8(self.key.private_key_to_pem_pkcs8().unwrap()).unwrap()
    }

    /// The key, encrypted.
    pub(crate) fn locked_key_text(&self, password: &str) -> String {
        let cipher = openssl::symm::Cipher::aes_128_cbc();
        let text = self.key.private_key_to_pem_pkcs8_passphrase(cipher, password.as_bytes());
        String::from_utf8(text.unwrap()).unwrap()
    }

    /// Writes both into files of a directory. Their names: certificate, key.
    pub(crate) fn save(&self, directory: &Directory, name: &str) -> (String, String) {
        let certificate = write(directory, &format!("{name}.crt"), &self.certificate_text());
        (certificate, write(directory, &format!("{name}.key"), &self.key_text()))
    }

    /// What a server with this certificate begins with.
    pub(crate) fn acceptor(&self) -> SslAcceptorBuilder {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
        acceptor.set_certificate(&self.certificate).unwrap();
        acceptor.set_private_key(&self.key).unwrap();
        acceptor
    }
}

pub(crate) fn write(directory: &Directory, name: &str, text: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The key of all but authorities: making one takes time.
fn common_key() -> PKey<Private> {
    static KEY: OnceLock<PKey<Private>> = OnceLock::new();
    KEY.get_or_init(new_key).clone()
}

fn new_key() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

fn build(subject: &Subject, key: &PKey<Private>, issuer: Option<&Identity>, authority: bool) -> X509 {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", &subject.common_name).unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(64, openssl::bn::MsbOption::MAYBE_ZERO, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(issuer.map_or(&name, |issuer| issuer.certificate.subject_name())).unwrap();
    builder.set_pubkey(key).unwrap();
    let (from, until) = match subject.expired {
        true => (Asn1Time::from_unix(1_000_000), Asn1Time::from_unix(2_000_000)),
        false => (Asn1Time::days_from_now(0), Asn1Time::days_from_now(30)),
    };
    builder.set_not_before(&from.unwrap()).unwrap();
    builder.set_not_after(&until.unwrap()).unwrap();
    if authority {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    }
    if !subject.names.is_empty() || !subject.addresses.is_empty() {
        let mut alternatives = SubjectAlternativeName::new();
        for name in &subject.names {
            alternatives.dns(name);
        }
        for address in &subject.addresses {
            alternatives.ip(address);
        }
        let context = builder.x509v3_context(issuer.map(|issuer| &*issuer.certificate), None);
        let extension = alternatives.build(&context).unwrap();
        builder.append_extension(extension).unwrap();
    }
    builder.sign(issuer.map_or(key, |issuer| &issuer.key), MessageDigest::sha256()).unwrap();
    builder.build()
}

/// What a server saw of one connection whose handshake succeeded.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) version: String,
    pub(crate) cipher: String,
    pub(crate) name: Option<String>,
    pub(crate) protocol: Option<Vec<u8>>,
    pub(crate) resumed: bool,
    pub(crate) has_certificate: bool,
}

/// A server that speaks TLS, accepts every client and answers as far as it must.
pub(crate) struct TlsServer {
    port: u16,
    seen: Receiver<Seen>,
}

impl TlsServer {
    /// Ends with the test's process.
    pub(crate) fn start(acceptor: SslAcceptorBuilder) -> TlsServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = channel();
        let acceptor = acceptor.build();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                thread::spawn(move || {
                    stream.set_nodelay(true).unwrap();
                    let Ok(mut stream) = acceptor.accept(stream) else { return };
                    if sender.send(seen_of(&stream)).is_ok() {
                        serve(&mut stream);
                    }
                });
            }
        });
        TlsServer { port, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn uri(&self, host: &str) -> String {
        format!("ssl://{host}:{}", self.port)
    }

    /// The next connection.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.recv_timeout(LIMIT).expect("a handshake")
    }

    pub(crate) fn has_seen_nothing(&self) -> bool {
        self.seen.try_recv().is_err()
    }
}

/// A server that answers the first bytes behind each handshake with this and closes. Ends with the test's process. Its port.
pub(crate) fn tls_answering(acceptor: SslAcceptorBuilder, answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, acceptor) = (listener.local_addr().unwrap().port(), acceptor.build());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut stream) = acceptor.accept(stream) else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
            let _ = stream.shutdown();
        }
    });
    port
}

fn seen_of(stream: &SslStream<TcpStream>) -> Seen {
    let ssl = stream.ssl();
    Seen {
        version: ssl.version_str().into(),
        cipher: ssl.current_cipher().map_or("", |cipher| cipher.name()).into(),
        name: ssl.servername(openssl::ssl::NameType::HOST_NAME).map(str::to_owned),
        protocol: ssl.selected_alpn_protocol().map(<[u8]>::to_vec),
        resumed: ssl.session_reused(),
        has_certificate: ssl.peer_certificate().is_some(),
    }
}

/// CONNACK, SUBACK and PUBACK to short packets of MQTT 3.1.1, until the client goes.
fn serve(stream: &mut SslStream<TcpStream>) {
    let mut head = [0; 2];
    while stream.read_exact(&mut head).is_ok() {
        let mut body = vec![0; usize::from(head[1])];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let answer = match head[0] >> 4 {
            CONNECT => vec![0x20, 2, 0, 0],
            SUBSCRIBE => vec![0x90, 3, body[0], body[1], 1],
            PUBLISH if head[0] & 6 == 2 => {
                let topic = usize::from(body[1]);
                vec![0x40, 2, body[2 + topic], body[3 + topic]]
            }
            12 => vec![0xD0, 0],
            14 => break,
            _ => continue,
        };
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
    let _ = stream.shutdown();
}
