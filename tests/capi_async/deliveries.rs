//! Messages: what messageArrived is given, and who owns it.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::c_interface::*;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// What one call of messageArrived was given.
struct Arrival {
    topic: usize,
    message: usize,
    topic_length: c_int,
    payload: Vec<u8>,
}

/// The context of the callback.
struct Context {
    arrivals: Sender<Arrival>,
    refusals: usize,
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    topic_length: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe {
        let context = &mut *context.cast::<Context>();
        assert_eq!(((*message).struct_id, (*message).struct_version), (struct_id(b"MQTM"), 1));
        assert_eq!(CStr::from_ptr(topic), c"a/b");
        let payload = CStr::from_ptr((*message).payload.cast()).to_bytes().to_vec();
        let arrival = Arrival { topic: topic.addr(), message: message.addr(), topic_length, payload };
        let refuses = context.refusals > 0;
        if refuses {
            context.refusals -= 1;
        } else {
            MQTTAsync_freeMessage(&raw mut message);
            assert!(message.is_null());
            MQTTAsync_free(topic.cast());
        }
        let _ = context.arrivals.send(arrival);
        c_int::from(!refuses)
    }
}

fn messages(payloads: &[&[u8]]) -> Script {
    let messages = payloads.iter().map(|payload| (b"a/b".to_vec(), payload.to_vec())).collect();
    Script { messages, ..Script::default() }
}

#[test]
fn the_topic_length_is_told_once() {
    let server = Server::start(messages(&[b"first", b"second"]));
    let (arrivals, seen) = channel();
    let mut context = Context { arrivals, refusals: 2 };
    let handle = Handle::to(&server.uri, 4);
    let context = (&raw mut context).cast();
    assert_eq!(unsafe { MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
    handle.connect(4);
    let offers: Vec<Arrival> = seen.iter().take(4).collect();
    let payloads: Vec<&[u8]> = offers.iter().map(|offer| offer.payload.as_slice()).collect();
    assert_eq!(payloads, [b"first".as_slice(), b"first", b"first", b"second"]);
    let lengths: Vec<c_int> = offers.iter().map(|offer| offer.topic_length).collect();
    assert_eq!(lengths, [3, 0, 0, 3]);
    for offer in &offers[1..3] {
        assert_eq!((offer.topic, offer.message), (offers[0].topic, offers[0].message));
    }
}

#[test]
fn a_message_refused_to_the_end_is_freed_by_the_library() {
    let server = Server::start(messages(&[b"x"]));
    let (arrivals, seen) = channel();
    let mut context = Context { arrivals, refusals: usize::MAX };
    let handle = Handle::to(&server.uri, 4);
    let context = (&raw mut context).cast();
    assert_eq!(unsafe { MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
    handle.connect(4);
    assert_eq!(seen.recv().unwrap().payload, b"x");
    drop(handle);
}

#[test]
fn messages_wait_for_a_callback() {
    let server = Server::start(messages(&[b"1", b"2"]));
    let (arrivals, seen) = channel();
    let mut context = Context { arrivals, refusals: 0 };
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let context = (&raw mut context).cast();
    assert_eq!(unsafe { MQTTAsync_setMessageArrivedCallback(handle.0, context, Some(arrived)) }, 0);
    let arrived: Vec<(c_int, Vec<u8>)> =
        seen.iter().take(2).map(|arrival| (arrival.topic_length, arrival.payload)).collect();
    assert_eq!(arrived, [(3, b"1".to_vec()), (3, b"2".to_vec())]);
    drop(handle);
    assert!(ptr::eq(context.cast::<Context>(), context.cast()));
}

/// The context of `complete`.
struct Told(AtomicI32);

#[allow(clippy::disallowed_methods, reason = "this is what the callback takes its time with")]
unsafe extern "C" fn complete(context: *mut c_void, token: MQTTAsync_token) {
    let told = unsafe { &*context.cast::<Told>() };
    std::thread::sleep(Duration::from_millis(100));
    told.0.store(token, Ordering::SeqCst);
}

#[test]
fn delivery_complete_has_run_when_the_message_counts_as_complete() {
    for waits in [true, false] {
        let server = Server::start(Script::default());
        let told = Told(AtomicI32::new(0));
        let handle = Handle::to(&server.uri, 4);
        let context = ptr::from_ref(&told).cast_mut().cast();
        let code = unsafe { MQTTAsync_setDeliveryCompleteCallback(handle.0, context, Some(complete)) };
        assert_eq!(code, 0);
        handle.connect(4);
        let (topic, null) = (c"a".as_ptr(), ptr::null_mut());
        let mut response = response_options();
        let code = unsafe { MQTTAsync_send(handle.0, topic, 0, null, 1, 0, &raw mut response) };
        assert_eq!(code, 0);
        if waits {
            assert_eq!(unsafe { MQTTAsync_waitForCompletion(handle.0, response.token, 20_000) }, 0);
        } else {
            while unsafe { MQTTAsync_isComplete(handle.0, response.token) } == 0 {
                std::thread::yield_now();
            }
        }
        assert_eq!(told.0.load(Ordering::SeqCst), response.token);
    }
}

#[test]
fn a_message_that_was_refused_counts_as_delivered() {
    for qos in [1, 2] {
        let server = Server::start(Script { acknowledgement: 0x97, ..Script::default() });
        let told = Told(AtomicI32::new(0));
        let handle = Handle::to(&server.uri, 5);
        let context = ptr::from_ref(&told).cast_mut().cast();
        let code = unsafe { MQTTAsync_setDeliveryCompleteCallback(handle.0, context, Some(complete)) };
        assert_eq!(code, 0);
        handle.connect(5);
        let teller = Teller::new(Kind::Publish);
        let mut response = response_options();
        teller.listen(&mut response, 5);
        let (topic, null) = (c"a".as_ptr(), ptr::null_mut());
        let code = unsafe { MQTTAsync_send(handle.0, topic, 0, null, qos, 0, &raw mut response) };
        assert_eq!(code, 0);
        assert!(teller.next().contains("failed 0 reason 151"));
        assert_eq!(told.0.load(Ordering::SeqCst), response.token, "deliveryComplete comes first");
    }
}

/// Tells that it runs, and goes on when it may.
unsafe extern "C" fn connected_and_waiting(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let (began, may_go_on) = unsafe { &*context.cast::<(Sender<()>, Receiver<()>)>() };
    let _ = began.send(());
    let _ = may_go_on.recv_timeout(Duration::from_secs(30));
}

#[test]
fn a_connect_is_complete_as_soon_as_its_success_is_told() {
    let server = Server::start(Script::default());
    let handle = Handle::to(&server.uri, 4);
    let ((began, has_begun), (go_on, may_go_on)) = (channel(), channel());
    let context: &(Sender<()>, Receiver<()>) = Box::leak(Box::new((began, may_go_on)));
    let mut options = connect_options(4);
    options.onSuccess = Some(connected_and_waiting);
    options.context = ptr::from_ref(context).cast_mut().cast();
    unsafe {
        assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
        has_begun.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(MQTTAsync_isComplete(handle.0, 0), 1);
    }
    go_on.send(()).unwrap();
}
