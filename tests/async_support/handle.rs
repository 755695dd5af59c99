//! Handles that clean up after themselves, and the C initializers.

use crate::async_support::teller::{Kind, Teller};
use crate::support::c_interface::*;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::time::{Duration, Instant};

#[allow(unused_imports, reason = "each test program uses its own part of this")]
pub(crate) use crate::capi_support::server::{Script, Server};

pub(crate) const NONE: c_int = 1;

/// A handle that is destroyed at the end.
pub(crate) struct Handle(pub(crate) MQTTAsync);

impl Handle {
    /// A client of this version level for a server that is not there.
    pub(crate) fn new(version: c_int) -> Handle {
        Handle::to(c"tcp://127.0.0.1:1", version)
    }

    pub(crate) fn to(uri: &CStr, version: c_int) -> Handle {
        Handle::with(uri, &create_options(version))
    }

    pub(crate) fn with(uri: &CStr, options: &MQTTAsync_createOptions) -> Handle {
        Handle::named(c"capi-async", uri, options)
    }

    /// With a client identifier of its own, where a broker tells clients apart.
    pub(crate) fn named(id: &CStr, uri: &CStr, options: &MQTTAsync_createOptions) -> Handle {
        let mut handle = Handle(ptr::null_mut());
        let (id, options) = (id.as_ptr(), ptr::from_ref(options).cast_mut());
        let null = ptr::null_mut();
        let code =
            unsafe { MQTTAsync_createWithOptions(&raw mut handle.0, uri.as_ptr(), id, NONE, null, options) };
        assert_eq!((code, handle.0.is_null()), (0, false));
        handle
    }

    /// Connects a client of version 4 or 5 and waits until that is done.
    pub(crate) fn connect(&self, version: c_int) {
        let teller = Teller::new(Kind::Plain);
        let mut options = connect_options(version);
        teller.listen_to_connect(&mut options, version);
        assert_eq!(unsafe { MQTTAsync_connect(self.0, &raw const options) }, 0);
        let told = teller.next();
        assert!(told.contains("done"), "{told}");
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        unsafe { MQTTAsync_destroy(&raw mut self.0) };
        assert!(self.0.is_null());
    }
}

pub(crate) fn struct_id(text: &[u8; 4]) -> [c_char; 4] {
    text.map(|byte| byte as c_char)
}

/// `MQTTAsync_createOptions_initializer` for this version.
pub(crate) fn create_options(version: c_int) -> MQTTAsync_createOptions {
    MQTTAsync_createOptions {
        struct_id: struct_id(b"MQCO"),
        struct_version: 2,
        sendWhileDisconnected: 0,
        maxBufferedMessages: 100,
        MQTTVersion: version,
        allowDisconnectedSendAtAnyTime: 0,
        deleteOldestMessages: 0,
        restoreMessages: 1,
        persistQoS0: 1,
    }
}

/// Options by which up to `limit` messages may wait at any time.
pub(crate) fn buffer_options(version: c_int, limit: c_int) -> MQTTAsync_createOptions {
    MQTTAsync_createOptions {
        sendWhileDisconnected: 1,
        allowDisconnectedSendAtAnyTime: 1,
        maxBufferedMessages: limit,
        ..create_options(version)
    }
}

/// `MQTTAsync_connectOptions_initializer`, or for version 5 `..._initializer5`.
pub(crate) fn connect_options(version: c_int) -> MQTTAsync_connectOptions {
    let is_5 = c_int::from(version == 5);
    MQTTAsync_connectOptions {
        struct_id: struct_id(b"MQTC"),
        struct_version: 8,
        keepAliveInterval: 60,
        cleansession: 1 - is_5,
        maxInflight: 65_535,
        will: ptr::null_mut(),
        username: ptr::null(),
        password: ptr::null(),
        connectTimeout: 30,
        retryInterval: 0,
        ssl: ptr::null_mut(),
        onSuccess: None,
        onFailure: None,
        context: ptr::null_mut(),
        serverURIcount: 0,
        serverURIs: ptr::null(),
        MQTTVersion: version,
        automaticReconnect: 0,
        minRetryInterval: 1,
        maxRetryInterval: 60,
        binarypwd: MQTTAsync_connectOptions_binarypwd { len: 0, data: ptr::null() },
        cleanstart: is_5,
        connectProperties: ptr::null_mut(),
        willProperties: ptr::null_mut(),
        onSuccess5: None,
        onFailure5: None,
        httpHeaders: ptr::null(),
        httpProxy: ptr::null(),
        httpsProxy: ptr::null(),
    }
}

/// `MQTTAsync_disconnectOptions_initializer5`.
pub(crate) fn disconnect_options() -> MQTTAsync_disconnectOptions {
    MQTTAsync_disconnectOptions {
        struct_id: struct_id(b"MQTD"),
        struct_version: 1,
        timeout: 0,
        onSuccess: None,
        onFailure: None,
        context: ptr::null_mut(),
        properties: NO_PROPERTIES,
        reasonCode: 0,
        onSuccess5: None,
        onFailure5: None,
    }
}

/// `MQTTAsync_responseOptions_initializer`.
pub(crate) fn response_options() -> MQTTAsync_responseOptions {
    MQTTAsync_responseOptions {
        struct_id: struct_id(b"MQTR"),
        struct_version: 1,
        onSuccess: None,
        onFailure: None,
        context: ptr::null_mut(),
        token: 0,
        onSuccess5: None,
        onFailure5: None,
        properties: NO_PROPERTIES,
        subscribeOptions: NO_SUBSCRIBE_OPTIONS,
        subscribeOptionsCount: 0,
        subscribeOptionsList: ptr::null_mut(),
    }
}

/// The same with a token that no request has.
pub(crate) fn untouched() -> MQTTAsync_responseOptions {
    MQTTAsync_responseOptions { token: 7_777_777, ..response_options() }
}

pub(crate) fn will_options(topic: *const c_char) -> MQTTAsync_willOptions {
    MQTTAsync_willOptions {
        struct_id: struct_id(b"MQTW"),
        struct_version: 1,
        topicName: topic,
        message: ptr::null(),
        retained: 0,
        qos: 0,
        payload: MQTTAsync_willOptions_payload { len: 0, data: ptr::null() },
    }
}

pub(crate) const NO_PROPERTIES: MQTTProperties =
    MQTTProperties { count: 0, max_count: 0, length: 0, array: ptr::null_mut() };

pub(crate) const NO_SUBSCRIBE_OPTIONS: MQTTSubscribe_options = MQTTSubscribe_options {
    struct_id: [b'M' as c_char, b'Q' as c_char, b'S' as c_char, b'O' as c_char],
    struct_version: 0,
    noLocal: 0,
    retainAsPublished: 0,
    retainHandling: 0,
};

pub(crate) fn message(payload: &[u8], qos: c_int) -> MQTTAsync_message {
    MQTTAsync_message {
        struct_id: struct_id(b"MQTM"),
        struct_version: 1,
        payloadlen: payload.len() as c_int,
        payload: payload.as_ptr().cast_mut().cast(),
        qos,
        retained: 0,
        dup: 0,
        msgid: 0,
        properties: NO_PROPERTIES,
    }
}

/// What takes longer than this does not come about at all.
const LIMIT: Duration = Duration::from_secs(10);

/// Asks again and again until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < end, "{what} did not come about within {LIMIT:?}");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}
