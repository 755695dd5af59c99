//! Requests that are taken or refused: by clients that keep them, and by clients that are connected.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller, on_failure, on_failure5, on_success, on_success5};
use crate::support::c_interface::*;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;

fn send(
    handle: &Handle,
    topic: *const c_char,
    (payload, length): (*const c_void, c_int),
    qos: c_int,
    response: &mut MQTTAsync_responseOptions,
) -> c_int {
    unsafe { MQTTAsync_send(handle.0, topic, length, payload, qos, 0, response) }
}

const NOTHING: (*const c_void, c_int) = (ptr::null(), 0);

#[test]
fn send_checks_in_order() {
    let handle = Handle::with(c"tcp://127.0.0.1:1", &buffer_options(0, 2));
    let topic = c"t".as_ptr();
    let long = CString::new(vec![b't'; 65_536]).unwrap();
    let mut wrong = MQTTAsync_responseOptions { onSuccess5: Some(on_success5), ..untouched() };
    let some: *const c_void = c"payload".as_ptr().cast();
    for bad in [ptr::null(), c"\xff".as_ptr(), long.as_ptr()] {
        assert_eq!(send(&handle, bad, (some, -1), 3, &mut wrong), -5);
    }
    for qos in [-1, 3, 128] {
        assert_eq!(send(&handle, topic, (some, -1), qos, &mut wrong), -9);
    }
    assert_eq!(send(&handle, topic, (some, -1), 0, &mut wrong), -6);
    assert_eq!(send(&handle, topic, (ptr::null(), 1), 0, &mut wrong), -6);
    assert_eq!(send(&handle, topic, NOTHING, 0, &mut wrong), -15);
    assert_eq!(wrong.token, 7_777_777);
    let mut right = untouched();
    assert_eq!(send(&handle, topic, NOTHING, 1, &mut right), 0);
    assert_eq!(right.token, 1);
    assert_eq!(unsafe { MQTTAsync_send(handle.0, topic, 0, ptr::null(), 0, 0, ptr::null_mut()) }, 0);
    assert_eq!(send(&handle, topic, NOTHING, 2, &mut wrong), -12);
    assert_eq!(send(&handle, topic, NOTHING, 2, &mut right), -12);
    assert_eq!((wrong.token, right.token), (7_777_777, 1));
    let pending = pending(&handle);
    assert_eq!(pending, [1, 0]);
    unsafe {
        assert_eq!((MQTTAsync_isComplete(handle.0, 1), MQTTAsync_isComplete(handle.0, 0)), (0, 0));
        assert_eq!((MQTTAsync_isComplete(handle.0, 2), MQTTAsync_isComplete(handle.0, -1)), (1, 1));
    }
}

fn pending(handle: &Handle) -> Vec<c_int> {
    let mut tokens = ptr::null_mut();
    assert_eq!(unsafe { MQTTAsync_getPendingTokens(handle.0, &raw mut tokens) }, 0);
    if tokens.is_null() {
        return Vec::new();
    }
    let list = (0..).map(|index| unsafe { tokens.add(index).read() }).take_while(|token| *token != -1);
    let list = list.collect();
    unsafe { MQTTAsync_free(tokens.cast()) };
    list
}

#[test]
fn callbacks_of_another_version() {
    let (three, five) = (buffered(0), buffered(5));
    let answer = |handle: &Handle, mut response: MQTTAsync_responseOptions| {
        send(handle, c"t".as_ptr(), NOTHING, 0, &mut response)
    };
    let options = response_options();
    let old = MQTTAsync_responseOptions { struct_version: 0, ..options };
    assert_eq!(answer(&three, options), 0);
    assert_eq!(answer(&three, old), 0);
    assert_eq!(answer(&three, MQTTAsync_responseOptions { onSuccess5: Some(on_success5), ..options }), -15);
    assert_eq!(answer(&three, MQTTAsync_responseOptions { onFailure5: Some(on_failure5), ..options }), -15);
    // Fields that the version lacks do not count.
    assert_eq!(answer(&three, MQTTAsync_responseOptions { onSuccess5: Some(on_success5), ..old }), 0);
    assert_eq!(answer(&five, options), 0);
    assert_eq!(answer(&five, old), -15);
    assert_eq!(answer(&five, MQTTAsync_responseOptions { onSuccess: Some(on_success), ..options }), -15);
    assert_eq!(answer(&five, MQTTAsync_responseOptions { onFailure: Some(on_failure), ..options }), -15);
    // The eyecatcher is not looked at.
    assert_eq!(answer(&five, MQTTAsync_responseOptions { struct_id: struct_id(b"XXXX"), ..options }), 0);
}

fn buffered(version: c_int) -> Handle {
    Handle::with(c"tcp://127.0.0.1:1", &buffer_options(version, 100))
}

#[test]
fn buffering_needs_permission() {
    let with = |while_disconnected, any_time, struct_version| {
        let mut options = buffer_options(0, 10);
        options.sendWhileDisconnected = while_disconnected;
        options.allowDisconnectedSendAtAnyTime = any_time;
        options.struct_version = struct_version;
        let handle = Handle::with(c"tcp://127.0.0.1:1", &options);
        send(&handle, c"t".as_ptr(), NOTHING, 0, &mut response_options())
    };
    assert_eq!((with(0, 1, 2), with(1, 0, 2), with(1, 1, 1)), (-3, -3, -3));
    assert_eq!((with(1, 1, 2), with(1, 1, 3)), (0, 0));
}

#[test]
fn properties_that_cannot_be_sent() {
    let handle = buffered(5);
    let mut entries = [MQTTProperty { identifier: 99, value: MQTTProperty_value { integer4: 0 } }];
    let properties = MQTTProperties { count: 1, max_count: 1, length: 1, array: entries.as_mut_ptr() };
    let mut response = MQTTAsync_responseOptions { properties, ..untouched() };
    assert_eq!(send(&handle, c"t".as_ptr(), NOTHING, 1, &mut response), -1);
    assert_eq!(response.token, 7_777_777);
}

#[test]
fn a_message_brings_its_properties_and_leaves_those_of_the_response_alone() {
    let server = Server::start(Script::default());
    let handle = Handle::to(&server.uri, 5);
    handle.connect(5);
    let mut property = MQTTProperty { identifier: 2, value: MQTTProperty_value { integer4: 300 } };
    let mut own = NO_PROPERTIES;
    let mut response = untouched();
    unsafe {
        assert_eq!(MQTTProperties_add(&raw mut own, &raw const property), 0);
        property.value.integer4 = 7;
        assert_eq!(MQTTProperties_add(&raw mut response.properties, &raw const property), 0);
        let message = MQTTAsync_message { properties: own, ..message(b"x", 0) };
        assert_eq!(MQTTAsync_sendMessage(handle.0, c"t".as_ptr(), &raw const message, ptr::null_mut()), 0);
        assert_eq!(MQTTAsync_sendMessage(handle.0, c"t".as_ptr(), &raw const message, &raw mut response), 0);
        // A message of version 0 has none of its own.
        let old = MQTTAsync_message { struct_version: 0, ..message };
        assert_eq!(MQTTAsync_sendMessage(handle.0, c"t".as_ptr(), &raw const old, &raw mut response), 0);
        assert_eq!((response.properties.count, (*response.properties.array).value.integer4), (1, 7));
        MQTTProperties_free(&raw mut own);
        MQTTProperties_free(&raw mut response.properties);
    }
    for expected in
        [b"\0\x01t\x05\x02\0\0\x01\x2cx", b"\0\x01t\x05\x02\0\0\x01\x2cx", b"\0\x01t\x05\x02\0\0\0\x07x"]
    {
        assert_eq!(server.wait_for(3).1, expected);
    }
    assert_eq!(response.token, 0);
}

#[test]
fn subscribe_checks_filter_by_filter() {
    let server = Server::start(Script { codes: vec![0, 0], ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let (good, bad) = (c"a".as_ptr().cast_mut(), c"\xff".as_ptr().cast_mut());
    let mut wrong = MQTTAsync_responseOptions { onFailure5: Some(on_failure5), ..untouched() };
    let response = &raw mut wrong;
    let many = |count, topics: *const *mut c_char, qos: *const c_int| unsafe {
        MQTTAsync_subscribeMany(handle.0, count, topics, qos, response)
    };
    let (topics, mixed, qos, bad_qos) = ([good, good], [good, bad], [1, 2], [3, 0]);
    assert_eq!(many(0, topics.as_ptr(), qos.as_ptr()), -1);
    assert_eq!(many(-1, topics.as_ptr(), qos.as_ptr()), -1);
    assert_eq!(many(2, ptr::null(), qos.as_ptr()), -6);
    assert_eq!(many(2, topics.as_ptr(), ptr::null()), -6);
    assert_eq!(many(2, mixed.as_ptr(), bad_qos.as_ptr()), -9);
    assert_eq!(many(2, mixed.as_ptr(), qos.as_ptr()), -5);
    assert_eq!(many(2, topics.as_ptr(), qos.as_ptr()), -15);
    unsafe {
        assert_eq!(MQTTAsync_subscribe(handle.0, ptr::null(), 7, response), -5);
        assert_eq!(MQTTAsync_subscribe(handle.0, good, 7, response), -9);
        assert_eq!(MQTTAsync_subscribe(handle.0, good, 2, response), -15);
        assert_eq!(MQTTAsync_unsubscribeMany(handle.0, 0, topics.as_ptr(), response), -1);
        assert_eq!(MQTTAsync_unsubscribeMany(handle.0, 2, ptr::null(), response), -6);
        assert_eq!(MQTTAsync_unsubscribeMany(handle.0, 2, mixed.as_ptr(), response), -5);
        assert_eq!(MQTTAsync_unsubscribe(handle.0, good, response), -15);
    }
    assert_eq!(wrong.token, 7_777_777);
}

#[test]
fn subscribe_options_of_one_and_of_many() {
    let server = Server::start(Script::default());
    let handle = Handle::to(&server.uri, 5);
    handle.connect(5);
    let topic = c"a".as_ptr();
    let mut list = [
        MQTTSubscribe_options { noLocal: 1, ..NO_SUBSCRIBE_OPTIONS },
        MQTTSubscribe_options { retainHandling: 2, ..NO_SUBSCRIBE_OPTIONS },
    ];
    let mut response = MQTTAsync_responseOptions {
        subscribeOptions: MQTTSubscribe_options { retainAsPublished: 1, ..NO_SUBSCRIBE_OPTIONS },
        subscribeOptionsList: list.as_mut_ptr(),
        ..response_options()
    };
    let (topics, qos) = ([topic.cast_mut(), topic.cast_mut()], [1, 2]);
    let many = |count, response: &mut MQTTAsync_responseOptions| unsafe {
        MQTTAsync_subscribeMany(handle.0, count, topics.as_ptr(), qos.as_ptr(), response)
    };
    // What the server saw: the bytes behind the topics.
    let options = |count: usize| {
        let (_, body) = server.wait_for(8);
        let filters = &body[3..];
        (0..count).map(|index| filters[4 * index + 3]).collect::<Vec<_>>()
    };
    unsafe { assert_eq!(MQTTAsync_subscribe(handle.0, topic, 2, &raw mut response), 0) };
    assert_eq!(options(1), [2 | 8]);
    assert_eq!(many(1, &mut response), 0);
    assert_eq!(options(1), [1 | 8]);
    assert_eq!(many(2, &mut response), 0);
    assert_eq!(options(2), [1, 2], "no list: the defaults");
    response.subscribeOptionsCount = 1;
    assert_eq!(many(1, &mut response), 0);
    assert_eq!(options(1), [1 | 4], "a list of one");
    assert_eq!(many(2, &mut response), -15);
    response.subscribeOptionsCount = 2;
    assert_eq!(many(2, &mut response), 0);
    assert_eq!(options(2), [1 | 4, 2 | 32]);
    response.subscribeOptionsList = ptr::null_mut();
    assert_eq!(many(2, &mut response), -6);
    assert_eq!(
        unsafe { MQTTAsync_subscribeMany(handle.0, 2, topics.as_ptr(), qos.as_ptr(), ptr::null_mut()) },
        0
    );
    assert_eq!(options(2), [1, 2]);
}

/// The context of a callback that looks at its own response options.
#[derive(Clone, Copy)]
struct Watched {
    response: *const MQTTAsync_responseOptions,
    teller: *mut c_void,
}

unsafe extern "C" fn compare_token(context: *mut c_void, data: *mut MQTTAsync_successData) {
    unsafe {
        let watched = *context.cast::<Watched>();
        assert_eq!((*watched.response).token, (*data).token);
        on_success(watched.teller, data);
    }
}

#[test]
fn the_token_is_there_before_the_result() {
    let server = Server::start(Script { codes: vec![1], ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let teller = Teller::new(Kind::Any);
    let mut response = MQTTAsync_responseOptions { onSuccess: Some(compare_token), ..untouched() };
    let mut watched = Watched { response: &raw const response, teller: teller.context() };
    response.context = (&raw mut watched).cast();
    let response = &raw mut response;
    for qos in [0, 1, 0, 1, 1] {
        assert_eq!(unsafe { MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), qos, 0, response) }, 0);
        teller.next();
    }
    assert_eq!(unsafe { MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 1, response) }, 0);
    teller.next();
    assert_eq!(unsafe { MQTTAsync_unsubscribe(handle.0, c"t".as_ptr(), response) }, 0);
    teller.next();
}

#[test]
fn waiting_for_a_request() {
    let server = Server::start(Script { silent: true, ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let mut response = response_options();
    assert_eq!(send(&handle, c"t".as_ptr(), NOTHING, 1, &mut response), 0);
    unsafe {
        assert_eq!(MQTTAsync_isComplete(handle.0, response.token), 0);
        assert_eq!(MQTTAsync_waitForCompletion(handle.0, response.token, 1), -1);
        for token in [-1, 65_536, response.token + 1] {
            assert_eq!(MQTTAsync_waitForCompletion(handle.0, token, 0), 0, "{token}");
        }
    }
    assert_eq!(pending(&handle), [response.token]);
}
