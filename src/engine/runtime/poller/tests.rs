//! What every poller does, whatever the system offers.

use super::{Poller, Readiness, Token, Wakeup};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const READ: Readiness = Readiness { read: true, write: false };
const BOTH: Readiness = Readiness { read: true, write: true };
const LONG: u64 = 60_000;

/// A socket that is registered under this number, and its other end.
fn registered(poller: &Poller, number: usize) -> (UnixStream, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    poller.add(near.as_fd(), Token::new(number, 1)).unwrap();
    (near, far)
}

fn arm(poller: &Poller, socket: &UnixStream, number: usize, wanted: Readiness) {
    poller.arm(socket.as_fd(), Token::new(number, 1), wanted).unwrap();
}

fn number(found: &Wakeup) -> Option<usize> {
    match found {
        Wakeup::Ready(token, _) => Some(token.client()),
        Wakeup::Look => None,
    }
}

#[test]
fn a_socket_has_events_only_when_it_is_armed_and_one_each_time() {
    let poller = Poller::new().unwrap();
    let (near, mut far) = registered(&poller, 1);
    far.write_all(b"x").unwrap();
    assert!(poller.take_one().is_none(), "not armed yet");
    for _ in 0..3 {
        arm(&poller, &near, 1, BOTH);
        let Wakeup::Ready(token, ready) = poller.wait_one(LONG) else { panic!("no event") };
        assert_eq!((token, ready.read || ready.write), (Token::new(1, 1), true));
        assert!(poller.take_one().is_none(), "not armed any more");
    }
    arm(&poller, &near, 1, Readiness { read: false, write: true });
    assert!(matches!(poller.wait_one(LONG), Wakeup::Ready(_, Readiness { write: true, .. })));
    poller.remove(near.as_fd());
    assert!(poller.arm(near.as_fd(), Token::new(1, 1), READ).is_err());
    assert!(poller.take_one().is_none());
}

#[test]
fn the_end_of_a_connection_is_an_event() {
    let poller = Poller::new().unwrap();
    for wanted in [READ, BOTH] {
        let (near, far) = registered(&poller, 1);
        arm(&poller, &near, 1, wanted);
        drop(far);
        assert!(matches!(poller.wait_one(LONG), Wakeup::Ready(..)));
        poller.remove(near.as_fd());
    }
}

#[test]
fn a_wait_ends_in_time() {
    let (poller, begin) = (Poller::new().unwrap(), Instant::now());
    assert!(matches!(poller.wait_one(20), Wakeup::Look));
    assert!(begin.elapsed() >= Duration::from_millis(19));
    poller.wake();
    assert!(matches!(poller.wait_one(LONG), Wakeup::Look));
    assert!(poller.take_one().is_none(), "one call ends one wait");
}

#[test]
fn each_call_ends_the_wait_of_one_of_the_threads() {
    let (poller, ended) = (Poller::new().unwrap(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                poller.wait_one(LONG);
                ended.fetch_add(1, Ordering::SeqCst);
            });
        }
        for count in 1..=4 {
            poller.wake();
            while ended.load(Ordering::SeqCst) < count {
                thread::yield_now();
            }
        }
    });
}

#[test]
fn events_go_on_while_a_thread_that_has_one_is_busy() {
    let poller = Poller::new().unwrap();
    let mut pairs: Vec<_> = (0..3).map(|number| registered(&poller, number)).collect();
    pairs.iter().enumerate().for_each(|(number, pair)| arm(&poller, &pair.0, number, READ));
    let seen = Mutex::new(Vec::new());
    let count = || seen.lock().unwrap().len();
    thread::scope(|scope| {
        for _ in 0..3 {
            // None of them comes back.
            scope.spawn(|| {
                let found = number(&poller.wait_one(LONG));
                seen.lock().unwrap().push(found);
            });
        }
        for (number, pair) in pairs.iter_mut().enumerate() {
            pair.1.write_all(b"x").unwrap();
            while count() <= number {
                thread::yield_now();
            }
        }
    });
    assert_eq!(*seen.lock().unwrap(), [Some(0), Some(1), Some(2)]);
}

#[test]
fn of_many_threads_and_sockets_each_event_reaches_one() {
    const SOCKETS: usize = 8;
    const ROUNDS: usize = 400;
    let poller = Poller::new().unwrap();
    let pairs: Vec<_> = (0..SOCKETS).map(|number| registered(&poller, number)).collect();
    let busy: Vec<AtomicUsize> = (0..SOCKETS).map(|_| AtomicUsize::new(0)).collect();
    let served = AtomicUsize::new(0);
    pairs.iter().enumerate().for_each(|(number, pair)| arm(&poller, &pair.0, number, READ));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while served.load(Ordering::SeqCst) < SOCKETS * ROUNDS {
                    let Some(number) = number(&poller.wait_one(LONG)) else { continue };
                    assert_eq!(busy[number].fetch_add(1, Ordering::SeqCst), 0, "two threads for one socket");
                    let mut byte = [0];
                    (&pairs[number].0).read_exact(&mut byte).unwrap();
                    busy[number].fetch_sub(1, Ordering::SeqCst);
                    if served.fetch_add(1, Ordering::SeqCst) + 1 == SOCKETS * ROUNDS {
                        (0..4).for_each(|_| poller.wake());
                    }
                    arm(&poller, &pairs[number].0, number, READ);
                }
                // The next one gets the call too.
                poller.wake();
            });
        }
        for _ in 0..ROUNDS {
            pairs.iter().for_each(|pair| (&pair.1).write_all(b"x").unwrap());
        }
    });
    assert_eq!(served.into_inner(), SOCKETS * ROUNDS);
}

#[test]
fn a_socket_that_was_closed_without_being_removed_leaves_its_number_usable() {
    let poller = Poller::new().unwrap();
    let (near, _far) = registered(&poller, 1);
    arm(&poller, &near, 1, READ);
    drop(near);
    let (near, mut far) = registered(&poller, 2);
    far.write_all(b"x").unwrap();
    arm(&poller, &near, 2, READ);
    assert_eq!(number(&poller.wait_one(LONG)), Some(2));
}
