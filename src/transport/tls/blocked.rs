//! Tests: a peer that reads nothing for a while, and has TLS itself write meanwhile.

use super::openssl_calls::update_keys;
use super::socket_io::SocketIo;
use super::stream::TlsStream;
use crate::locks::Foreign;
use crate::transport::stream::{Readiness, Stream};
use openssl::ssl::{ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslStream, SslVersion};
use rustix::event::{PollFd, PollFlags, poll};
use socket2::{Domain, Socket, Type};
use std::io::{self, IoSlice, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

const KEY: &[u8] = b"0123456789abcdef";
const BOTH: Readiness = Readiness { read: true, write: true };

fn context(method: SslMethod) -> SslContextBuilder {
    let mut context = SslContext::builder(method).unwrap();
    context.set_min_proto_version(Some(SslVersion::TLS1_3)).unwrap();
    context.set_ciphersuites("TLS_AES_128_GCM_SHA256").unwrap();
    context
}

fn give_key(room: &mut [u8]) -> usize {
    room[..KEY.len()].copy_from_slice(KEY);
    KEY.len()
}

/// The server's end of a connection; blocks.
fn accepted(socket: UnixStream) -> SslStream<UnixStream> {
    let mut context = context(SslMethod::tls_server());
    context.set_psk_server_callback(|_, _, key| Ok(give_key(key)));
    // Tickets would be one more thing to read.
    context.set_num_tickets(0).unwrap();
    let mut stream = SslStream::new(Ssl::new(&context.build()).unwrap(), socket).unwrap();
    stream.accept().unwrap();
    stream
}

fn connected(socket: Socket) -> TlsStream {
    let mut context = context(SslMethod::tls_client());
    context.set_psk_client_callback(|_, _, identity, key| {
        identity[..3].copy_from_slice(b"me\0");
        Ok(give_key(key))
    });
    let socket = Arc::new(socket);
    let io = SocketIo::new(socket.clone());
    let mut stream = SslStream::new(Ssl::new(&context.build()).unwrap(), io).unwrap();
    loop {
        stream.get_mut().begin_turn();
        match stream.connect() {
            Ok(()) => return TlsStream::new(socket, Foreign::new(stream), Arc::default()),
            Err(error) => assert_eq!(error.code(), ErrorCode::WANT_READ),
        }
        wait(&socket, Readiness { read: true, write: false });
    }
}

/// A client's stream, and what a server does with the other end.
fn between(serve: impl FnOnce(SslStream<UnixStream>) + Send + 'static) -> TlsStream {
    let (near, far) = Socket::pair(Domain::UNIX, Type::STREAM, None).unwrap();
    near.set_nonblocking(true).unwrap();
    let far = UnixStream::from(std::os::fd::OwnedFd::from(far));
    thread::spawn(move || serve(accepted(far)));
    connected(near)
}

fn wait(descriptor: &impl std::os::fd::AsFd, wanted: Readiness) {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, wanted.read);
    flags.set(PollFlags::OUT, wanted.write);
    poll(&mut [PollFd::new(descriptor, flags)], None).unwrap();
}

fn would_block<T: std::fmt::Debug>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Writes as much as there is room for. How much that was.
fn write_some(stream: &TlsStream, bytes: &[u8]) -> usize {
    let mut written = 0;
    while written < bytes.len() {
        let result = stream.write(&[IoSlice::new(&bytes[written..])]);
        if would_block(&result) {
            break;
        }
        written += result.unwrap();
    }
    written
}

#[test]
fn messages_of_tls_itself_may_come_behind_a_record_that_is_half_sent() {
    let payload: Vec<u8> = (0..4_000_000u32).map(|index| (index / 251 + index) as u8).collect();
    let (go, start) = channel();
    let (done, is_done) = channel();
    let expected = payload.clone();
    let stream = between(move |mut server| {
        start.recv().unwrap();
        for _ in 0..3 {
            update_keys(&mut server);
            server.do_handshake().unwrap();
        }
        done.send(false).unwrap();
        start.recv().unwrap();
        let mut received = vec![0; expected.len()];
        server.read_exact(&mut received).unwrap();
        server.write_all(b"answer").unwrap();
        // The end is an orderly one.
        assert_eq!(server.ssl_read(&mut [0]).unwrap_err().code(), ErrorCode::ZERO_RETURN);
        done.send(received == expected).unwrap();
    });
    let mut written = write_some(&stream, &payload);
    assert!(written < payload.len());
    go.send(()).unwrap();
    is_done.recv().unwrap();
    let mut read = Vec::with_capacity(100);
    assert!(would_block(&stream.read(&mut read)), "there is nothing but messages of TLS");
    assert!(would_block(&stream.write(&[IoSlice::new(&payload[written..])])));
    go.send(()).unwrap();
    while written < payload.len() {
        wait(&stream.descriptor(), stream.waits_for(Readiness { read: false, write: true }));
        written += write_some(&stream, &payload[written..]);
    }
    while would_block(&stream.read(&mut read)) {
        wait(&stream.descriptor(), stream.waits_for(Readiness { read: true, write: false }));
    }
    assert_eq!(read, b"answer");
    stream.finish();
    assert!(is_done.recv().unwrap());
}

#[test]
fn answers_that_nobody_reads_do_not_pile_up() {
    let stream = between(|mut server| {
        let mut asks = || {
            update_keys(&mut server);
            server.do_handshake()
        };
        // Ends when the client has gone.
        while asks().is_ok() {}
    });
    write_some(&stream, &vec![0; 4_000_000]);
    let (reading, mut read) = (Readiness { read: true, write: false }, Vec::with_capacity(100));
    while stream.waits_for(reading).read {
        wait(&stream.descriptor(), reading);
        assert!(would_block(&stream.read(&mut read)));
    }
    assert_eq!(stream.waits_for(reading), Readiness { read: false, write: true });
    assert_eq!(stream.allows(BOTH), BOTH);
    assert!(!stream.has_buffered());
    stream.shut_down();
}
