//! `MQTTAsyncExt_acknowledge`: messages that the application acknowledges itself.

use crate::async_support::handle::*;
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Sender, channel};

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    let arrived = unsafe { &*context.cast::<Sender<c_int>>() };
    arrived.send(unsafe { (*message).msgid }).unwrap();
    unsafe { MQTTAsync_freeMessage(&raw mut message) };
    unsafe { MQTTAsync_free(topic.cast()) };
    1
}

#[test]
fn acknowledgements_are_sent_in_order_and_an_earlier_connection_has_its_code() {
    for level in [4_u8, 5] {
        let listener = Listener::new();
        let handle = Handle::to(&CString::new(listener.uri()).unwrap(), level.into());
        let (name, value) = (c"acknowledgement".as_ptr(), c"manual".as_ptr());
        assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, 0);
        let (sender, ids) = channel();
        let context = (&raw const sender).cast_mut().cast();
        assert_eq!(unsafe { MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None) }, 0);
        let mut options = connect_options(level.into());
        (options.cleansession, options.cleanstart, options.automaticReconnect) = (0, 0, 1);
        assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
        let (mut peer, _) = listener.accept_client(false);
        let message = |id| Publish::new("t", 1, id, b"x").encode(level);
        peer.send(&[message(1), message(2)].concat());
        let [first, second] = [ids.recv().unwrap(), ids.recv().unwrap()];
        assert_eq!(unsafe { MQTTAsyncExt_acknowledge(handle.0, second) }, 0);
        assert_eq!(unsafe { MQTTAsyncExt_acknowledge(handle.0, second) }, -51);
        assert_eq!(unsafe { MQTTAsyncExt_acknowledge(handle.0, first) }, 0);
        assert_eq!([peer.expect(PUBACK).id(), peer.expect(PUBACK).id()], [1, 2]);
        peer.send(&message(3));
        let third = ids.recv().unwrap();
        peer.close();
        let (mut peer, _) = listener.accept_client(true);
        peer.send(&Publish::new("t", 1, 3, b"x").again().encode(level));
        let again = ids.recv().unwrap();
        assert_eq!(unsafe { MQTTAsyncExt_acknowledge(handle.0, third) }, -52);
        assert_eq!(unsafe { MQTTAsyncExt_acknowledge(handle.0, again) }, 0);
        assert_eq!(peer.expect(PUBACK).id(), 3);
        assert_eq!(unsafe { MQTTAsyncExt_acknowledge(ptr::null_mut(), again) }, -1);
        // What the callback uses goes after it.
        drop(handle);
    }
}
