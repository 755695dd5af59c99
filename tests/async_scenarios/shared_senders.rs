//! Several threads send through one client faster than results are told.

use crate::async_support::handle::*;
use crate::support::c_interface::*;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

const THREADS: usize = 4;
const MESSAGES: usize = 500;

/// What the callbacks are given: how many results were told, and whether they may be.
#[derive(Default)]
struct Results {
    told: Mutex<usize>,
    changed: Condvar,
    open: Mutex<bool>,
    opened: Condvar,
}

impl Results {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn wait_for(&self, count: usize) {
        let told = self.told.lock().unwrap();
        let limit = Duration::from_secs(60);
        let (told, _) = self.changed.wait_timeout_while(told, limit, |told| *told < count).unwrap();
        assert_eq!(*told, count);
    }
}

/// Stays in the first result until they may be told.
unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let results = unsafe { &*context.cast::<Results>() };
    drop(results.opened.wait_while(results.open.lock().unwrap(), |open| !*open).unwrap());
    *results.told.lock().unwrap() += 1;
    results.changed.notify_all();
}

fn send(handle: usize, results: &Results, qos: c_int) {
    let mut response = response_options();
    response.context = ptr::from_ref(results).cast_mut().cast();
    response.onSuccess = Some(succeeded);
    let handle = ptr::without_provenance_mut(handle);
    let payload = c"a message".as_ptr().cast();
    let code = unsafe { MQTTAsync_send(handle, c"t".as_ptr(), 9, payload, qos, 0, &raw mut response) };
    assert_eq!(code, 0);
}

fn run(qos: c_int, is_open_before: bool) {
    let server = Server::start(Script::default());
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let results: &Results = Box::leak(Box::default());
    if is_open_before {
        results.open();
    }
    let address = handle.0.addr();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..MESSAGES).for_each(|_| send(address, results, qos)));
        }
    });
    // All calls have returned, whatever the callbacks do.
    results.open();
    results.wait_for(THREADS * MESSAGES);
}

#[test]
fn each_message_has_its_result() {
    for qos in [0, 1] {
        run(qos, true);
    }
}

#[test]
fn no_call_waits_for_a_callback_that_hangs() {
    for qos in [0, 1] {
        run(qos, false);
    }
}
