//! Structures of older versions are shorter. Each is placed at the end of a page behind which nothing may be touched.

use crate::capi_support::guarded::Guarded;
use crate::handle::*;
use crate::support::c_interface::*;
use std::ffi::c_int;
use std::mem::offset_of;
use std::ptr;

/// The length of connect options of each version.
const CONNECT_LENGTHS: [usize; 9] = [
    offset_of!(MQTTClient_connectOptions, ssl),
    offset_of!(MQTTClient_connectOptions, serverURIcount),
    offset_of!(MQTTClient_connectOptions, MQTTVersion),
    offset_of!(MQTTClient_connectOptions, returned),
    offset_of!(MQTTClient_connectOptions, binarypwd),
    offset_of!(MQTTClient_connectOptions, maxInflightMessages),
    offset_of!(MQTTClient_connectOptions, httpHeaders),
    offset_of!(MQTTClient_connectOptions, httpProxy),
    size_of::<MQTTClient_connectOptions>(),
];

#[test]
fn connect_options_of_every_version() {
    for (version, length) in CONNECT_LENGTHS.into_iter().enumerate() {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 0);
        let options = MQTTClient_connectOptions { struct_version: version as c_int, ..connect_options(4) };
        let guarded = Guarded::new(&options, length);
        assert_eq!(unsafe { MQTTClient_connect(handle.0, guarded.get()) }, 0, "version {version}");
        if version >= 4 {
            let returned = unsafe { (*guarded.get::<MQTTClient_connectOptions>()).returned };
            assert_eq!(returned.MQTTVersion, 4);
        }
    }
}

#[test]
fn fields_that_a_version_lacks_do_not_count() {
    let connect = |struct_version, mqtt_version, cleanstart| {
        let handle = Handle::new(0);
        let mut options = MQTTClient_connectOptions {
            struct_version,
            connectTimeout: 0,
            MQTTVersion: mqtt_version,
            cleanstart,
            serverURIcount: 1,
            ..connect_options(4)
        };
        unsafe { MQTTClient_connect(handle.0, &raw mut options) }
    };
    assert_eq!(connect(1, 9, 1), -1);
    assert_eq!(connect(2, 9, 1), -6, "serverURIs");
    let handle = Handle::new(0);
    let mut options = MQTTClient_connectOptions {
        struct_version: 2,
        connectTimeout: 0,
        MQTTVersion: 9,
        ..connect_options(4)
    };
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
    options.struct_version = 3;
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -11);
    (options.struct_version, options.MQTTVersion, options.cleanstart) = (5, 4, 1);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
    options.struct_version = 6;
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -15);
}

#[test]
fn will_options_of_every_version() {
    for (version, length) in
        [(0, offset_of!(MQTTClient_willOptions, payload)), (1, size_of::<MQTTClient_willOptions>())]
    {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 0);
        let mut will = MQTTClient_willOptions { struct_version: version, ..will_options(c"will".as_ptr()) };
        will.message = c"text".as_ptr();
        will.payload = MQTTClient_willOptions_payload { len: 3, data: c"\x01\x02\x03".as_ptr().cast() };
        let guarded = Guarded::new(&will, length);
        let mut options = MQTTClient_connectOptions { will: guarded.get(), ..connect_options(4) };
        assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, 0);
        let (_, body) = server.wait_for(1);
        let payload: &[u8] = if version == 0 { b"\0\x04text" } else { b"\0\x03\x01\x02\x03" };
        assert!(body.ends_with(payload), "{body:?}");
    }
}

#[test]
fn messages_of_every_version() {
    for (version, length) in
        [(0, offset_of!(MQTTClient_message, properties)), (1, size_of::<MQTTClient_message>())]
    {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 5);
        handle.connect(5);
        let message = MQTTClient_message { struct_version: version, ..message(b"abc", 0) };
        let guarded = Guarded::new(&message, length);
        let response =
            unsafe { MQTTClient_publishMessage5(handle.0, c"t".as_ptr(), guarded.get(), ptr::null_mut()) };
        assert_eq!(response.reasonCode, 0);
        assert_eq!(server.wait_for(3).1, b"\0\x01t\0abc");
    }
}

#[test]
fn create_options_at_the_end_of_a_page() {
    let guarded = Guarded::new(&create_options(5), size_of::<MQTTClient_createOptions>());
    let mut handle = Handle(ptr::null_mut());
    let (uri, id) = (c"tcp://127.0.0.1:1".as_ptr(), c"id".as_ptr());
    let code = unsafe {
        MQTTClient_createWithOptions(&raw mut handle.0, uri, id, NONE, ptr::null_mut(), guarded.get())
    };
    assert_eq!(code, 0);
}
