//! HTTP proxies: through tinyproxy, and what comes of proxies that refuse.

use crate::support::abi::{FAILURE, V3_1_1};
use crate::support::client::Client;
use crate::support::mosquitto::{Directory, Mosquitto, die_with_parent, free_port};
use crate::support::options::{Connect, Tls, version};
use crate::support::program::{in_own_process, in_privileged_process};
use crate::support::tls::{Identity, Subject, TlsServer};
use crate::support::wait::{LIMIT, until};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A running tinyproxy; killed when dropped.
struct Tinyproxy {
    process: Child,
    port: u16,
    directory: Directory,
}

impl Tinyproxy {
    /// None if it is not installed.
    fn start(credentials: &str) -> Option<Tinyproxy> {
        let program = Path::new("/usr/bin/tinyproxy");
        if !program.exists() {
            #[allow(clippy::print_stderr, reason = "whoever runs the tests should know what was left out")]
            {
                eprintln!("left out: tinyproxy is not installed");
            }
            return None;
        }
        for _ in 0..20 {
            let (directory, port) = (Directory::new("tinyproxy"), free_port());
            let (file, log) = (directory.join("configuration"), directory.join("log"));
            let lines = format!(
                "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nLogLevel Connect\nLogFile \"{}\"\n{credentials}\n",
                log.display()
            );
            fs::write(&file, lines).unwrap();
            let mut command = Command::new(program);
            command
                .arg("-d")
                .arg("-c")
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            die_with_parent(&mut command);
            let mut process = command.spawn().unwrap();
            let mut ended = false;
            until("tinyproxy's first answer", || {
                ended = process.try_wait().unwrap().is_some();
                ended || TcpStream::connect(("127.0.0.1", port)).is_ok()
            });
            if !ended {
                return Some(Tinyproxy { process, port, directory });
            }
        }
        panic!("tinyproxy did not start on any of 20 free ports");
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn through(http: Option<String>, https: Option<String>) -> Connect {
    Connect { http_proxy: http, https_proxy: https, ..version(V3_1_1) }
}

fn exchange(client: &Client) {
    client.subscribe_ok("topic", 1);
    client.publish_ok("topic", 1, b"through the proxy");
    assert_eq!(client.receive_ok().payload, b"through the proxy");
    assert_eq!(client.disconnect(1000), 0);
}

#[test]
fn a_real_proxy_without_credentials() {
    let Some(proxy) = Tinyproxy::start("") else { return };
    let broker = Mosquitto::start();
    for url in [format!("http://127.0.0.1:{}", proxy.port), format!("localhost:{}/x", proxy.port)] {
        let client = Client::new(&broker.uri(), V3_1_1);
        client.connect_ok(&through(Some(url), None));
        exchange(&client);
    }
    assert!(proxy.log().contains(&format!("CONNECT 127.0.0.1:{}", broker.port())), "{}", proxy.log());
}

#[test]
fn a_real_proxy_with_credentials() {
    let Some(proxy) = Tinyproxy::start("BasicAuth user secret") else { return };
    let broker = Mosquitto::start();
    let client = Client::new(&broker.uri(), V3_1_1);
    let url = |credentials: &str| Some(format!("http://{credentials}127.0.0.1:{}", proxy.port));
    client.connect_ok(&through(url("user:s%65cret@"), None));
    exchange(&client);
    for wrong in ["", "user:wrong@", "user@"] {
        let begin = Instant::now();
        assert_eq!(client.connect(&through(url(wrong), None)).code, FAILURE);
        assert!(begin.elapsed() < Duration::from_secs(5), "a refusal is no time-out");
    }
}

#[test]
fn tls_and_websockets_go_through_a_proxy() {
    let Some(proxy) = Tinyproxy::start("") else { return };
    let url = || Some(format!("http://127.0.0.1:{}", proxy.port));
    let (_broker, port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    let client = Client::new(&format!("ws://localhost:{port}"), V3_1_1);
    client.connect_ok(&through(url(), None));
    exchange(&client);
    if cfg!(feature = "tls") {
        let server = TlsServer::start(Identity::self_signed(&Subject::named(&["localhost"])).acceptor());
        let tls = Tls { checks_chain: false, checks_host: true, ..Tls::default() };
        for (http, https) in [(None, url()), (url(), None), (Some("127.0.0.1:1".to_owned()), url())] {
            let client = Client::new(&server.uri("localhost"), V3_1_1);
            client.connect_ok(&through(http, https).tls(&tls));
            assert_eq!(server.seen().name.as_deref(), Some("localhost"));
        }
    }
}

/// A proxy for one connection: gives what it is asked, answers in these pieces, and reads on to the end.
fn proxy(pieces: &'static [&'static str]) -> (u16, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).unwrap(), 1);
            request.push(byte[0]);
        }
        for piece in pieces {
            stream.write_all(piece.as_bytes()).unwrap();
        }
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        (String::from_utf8(request).unwrap(), rest)
    });
    (port, thread)
}

#[test]
fn the_request_names_the_server_and_who_asks() {
    // CONNACK comes with the answer already.
    let (port, thread) = proxy(&["HTTP/1.1 ", "200 OK\r\nVia: x\r", "\n\r\n\x20\x02\0\0"]);
    let client = Client::new("tcp://broker.example", V3_1_1);
    client.connect_ok(&through(Some(format!("http://us%40er:pw@127.0.0.1:{port}")), None));
    client.disconnect(0);
    let (request, rest) = thread.join().unwrap();
    assert_eq!(
        request,
        "CONNECT broker.example:1883 HTTP/1.1\r\nHost: broker.example\r\nProxy-authorization: Basic dXNAZXI6cHc=\r\n\r\n"
    );
    assert_eq!(rest[0], 0x10);
}

#[test]
fn the_headers_of_the_answer_do_not_matter() {
    // CONNACK comes with each answer: what is taken for a part of the answer is lost.
    for answer in [
        &["HTTP/1.1 200 OK\r\nA B: c\r\nno colon\r\n\r\n\x20\x02\0\0"][..],
        &["HTTP/1.1 200 OK\n\n\x20\x02\0\0"],
        &["HTTP/1.1 200 OK\nVia: x\n", "\n\x20\x02\0\0"],
        &["\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n\x20\x02\0\0"],
    ] {
        let (port, thread) = proxy(answer);
        let client = Client::new("tcp://broker.example", V3_1_1);
        client.connect_ok(&through(Some(format!("127.0.0.1:{port}")), None));
        client.disconnect(0);
        assert_eq!(thread.join().unwrap().1[0], 0x10);
    }
}

#[test]
fn a_refusal_fails_at_once() {
    for answer in [
        &["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"][..],
        &["HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"],
        &["HTTP/1.1 301 Moved\r\n\r\n"],
        &["no HTTP at all\r\n\r\n"],
    ] {
        let (port, thread) = proxy(answer);
        let client = Client::new("tcp://broker.example:1", V3_1_1);
        let begin = Instant::now();
        let connect = through(Some(format!("127.0.0.1:{port}")), None);
        assert_eq!(client.connect(&connect).code, FAILURE);
        assert!(begin.elapsed() < Duration::from_secs(5));
        assert_eq!(thread.join().unwrap().1, b"", "nothing is sent to a proxy that refuses");
    }
}

#[test]
fn a_silent_proxy_costs_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let client = Client::new("tcp://broker.example:1", V3_1_1);
    let begin = Instant::now();
    assert_eq!(client.connect(&through(Some(url), None).timeout(1)).code, FAILURE);
    let took = begin.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_millis(1500)).contains(&took), "{took:?}");
}

#[test]
fn the_environment_names_a_proxy_where_that_is_allowed() {
    let broker = Mosquitto::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let (url, uri) = (format!("http://user:secret@{nobody}"), broker.uri());
    let code = |allowed: &str, exceptions: &str| {
        let values = [
            ("http_proxy", url.as_str()),
            ("PAHO_C_CLIENT_USE_HTTP_PROXY", allowed),
            ("no_proxy", exceptions),
            ("TEST_BROKER", uri.as_str()),
            ("MQTT_C_CLIENT_TRACE", "ON"),
            ("MQTT_C_CLIENT_TRACE_LEVEL", "PROTOCOL"),
        ];
        let printed = in_own_process("proxies::print_connect", &values);
        assert!(!printed.contains("secret") && !printed.contains("dXNlcjpzZWNyZXQ="), "{printed}");
        (printed.contains("code: 0"), printed)
    };
    assert!(code("true", "").0);
    assert!(code("TRUE", "127.0.0.1").0);
    let (connected, printed) = code("TRUE", "localhost");
    assert!(!connected);
    assert!(printed.contains("Setting http proxy auth to ***"), "{printed}");
}

#[test]
fn a_set_user_id_program_does_not_obey_the_environment() {
    let broker = Mosquitto::start();
    let (port, thread) = proxy(&["HTTP/1.1 200 OK\r\n\r\n\x20\x02\0\0"]);
    let (url, uri) = (format!("http://127.0.0.1:{port}"), broker.uri());
    let values = [
        ("http_proxy", url.as_str()),
        ("PAHO_C_CLIENT_USE_HTTP_PROXY", "TRUE"),
        ("TEST_BROKER", uri.as_str()),
        ("MQTT_C_CLIENT_TRACE", "ON"),
    ];
    let Some(printed) = in_privileged_process("proxies::print_connect", &values) else { return };
    assert!(printed.contains("code: 0") && !printed.contains("proxy"), "{printed}");
    assert!(!thread.is_finished(), "the proxy was used: {printed}");
    in_own_process("proxies::print_connect", &values);
    thread.join().unwrap();
}

#[test]
fn credentials_are_not_in_the_trace() {
    let (port, thread) = proxy(&["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"]);
    let url = format!("http://user:secret@127.0.0.1:{port}");
    let values = [
        ("http_proxy", url.as_str()),
        ("PAHO_C_CLIENT_USE_HTTP_PROXY", "TRUE"),
        ("TEST_BROKER", "tcp://broker.example"),
        ("MQTT_C_CLIENT_TRACE", "ON"),
        ("MQTT_C_CLIENT_TRACE_LEVEL", "PROTOCOL"),
    ];
    let printed = in_own_process("proxies::print_connect", &values);
    assert!(thread.join().unwrap().0.contains("dXNlcjpzZWNyZXQ="));
    assert!(!printed.contains("secret") && !printed.contains("dXNlcjpzZWNyZXQ="), "{printed}");
    assert!(printed.contains("Proxy-authorization: Basic ***"), "{printed}");
    assert!(printed.contains("407 Proxy Authentication Required"), "{printed}");
}

#[test]
fn user_information_of_a_uri_is_not_in_the_trace() {
    let (port, _thread) = proxy(&["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"]);
    let proxy = format!("http://127.0.0.1:{port}");
    for (uri, allowed, exceptions) in [
        ("ws://user:secret@127.0.0.1:1/mqtt", "", ""),
        ("ws://user:sec/secret@127.0.0.1:1/mqtt", "", ""),
        ("tcp://user:secret@127.0.0.1:x", "", ""),
        ("ws://user:secret@127.0.0.1:1/mqtt", "TRUE", ""),
        ("ws://user:secret@127.0.0.1:1/mqtt", "TRUE", "*"),
    ] {
        let values = [
            ("http_proxy", proxy.as_str()),
            ("PAHO_C_CLIENT_USE_HTTP_PROXY", allowed),
            ("no_proxy", exceptions),
            ("TEST_BROKER", uri),
            ("MQTT_C_CLIENT_TRACE", "ON"),
            ("MQTT_C_CLIENT_TRACE_LEVEL", "MAXIMUM"),
        ];
        let printed = in_own_process("proxies::print_connect", &values);
        assert!(printed.contains("***@127.0.0.1") && !printed.contains("secret"), "{printed}");
    }
}

#[test]
#[ignore = "prints for another test"]
fn print_connect() {
    let client = Client::new(&std::env::var("TEST_BROKER").unwrap(), V3_1_1);
    println!("code: {}", client.connect(&version(V3_1_1)).code);
}
