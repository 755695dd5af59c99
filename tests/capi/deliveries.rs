//! Callbacks: what they are given, and who owns it.

use crate::handle::*;
use crate::support::c_interface::*;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Sender, channel};

/// What one call of messageArrived was given.
struct Arrival {
    topic: usize,
    message: usize,
    topic_length: c_int,
    payload: Vec<u8>,
}

/// The context of the callbacks.
struct Context {
    arrivals: Sender<Arrival>,
    deliveries: Sender<c_int>,
    refusals: usize,
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    topic_length: c_int,
    mut message: *mut MQTTClient_message,
) -> c_int {
    unsafe {
        let context = &mut *context.cast::<Context>();
        let payload = CStr::from_ptr((*message).payload.cast()).to_bytes().to_vec();
        let arrival = Arrival { topic: topic.addr(), message: message.addr(), topic_length, payload };
        let refuses = context.refusals > 0;
        if refuses {
            context.refusals -= 1;
        } else {
            MQTTClient_freeMessage(&raw mut message);
            MQTTClient_free(topic.cast());
        }
        let _ = context.arrivals.send(arrival);
        c_int::from(!refuses)
    }
}

unsafe extern "C" fn delivered(context: *mut c_void, token: c_int) {
    let context = unsafe { &*context.cast::<Context>() };
    let _ = context.deliveries.send(token);
}

#[test]
fn a_refused_message_comes_again_as_the_same_objects() {
    let messages = vec![(b"t".to_vec(), b"first".to_vec()), (b"t".to_vec(), b"second".to_vec())];
    let server = Server::start(Script { messages, ..Script::default() });
    let (arrivals, seen) = channel();
    let (deliveries, completed) = channel();
    let mut context = Context { arrivals, deliveries, refusals: 2 };
    let handle = Handle::to(&server.uri, 4);
    unsafe {
        let context = (&raw mut context).cast();
        assert_eq!(MQTTClient_setCallbacks(handle.0, context, None, Some(arrived), Some(delivered)), 0);
        handle.connect(4);
        let offers: Vec<Arrival> = seen.iter().take(4).collect();
        let payloads: Vec<&[u8]> = offers.iter().map(|offer| offer.payload.as_slice()).collect();
        assert_eq!(payloads, [b"first".as_slice(), b"first", b"first", b"second"]);
        assert!(offers.iter().all(|offer| offer.topic_length == 0));
        for offer in &offers[1..3] {
            assert_eq!((offer.topic, offer.message), (offers[0].topic, offers[0].message));
        }
        let mut token = 0;
        assert_eq!(MQTTClient_publish(handle.0, c"t".as_ptr(), 0, ptr::null(), 1, 0, &raw mut token), 0);
        assert_eq!(completed.recv().unwrap(), token);
        let (mut topic, mut length, mut message) = (ptr::null_mut(), 0, ptr::without_provenance_mut(7));
        let code = MQTTClient_receive(handle.0, &raw mut topic, &raw mut length, &raw mut message, 0);
        assert_eq!((code, message.addr()), (-1, 7), "a client with callbacks does not receive");
    }
    drop(handle);
}

#[test]
fn a_message_refused_to_the_end_is_freed_by_the_library() {
    let messages = vec![(b"t".to_vec(), b"x".to_vec())];
    let server = Server::start(Script { messages, ..Script::default() });
    let (arrivals, seen) = channel();
    let mut context = Context { arrivals, deliveries: channel().0, refusals: usize::MAX };
    let handle = Handle::to(&server.uri, 4);
    let context = (&raw mut context).cast();
    assert_eq!(unsafe { MQTTClient_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
    handle.connect(4);
    assert_eq!(seen.recv().unwrap().payload, b"x");
    drop(handle);
}
