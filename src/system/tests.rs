//! Of this system, and with `portable` of others too: what compiles with wrong numbers, and would only go wrong later.

use super::{
    CANCEL_DISABLED, CANCEL_ENABLED, Event, SEND_FLAGS, is_privileged, rename_without_replacing, sleep,
    stack_bounds, standard_output, sync_data, thread_number, wake,
};
use core::ffi::c_int;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::send;
use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

fn set_cancel_state(state: c_int) -> c_int {
    let mut before = -1;
    // SAFETY: the variable lives through the call, which refuses other numbers.
    assert_eq!(unsafe { pthread_setcancelstate(state, &raw mut before) }, 0);
    before
}

#[test]
fn a_thread_begins_with_the_number_for_can_be_cancelled() {
    thread::spawn(|| {
        assert_eq!(set_cancel_state(CANCEL_DISABLED), CANCEL_ENABLED);
        assert_eq!(set_cancel_state(CANCEL_ENABLED), CANCEL_DISABLED);
    })
    .join()
    .unwrap();
}

#[test]
fn a_write_to_a_connection_that_has_ended_raises_no_signal() {
    let (near, far) = socket2::Socket::pair(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
    drop(far);
    // Rust's programs ignore the signal, applications do not.
    // SAFETY: the signal is ended by its default action, and no other thread of a test needs it.
    let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    assert_eq!(send(&near, b"x", SEND_FLAGS), Err(Errno::PIPE));
    // SAFETY: as it was.
    unsafe { libc::signal(libc::SIGPIPE, before) };
}

#[test]
fn threads_have_numbers_and_stacks_of_their_own() {
    let here = thread_number();
    assert_eq!(thread_number(), here);
    let (other, is_inside) = thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(|| {
            let (lowest, size) = stack_bounds().unwrap();
            let local = 0u8;
            let address = (&raw const local).addr();
            (
                thread_number(),
                (lowest..lowest + size).contains(&address) && (128 << 10..8 << 20).contains(&size),
            )
        })
        .unwrap()
        .join()
        .unwrap();
    assert_ne!(other, here);
    assert!(is_inside);
    assert!(!is_privileged());
}

#[test]
fn standard_output_is_that_of_c() {
    assert!(!standard_output().is_null());
    // SAFETY: an open stream of the C library.
    assert_eq!(unsafe { libc::fileno(standard_output()) }, 1);
}

#[test]
fn what_has_happened_can_be_waited_for() {
    let event = Event::new().unwrap();
    let is_ready = || {
        let mut polled = [PollFd::new(&event, PollFlags::IN)];
        poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() > 0
    };
    assert!(!is_ready());
    // Full or not, it never waits.
    (0..100_000).for_each(|_| event.happen());
    assert!(is_ready() && is_ready());
}

#[test]
fn a_file_is_renamed_unless_the_name_is_taken() {
    let directory = std::env::temp_dir().join(format!("paho-c-rs-system-{}", std::process::id()));
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("one"), "1").unwrap();
    fs::write(directory.join("two"), "2").unwrap();
    let opened = File::open(&directory).unwrap();
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(rename_without_replacing(&opened, "one", "two"), Err(Errno::EXIST));
    assert_eq!(rename_without_replacing(&opened, "one", "three"), Ok(()));
    assert_eq!(rename_without_replacing(&opened, "one", "four"), Err(Errno::NOENT));
    assert_eq!(names(), ["three", "two"]);
    assert_eq!(fs::read_to_string(directory.join("three")).unwrap(), "1");
    assert_eq!(sync_data(File::open(directory.join("two")).unwrap()), Ok(()));
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_sleep_on_a_word_ends_by_a_wake_a_limit_or_another_value() {
    let word = AtomicU32::new(0);
    let begin = Instant::now();
    sleep(&word, 1, None);
    sleep(&word, 0, Some(Duration::from_millis(20)));
    assert!(begin.elapsed() >= Duration::from_millis(20));
    thread::scope(|scope| {
        let sleeper = scope.spawn(|| {
            while word.load(Ordering::Relaxed) == 0 {
                sleep(&word, 0, None);
            }
        });
        word.store(1, Ordering::Relaxed);
        wake(&word, 1);
        sleeper.join().unwrap();
    });
}

/// The forked child has one thread, and the table of its parent in the middle of something.
#[test]
fn a_forked_child_can_sleep_and_wake() {
    let (word, stop) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while stop.load(Ordering::Relaxed) == 0 {
                sleep(&word, 0, Some(Duration::from_millis(1)));
                wake(&word, 1);
            }
        });
        for _ in 0..50 {
            // SAFETY: the child only sleeps and wakes, and ends.
            let child = unsafe { libc::fork() };
            if child == 0 {
                sleep(&word, 0, Some(Duration::from_millis(1)));
                wake(&word, 1);
                // SAFETY: ends the child without anything of the parent's.
                unsafe { libc::_exit(7) };
            }
            let mut status = 0;
            // SAFETY: the child is ours, and the variable lives through the call.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 7);
        }
        stop.store(1, Ordering::Relaxed);
    });
}

#[test]
fn the_connected_socket_is_not_told_to_wait() {
    let (near, _far) = UnixStream::pair().unwrap();
    let mut sent = Ok(1);
    while sent.is_ok() {
        sent = send(&near, &[0; 65536], SEND_FLAGS);
    }
    assert_eq!(sent, Err(Errno::AGAIN));
}
