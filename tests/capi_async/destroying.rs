//! Destroying a client inside its own callbacks: that callback is the last, and what was not complete has failed; and while a
//! callback of another client takes long.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::c_interface::*;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// What the callbacks need: it stays for ever, because the callback goes on after the test has its answer.
struct Context {
    handle: MQTTAsync,
    destroyed: Sender<()>,
}

fn context() -> (*mut Context, Receiver<()>) {
    let (destroyed, seen) = channel();
    (Box::into_raw(Box::new(Context { handle: ptr::null_mut(), destroyed })), seen)
}

/// A client whose handle stands in the context.
fn create(context: *mut Context, uri: &CStr, version: c_int) -> MQTTAsync {
    let options = ptr::from_ref(&buffer_options(version, 10)).cast_mut();
    let (uri, id, null) = (uri.as_ptr(), c"destroyed".as_ptr(), ptr::null_mut());
    unsafe {
        let code = MQTTAsync_createWithOptions(&raw mut (*context).handle, uri, id, NONE, null, options);
        assert_eq!(code, 0);
        (*context).handle
    }
}

unsafe fn destroy(context: *mut c_void) {
    let context = unsafe { &mut *context.cast::<Context>() };
    unsafe { MQTTAsync_destroy(&raw mut context.handle) };
    assert!(context.handle.is_null());
    let _ = context.destroyed.send(());
}

unsafe extern "C" fn on_success(context: *mut c_void, _: *mut MQTTAsync_successData) {
    unsafe { destroy(context) };
}

unsafe extern "C" fn on_failure(context: *mut c_void, _: *mut MQTTAsync_failureData) {
    unsafe { destroy(context) };
}

unsafe extern "C" fn on_connected(context: *mut c_void, _: *mut c_char) {
    unsafe { destroy(context) };
}

unsafe extern "C" fn on_message(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe {
        destroy(context);
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

fn options(context: *mut Context) -> MQTTAsync_connectOptions {
    MQTTAsync_connectOptions { context: context.cast(), ..connect_options(4) }
}

#[test]
fn in_the_result_of_connect() {
    let server = Server::start(Script::default());
    for uri in [server.uri.as_c_str(), c"tcp://127.0.0.1:1"] {
        let (context, destroyed) = context();
        let handle = create(context, uri, 4);
        // It waits: sent before the connection stands or with it, it is not acknowledged before the end.
        let teller = Teller::new(Kind::Any);
        let mut response = response_options();
        teller.listen(&mut response, 4);
        let options = MQTTAsync_connectOptions {
            onSuccess: Some(on_success),
            onFailure: Some(on_failure),
            ..options(context)
        };
        unsafe {
            assert_eq!(MQTTAsync_send(handle, c"t".as_ptr(), 0, ptr::null(), 2, 0, &raw mut response), 0);
            assert_eq!(MQTTAsync_connect(handle, &raw const options), 0);
        }
        destroyed.recv().unwrap();
        assert_eq!(teller.next(), "3: 1 failed -11 NULL");
        assert_eq!(unsafe { MQTTAsync_isConnected(handle) }, 0);
    }
}

#[test]
fn in_connected_and_in_message_arrived() {
    for in_message in [false, true] {
        let messages = vec![(b"t".to_vec(), b"x".to_vec()), (b"t".to_vec(), b"y".to_vec())];
        let server = Server::start(Script { messages, ..Script::default() });
        let (context, destroyed) = context();
        let handle = create(context, &server.uri, 4);
        unsafe {
            let pointer = context.cast();
            if in_message {
                assert_eq!(MQTTAsync_setMessageArrivedCallback(handle, pointer, Some(on_message)), 0);
            } else {
                assert_eq!(MQTTAsync_setConnected(handle, pointer, Some(on_connected)), 0);
            }
            assert_eq!(MQTTAsync_connect(handle, &options(context)), 0);
        }
        destroyed.recv().unwrap();
        assert_eq!(unsafe { MQTTAsync_reconnect(handle) }, -1);
    }
}

#[test]
fn in_the_result_of_disconnect() {
    let server = Server::start(Script::default());
    let (context, destroyed) = context();
    let handle = create(context, &server.uri, 4);
    let teller = Teller::new(Kind::Any);
    let mut options = options(context);
    teller.listen_to_connect(&mut options, 4);
    let disconnect = MQTTAsync_disconnectOptions {
        onSuccess: Some(on_success),
        context: context.cast(),
        ..disconnect_options()
    };
    unsafe {
        assert_eq!(MQTTAsync_connect(handle, &raw const options), 0);
        assert_eq!(teller.next(), "3: 0 done");
        assert_eq!(MQTTAsync_disconnect(handle, &raw const disconnect), 0);
    }
    destroyed.recv().unwrap();
}

/// The context of a callback that takes as long as the test wishes.
struct Blocker {
    entered: Sender<()>,
    goes_on: Receiver<()>,
}

unsafe extern "C" fn on_message_that_takes_long(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe {
        let blocker = &*context.cast::<Blocker>();
        blocker.entered.send(()).unwrap();
        blocker.goes_on.recv().unwrap();
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

unsafe extern "C" fn on_delivered(context: *mut c_void, token: c_int) {
    let lines = unsafe { &*context.cast::<Sender<String>>() };
    lines.send(format!("{token} delivered")).unwrap();
}

unsafe extern "C" fn on_sent(context: *mut c_void, data: *mut MQTTAsync_successData) {
    let (lines, token) = unsafe { (&*context.cast::<Sender<String>>(), (*data).token) };
    lines.send(format!("{token} sent")).unwrap();
}

fn is_nothing_pending(handle: MQTTAsync) -> bool {
    let mut tokens = ptr::null_mut();
    unsafe {
        assert_eq!(MQTTAsync_getPendingTokens(handle, &raw mut tokens), 0);
        MQTTAsync_free(tokens.cast());
    }
    tokens.is_null()
}

/// All callbacks of the process run one at a time, so what the client has to report waits for that of another one.
#[allow(clippy::disallowed_methods, reason = "destroy waits for so long, and nothing is to happen meanwhile")]
#[test]
fn a_delivery_is_reported_before_its_result_also_by_destroy() {
    let messages = vec![(b"t".to_vec(), b"x".to_vec())];
    let busy_server = Server::start(Script { messages, ..Script::default() });
    let (entered, inside) = channel();
    let (go_on, goes_on) = channel();
    let mut blocker = Blocker { entered, goes_on };
    let busy = Handle::to(&busy_server.uri, 4);
    let context = (&raw mut blocker).cast();
    let function = Some(on_message_that_takes_long as _);
    assert_eq!(unsafe { MQTTAsync_setMessageArrivedCallback(busy.0, context, function) }, 0);

    let server = Server::start(Script::default());
    let (mut lines, seen) = channel::<String>();
    let context = (&raw mut lines).cast();
    let mut handle = Handle::to(&server.uri, 4);
    assert_eq!(unsafe { MQTTAsync_setDeliveryCompleteCallback(handle.0, context, Some(on_delivered)) }, 0);
    handle.connect(4);
    busy.connect(4);
    inside.recv().unwrap();
    let mut response = MQTTAsync_responseOptions { onSuccess: Some(on_sent), context, ..response_options() };
    assert_eq!(
        unsafe { MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), 1, 0, &raw mut response) },
        0
    );
    while !is_nothing_pending(handle.0) {
        thread::yield_now();
    }
    let (address, destroyed) = (handle.0.addr(), std::mem::replace(&mut handle.0, ptr::null_mut()).addr());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut handle: MQTTAsync = ptr::with_exposed_provenance_mut(destroyed);
            unsafe { MQTTAsync_destroy(&raw mut handle) };
        });
        let handle: MQTTAsync = ptr::with_exposed_provenance_mut(address);
        while unsafe { MQTTAsync_isConnected(handle) } == 1 {
            thread::yield_now();
        }
        // Longer than destroy waits for callbacks of others before it reports the remaining results itself.
        thread::sleep(Duration::from_millis(600));
        go_on.send(()).unwrap();
    });
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), ["1 delivered", "1 sent"]);
}
