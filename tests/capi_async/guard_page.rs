//! Structures of older versions are shorter. Each is placed at the end of a page behind which nothing may be touched.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::capi_support::guarded::Guarded;
use crate::support::c_interface::*;
use std::ffi::c_int;
use std::mem::offset_of;
use std::ptr;

/// The length of connect options of each version.
const CONNECT_LENGTHS: [usize; 9] = [
    offset_of!(MQTTAsync_connectOptions, serverURIcount),
    offset_of!(MQTTAsync_connectOptions, serverURIcount),
    offset_of!(MQTTAsync_connectOptions, MQTTVersion),
    offset_of!(MQTTAsync_connectOptions, automaticReconnect),
    offset_of!(MQTTAsync_connectOptions, binarypwd),
    offset_of!(MQTTAsync_connectOptions, cleanstart),
    offset_of!(MQTTAsync_connectOptions, httpHeaders),
    offset_of!(MQTTAsync_connectOptions, httpProxy),
    size_of::<MQTTAsync_connectOptions>(),
];

#[test]
fn connect_options_of_every_version() {
    for (version, length) in CONNECT_LENGTHS.into_iter().enumerate() {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 0);
        let teller = Teller::new(Kind::Any);
        let mut options = MQTTAsync_connectOptions { struct_version: version as c_int, ..connect_options(4) };
        teller.listen_to_connect(&mut options, 4);
        let guarded = Guarded::new(&options, length);
        assert_eq!(unsafe { MQTTAsync_connect(handle.0, guarded.get()) }, 0, "version {version}");
        assert_eq!(teller.next(), "3: 0 done");
    }
}

#[test]
fn fields_that_a_version_lacks_do_not_count() {
    let connect = |struct_version, change: fn(&mut MQTTAsync_connectOptions)| {
        let handle = Handle::new(0);
        let mut options = MQTTAsync_connectOptions { struct_version, ..connect_options(4) };
        change(&mut options);
        unsafe { MQTTAsync_connect(handle.0, &raw const options) }
    };
    let tls: fn(&mut MQTTAsync_connectOptions) = |options| options.ssl = ptr::dangling_mut();
    assert_eq!(connect(0, tls), 0);
    let servers: fn(&mut MQTTAsync_connectOptions) = |options| options.serverURIcount = 1;
    assert_eq!((connect(1, servers), connect(2, servers)), (0, -6));
    let version: fn(&mut MQTTAsync_connectOptions) = |options| options.MQTTVersion = 9;
    assert_eq!((connect(2, version), connect(3, version)), (0, -16));
    let password: fn(&mut MQTTAsync_connectOptions) = |options| {
        options.binarypwd = MQTTAsync_connectOptions_binarypwd { len: -1, data: ptr::dangling() };
    };
    assert_eq!((connect(4, password), connect(5, password)), (0, -1));
    let clean_start: fn(&mut MQTTAsync_connectOptions) = |options| options.cleanstart = 1;
    assert_eq!((connect(5, clean_start), connect(6, clean_start)), (0, -15));
}

#[test]
fn create_options_of_every_version() {
    let lengths = [
        offset_of!(MQTTAsync_createOptions, MQTTVersion),
        offset_of!(MQTTAsync_createOptions, allowDisconnectedSendAtAnyTime),
        size_of::<MQTTAsync_createOptions>(),
        size_of::<MQTTAsync_createOptions>(),
    ];
    for (version, length) in lengths.into_iter().enumerate() {
        let options = MQTTAsync_createOptions { struct_version: version as c_int, ..create_options(5) };
        let guarded = Guarded::new(&options, length);
        let mut handle = Handle(ptr::null_mut());
        let (uri, id) = (c"tcp://127.0.0.1:1".as_ptr(), c"id".as_ptr());
        let code = unsafe {
            MQTTAsync_createWithOptions(&raw mut handle.0, uri, id, NONE, ptr::null_mut(), guarded.get())
        };
        assert_eq!(code, 0);
        let five = unsafe { MQTTAsync_connect(handle.0, &connect_options(5)) };
        assert_eq!(five, if version == 0 { -16 } else { 0 });
    }
}

#[test]
fn will_options_of_every_version() {
    for (version, length) in
        [(0, offset_of!(MQTTAsync_willOptions, payload)), (1, size_of::<MQTTAsync_willOptions>())]
    {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 0);
        let mut will = MQTTAsync_willOptions { struct_version: version, ..will_options(c"will".as_ptr()) };
        will.message = c"text".as_ptr();
        will.payload = MQTTAsync_willOptions_payload { len: 3, data: c"\x01\x02\x03".as_ptr().cast() };
        let guarded = Guarded::new(&will, length);
        let options = MQTTAsync_connectOptions { will: guarded.get(), ..connect_options(4) };
        assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
        let (_, body) = server.wait_for(1);
        let payload: &[u8] = if version == 0 { b"\0\x04text" } else { b"\0\x03\x01\x02\x03" };
        assert!(body.ends_with(payload), "{body:?}");
    }
}

#[test]
fn disconnect_options_of_every_version() {
    let (short, long) =
        (offset_of!(MQTTAsync_disconnectOptions, properties), size_of::<MQTTAsync_disconnectOptions>());
    // Programs of MQTT 5.0 have the long form, whatever version they write into it.
    for (level, struct_version, length) in [(4, 0, short), (4, 1, long), (5, 0, long), (5, 1, long)] {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, level);
        handle.connect(level);
        let options = MQTTAsync_disconnectOptions { struct_version, ..disconnect_options() };
        let guarded = Guarded::new(&options, length);
        assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, guarded.get()) }, 0);
    }
}

#[test]
fn response_options_of_every_version() {
    let lengths =
        [(0, offset_of!(MQTTAsync_responseOptions, onSuccess5)), (1, size_of::<MQTTAsync_responseOptions>())];
    let server = Server::start(Script { codes: vec![0, 0], ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let topics = [c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()];
    for (version, length) in lengths {
        let options = MQTTAsync_responseOptions { struct_version: version, ..untouched() };
        let guarded = Guarded::new(&options, length);
        let response = guarded.get::<MQTTAsync_responseOptions>();
        unsafe {
            assert_eq!(MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), 0, 0, response), 0);
            assert_eq!((*response).token, 0);
            assert_eq!(MQTTAsync_sendMessage(handle.0, c"t".as_ptr(), &message(b"", 0), response), 0);
            assert_eq!(MQTTAsync_subscribeMany(handle.0, 2, topics.as_ptr(), [0, 1].as_ptr(), response), 0);
            assert_ne!((*response).token, 0);
        }
    }
    let five = Handle::with(c"tcp://127.0.0.1:1", &buffer_options(5, 10));
    let old = MQTTAsync_responseOptions { struct_version: 0, ..untouched() };
    let guarded = Guarded::new(&old, offset_of!(MQTTAsync_responseOptions, onSuccess5));
    let code = unsafe { MQTTAsync_send(five.0, c"t".as_ptr(), 0, ptr::null(), 0, 0, guarded.get()) };
    assert_eq!(code, -15);
}

#[test]
fn messages_of_every_version() {
    for (version, length) in
        [(0, offset_of!(MQTTAsync_message, properties)), (1, size_of::<MQTTAsync_message>())]
    {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 5);
        handle.connect(5);
        let message = MQTTAsync_message { struct_version: version, ..message(b"abc", 0) };
        let guarded = Guarded::new(&message, length);
        let code = unsafe { MQTTAsync_sendMessage(handle.0, c"t".as_ptr(), guarded.get(), ptr::null_mut()) };
        assert_eq!(code, 0);
        assert_eq!(server.wait_for(3).1, b"\0\x01t\0abc");
    }
}
