//! A TCP proxy before a broker, whose connections a test can cut.

use std::io::{Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// Passes everything on, until it is dropped.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    open: Mutex<Vec<TcpStream>>,
    /// How many more bytes pass, in both directions together, before all connections are cut; `NEVER`: no limit.
    left: Mutex<usize>,
    cuts: AtomicUsize,
    stopping: AtomicBool,
}

const NEVER: usize = usize::MAX;

impl Proxy {
    /// A proxy before the broker on this loopback port.
    pub(crate) fn to(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let shared = Arc::new(Shared { left: Mutex::new(NEVER), ..Shared::default() });
        let accepting = shared.clone();
        let own = listener.local_addr().unwrap().port();
        let acceptor = Some(thread::spawn(move || accept_until_stopped(&listener, port, &accepting)));
        Proxy { port: own, shared, acceptor }
    }

    pub(crate) fn uri(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Cuts the connections there are.
    pub(crate) fn cut(&self) {
        self.shared.cut();
    }

    /// Cuts the connections there are when so many more bytes have passed.
    pub(crate) fn cut_after(&self, bytes: usize) {
        *self.shared.left.lock().unwrap() = bytes;
    }

    /// How often connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port)));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        self.cut();
    }
}

impl Shared {
    fn cut(&self) {
        let mut open = self.open.lock().unwrap();
        open.drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }

    /// How many of these bytes still pass. If not all of them do, there is no limit any more: whoever is told so cuts,
    /// nobody else for the same limit.
    fn allow(&self, count: usize) -> usize {
        let mut left = self.left.lock().unwrap();
        match left.checked_sub(count) {
            _ if *left == NEVER => count,
            Some(rest) => {
                *left = rest;
                count
            }
            None => mem::replace(&mut left, NEVER),
        }
    }
}

fn accept_until_stopped(listener: &TcpListener, port: u16, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
        for stream in [&client, &server] {
            stream.set_nodelay(true).unwrap();
            shared.open.lock().unwrap().push(stream.try_clone().unwrap());
        }
        pass(client.try_clone().unwrap(), server.try_clone().unwrap(), shared.clone());
        pass(server, client, shared.clone());
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, shared: Arc<Shared>) {
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            let allowed = shared.allow(count);
            let passed = to.write_all(&chunk[..allowed]);
            if allowed < count {
                shared.cut();
            }
            if passed.is_err() {
                break;
            }
        }
        for stream in [&from, &to] {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
}
