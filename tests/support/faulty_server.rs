//! Servers that do not answer, or always the same.

use super::wait::{LIMIT, until};
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// A port that takes no connection and refuses none: the queue of its listener is full.
pub(crate) struct BlackHole {
    port: u16,
    _listener: Socket,
    _queue: Vec<Socket>,
}

impl BlackHole {
    pub(crate) fn new() -> BlackHole {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let queue = (0..4).map(|_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address);
            socket
        });
        let queue = queue.collect();
        let port = address.as_socket().unwrap().port();
        let hole = BlackHole { port, _listener: listener, _queue: queue };
        // One or two of these have found room in the queue, the others try again and again.
        until("the queue is full", || (2..4).contains(&hole.callers()));
        hole
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many sockets of this machine wait to be connected to it.
    pub(crate) fn callers(&self) -> usize {
        let address = format!("0100007F:{:04X}", self.port);
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        table.lines().filter(|line| line.split_whitespace().skip(2).take(2).eq([&*address, "02"])).count()
    }
}

/// A server that accepts connections and never says a word.
pub(crate) struct Mute(TcpListener);

impl Mute {
    pub(crate) fn new() -> Mute {
        Mute(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The next client, when it has said something.
    pub(crate) fn client(&self) -> TcpStream {
        let (mut client, _) = self.0.accept().unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap(), 1);
        client
    }
}

/// A server that answers the first bytes of every connection with this and closes it. Ends with the test's process.
pub(crate) fn answering(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    port
}

/// A server that accepts connections, with little room for what clients send, and never reads. Ends with the test's process.
pub(crate) struct Deaf(u16);

impl Deaf {
    pub(crate) fn new() -> Deaf {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.set_recv_buffer_size(2048).unwrap();
        listener.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).unwrap();
        listener.listen(64).unwrap();
        let port = listener.local_addr().unwrap().as_socket().unwrap().port();
        thread::spawn(move || {
            let mut clients = Vec::new();
            while let Ok(client) = listener.accept() {
                clients.push(client);
            }
        });
        Deaf(port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0
    }
}

/// A server that reads what clients send, and never says a word. Ends with the test's process. Its port.
pub(crate) fn listening() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || std::io::copy(&mut stream, &mut std::io::sink()));
        }
    });
    port
}
