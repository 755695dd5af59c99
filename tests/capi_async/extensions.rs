//! `MQTTAsyncExt.h`: options by name, statistics, and the last failure, of the asynchronous interface.

use crate::async_support::handle::*;
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

fn set(handle: MQTTAsync, name: &CStr, value: &CStr) -> (c_int, String) {
    let mut reason = [b'x' as c_char; 200];
    let code = unsafe {
        MQTTAsyncExt_setOption(handle, name.as_ptr(), value.as_ptr(), reason.as_mut_ptr(), reason.len())
    };
    (code, unsafe { CStr::from_ptr(reason.as_ptr()) }.to_str().unwrap().to_owned())
}

fn statistics(handle: &Handle) -> MQTTExt_statistics {
    let mut statistics =
        MQTTExt_statistics { struct_id: struct_id(b"MQXS"), ..MQTTExt_statistics::default() };
    assert_eq!(unsafe { MQTTAsyncExt_getStatistics(handle.0, &raw mut statistics) }, 0);
    statistics
}

fn last_error(handle: &Handle) -> (c_int, String) {
    let (mut code, mut buffer) = (77, [0; 200]);
    let to = buffer.as_mut_ptr();
    assert_eq!(unsafe { MQTTAsyncExt_getLastError(handle.0, &raw mut code, to, 200) }, 0);
    (code, unsafe { CStr::from_ptr(to) }.to_str().unwrap().to_owned())
}

#[test]
fn invalid_handles_and_arguments_have_their_codes() {
    let handle = Handle::new(4);
    let stale = {
        let gone = Handle::new(4);
        gone.0
    };
    let (name, mut size, mut code) = (c"strict".as_ptr(), 0, 0);
    let mut given = MQTTExt_statistics::default();
    for bad in [ptr::null_mut(), stale, (&raw mut given).cast()] {
        assert_eq!(set(bad, c"strict", c"true"), (-1, "Failure".to_owned()));
        assert_eq!(unsafe { MQTTAsyncExt_getOption(bad, name, ptr::null_mut(), &raw mut size) }, -1);
        assert_eq!(unsafe { MQTTAsyncExt_getStatistics(bad, &raw mut given) }, -1);
        assert_eq!(unsafe { MQTTAsyncExt_getLastError(bad, &raw mut code, ptr::null_mut(), 0) }, -1);
    }
    assert_eq!(set(handle.0, c"strange", c"true").0, -45);
    assert_eq!(set(handle.0, c"strict", c"maybe").0, -46);
    assert_eq!(unsafe { MQTTAsyncExt_getOption(handle.0, ptr::null(), ptr::null_mut(), &raw mut size) }, -6);
    assert_eq!(unsafe { MQTTAsyncExt_getStatistics(handle.0, ptr::null_mut()) }, -6);
    assert_eq!(unsafe { MQTTAsyncExt_getStatistics(handle.0, &raw mut given) }, -8);
}

#[test]
fn a_loss_and_the_automatic_reconnect_are_counted_and_the_cause_is_kept() {
    let listener = Listener::new();
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), 4);
    let options = MQTTAsync_connectOptions { automaticReconnect: 1, ..connect_options(4) };
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let (peer, _) = listener.accept_client(false);
    until("the connection", || statistics(&handle).connected == 1);
    assert_eq!((statistics(&handle).connects, last_error(&handle)), (1, (0, String::new())));
    peer.close();
    let (_peer, _) = listener.accept_client(false);
    until("the next connection", || statistics(&handle).connects == 2);
    let now = statistics(&handle);
    assert_eq!((now.attempts, now.failedAttempts, now.reconnects), (2, 0, 1));
    assert_eq!((now.losses, now.lossesByServer, now.lossesByKeepAlive, now.lossesByViolation), (1, 0, 0, 0));
    assert_eq!(last_error(&handle), (-3, "the server closed the connection".to_owned()));
    assert_eq!((now.sent.packets, now.received.packets), (2, 2), "CONNECT and CONNACK, twice");
}

#[test]
fn losses_are_counted_by_their_causes() {
    for (version, strict, end, expected) in [
        (5, c"false", vec![0xE0, 2, 0x8D, 0], [1, 0]),
        (5, c"false", vec![0x20, 3, 0, 0, 0], [0, 1]),
        (4, c"true", vec![0x30, 4, 0, 2, b'#', b'x'], [0, 1]),
    ] {
        let listener = Listener::new();
        let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
        assert_eq!(set(handle.0, c"strict", strict).0, 0);
        let options = connect_options(version);
        assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
        let (mut peer, _) = listener.accept_client(false);
        until("the connection", || statistics(&handle).connected == 1);
        peer.send(&end);
        until("the loss", || statistics(&handle).losses == 1);
        until("the end", || statistics(&handle).connected == 0);
        let now = statistics(&handle);
        assert_eq!([now.lossesByServer, now.lossesByViolation], expected, "{:?}", last_error(&handle));
    }
}

#[test]
fn requests_that_wait_are_counted() {
    let handle = Handle::with(c"tcp://127.0.0.1:1", &buffer_options(4, 10));
    let mut response = response_options();
    for qos in [0, 1, 2] {
        let (topic, none) = (c"t".as_ptr(), ptr::null());
        assert_eq!(unsafe { MQTTAsync_send(handle.0, topic, 0, none, qos, 0, &raw mut response) }, 0);
    }
    let now = statistics(&handle);
    assert_eq!((now.queued, now.inFlight, now.stored, now.sent.packets), (3, 0, 0, 0));
}

/// What a callback does: says that it has begun, and waits until the other one has.
struct Meeting {
    begun: Sender<()>,
    other_begun: Receiver<()>,
    met: Sender<bool>,
}

unsafe extern "C" fn meet(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    let meeting = unsafe { &*context.cast::<Meeting>() };
    meeting.begun.send(()).unwrap();
    let met = meeting.other_begun.recv_timeout(Duration::from_secs(30)).is_ok();
    meeting.met.send(met).unwrap();
    unsafe { MQTTAsync_freeMessage(&raw mut message) };
    unsafe { MQTTAsync_free(topic.cast()) };
    1
}

#[test]
fn callbacks_of_clients_with_lanes_of_their_own_run_at_the_same_time() {
    let ((first, from_first), (second, from_second), (met, results)) = (channel(), channel(), channel());
    let meetings = [
        Box::new(Meeting { begun: first, other_begun: from_second, met: met.clone() }),
        Box::new(Meeting { begun: second, other_begun: from_first, met }),
    ];
    let listener = Listener::new();
    let uri = CString::new(listener.uri()).unwrap();
    let mut clients: Vec<_> = meetings
        .iter()
        .map(|meeting| {
            let handle = Handle::to(&uri, 4);
            let context = ptr::from_ref::<Meeting>(meeting).cast_mut().cast();
            assert_eq!(set(handle.0, c"callback.lane", c"client").0, 0);
            let code = unsafe { MQTTAsync_setCallbacks(handle.0, context, None, Some(meet), None) };
            assert_eq!(code, 0);
            let options = connect_options(4);
            assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
            (listener.accept_client(false).0, handle)
        })
        .collect();
    clients.iter_mut().for_each(|(peer, _)| peer.send(&[0x30, 4, 0, 1, b't', b'x']));
    assert_eq!([results.recv().unwrap(), results.recv().unwrap()], [true, true]);
    assert_eq!(set(clients[0].1.0, c"callback.lane", c"process").0, -47);
}
