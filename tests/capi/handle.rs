//! Handles that clean up after themselves, and the C initializers.

use crate::support::c_interface::*;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

pub(crate) use crate::capi_support::server::{Script, Server};

pub(crate) const NONE: c_int = 1;

/// A handle that is destroyed at the end.
pub(crate) struct Handle(pub(crate) MQTTClient);

impl Handle {
    /// A client of this version level for a server that is not there.
    pub(crate) fn new(version: c_int) -> Handle {
        Handle::to(c"tcp://127.0.0.1:1", version)
    }

    pub(crate) fn to(uri: &CStr, version: c_int) -> Handle {
        let mut handle = Handle(ptr::null_mut());
        let mut options = create_options(version);
        let uri = uri.as_ptr();
        let code = unsafe {
            MQTTClient_createWithOptions(
                &raw mut handle.0,
                uri,
                c"capi".as_ptr(),
                NONE,
                ptr::null_mut(),
                &raw mut options,
            )
        };
        assert_eq!((code, handle.0.is_null()), (0, false));
        handle
    }

    /// Connects a client of version 4 or 5.
    pub(crate) fn connect(&self, version: c_int) {
        let mut options = connect_options(version);
        let code = if version == 5 {
            let mut response =
                unsafe { MQTTClient_connect5(self.0, &raw mut options, ptr::null_mut(), ptr::null_mut()) };
            let code = response.reasonCode;
            free(&mut response);
            code
        } else {
            unsafe { MQTTClient_connect(self.0, &raw mut options) }
        };
        assert_eq!(code, 0);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        unsafe { MQTTClient_destroy(&raw mut self.0) };
        assert!(self.0.is_null());
    }
}

pub(crate) fn free(response: &mut MQTTResponse) {
    unsafe { MQTTResponse_free(*response) };
    *response = MQTTResponse { reasonCodeCount: 0, properties: ptr::null_mut(), ..*response };
}

pub(crate) fn struct_id(text: &[u8; 4]) -> [c_char; 4] {
    text.map(|byte| byte as c_char)
}

pub(crate) fn create_options(version: c_int) -> MQTTClient_createOptions {
    MQTTClient_createOptions { struct_id: struct_id(b"MQCO"), struct_version: 0, MQTTVersion: version }
}

/// `MQTTClient_connectOptions_initializer`, or for version 5 `..._initializer5`.
pub(crate) fn connect_options(version: c_int) -> MQTTClient_connectOptions {
    let is_5 = c_int::from(version == 5);
    MQTTClient_connectOptions {
        struct_id: struct_id(b"MQTC"),
        struct_version: 8,
        keepAliveInterval: 60,
        cleansession: 1 - is_5,
        reliable: 1,
        will: ptr::null_mut(),
        username: ptr::null(),
        password: ptr::null(),
        connectTimeout: 30,
        retryInterval: 0,
        ssl: ptr::null_mut(),
        serverURIcount: 0,
        serverURIs: ptr::null(),
        MQTTVersion: version,
        returned: MQTTClient_connectOptions_returned {
            serverURI: ptr::null(),
            MQTTVersion: 0,
            sessionPresent: 0,
        },
        binarypwd: MQTTClient_connectOptions_binarypwd { len: 0, data: ptr::null() },
        maxInflightMessages: -1,
        cleanstart: is_5,
        httpHeaders: ptr::null(),
        httpProxy: ptr::null(),
        httpsProxy: ptr::null(),
    }
}

pub(crate) fn will_options(topic: *const c_char) -> MQTTClient_willOptions {
    MQTTClient_willOptions {
        struct_id: struct_id(b"MQTW"),
        struct_version: 1,
        topicName: topic,
        message: ptr::null(),
        retained: 0,
        qos: 0,
        payload: MQTTClient_willOptions_payload { len: 0, data: ptr::null() },
    }
}

pub(crate) const NO_PROPERTIES: MQTTProperties =
    MQTTProperties { count: 0, max_count: 0, length: 0, array: ptr::null_mut() };

pub(crate) fn message(payload: &[u8], qos: c_int) -> MQTTClient_message {
    MQTTClient_message {
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
