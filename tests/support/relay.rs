//! A relay in front of a server that ends or stops connections behind any byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What a relay does when it has passed as many bytes to the client as it may.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Then {
    Close,
    /// As `Close`, where each connection has as many bytes.
    CloseEach,
    Stall,
}

/// A relay in front of a server.
pub(crate) struct Relay {
    pub(crate) port: u16,
    /// Bytes that may still go to the client.
    pub(crate) allowed: Arc<AtomicUsize>,
    /// Bytes that went to the client altogether.
    pub(crate) passed: Arc<AtomicUsize>,
}

impl Relay {
    /// Ends with the test's process.
    pub(crate) fn start(server: u16, then: Then) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (allowed, passed) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(0)));
        let counters = (allowed.clone(), passed.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let counters = match then {
                    Then::CloseEach => {
                        let allowed = counters.0.load(Ordering::SeqCst);
                        (Arc::new(AtomicUsize::new(allowed)), counters.1.clone())
                    }
                    Then::Close | Then::Stall => counters.clone(),
                };
                thread::spawn(move || pass(&client, &server, &counters.0, &counters.1, then));
            }
        });
        Relay { port, allowed, passed }
    }
}

/// How many of these bytes may still go to the client. Tests change the limit meanwhile.
fn take(allowed: &AtomicUsize, count: usize) -> usize {
    loop {
        let left = allowed.load(Ordering::SeqCst);
        let now = count.min(left);
        if allowed.compare_exchange(left, left - now, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            return now;
        }
    }
}

fn pass(client: &TcpStream, server: &TcpStream, allowed: &AtomicUsize, passed: &AtomicUsize, then: Then) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let upwards = thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut server, mut client) = (server, client);
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut chunk) {
        let now = take(allowed, count);
        // Counted first: the client may be quick.
        passed.fetch_add(now, Ordering::SeqCst);
        if client.write_all(&chunk[..now]).is_err() {
            break;
        }
        if now < count && then != Then::Stall {
            break;
        }
    }
    if then != Then::Stall {
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    }
    let _ = upwards.join();
}
