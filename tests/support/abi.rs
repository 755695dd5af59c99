//! The C structures of the synchronous API, laid out once more for the tests (x86-64 and other LP64 systems).

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

pub(crate) const SUCCESS: c_int = 0;
pub(crate) const FAILURE: c_int = -1;
pub(crate) const DISCONNECTED: c_int = -3;
pub(crate) const BAD_UTF8_STRING: c_int = -5;
pub(crate) const NULL_PARAMETER: c_int = -6;
pub(crate) const TOPICNAME_TRUNCATED: c_int = -7;
pub(crate) const BAD_STRUCTURE: c_int = -8;
pub(crate) const BAD_QOS: c_int = -9;
pub(crate) const WRONG_MQTT_VERSION: c_int = -16;

pub(crate) const PERSISTENCE_DEFAULT: c_int = 0;
pub(crate) const PERSISTENCE_NONE: c_int = 1;
pub(crate) const PERSISTENCE_USER: c_int = 2;
pub(crate) const PERSISTENCE_ERROR: c_int = -2;

pub(crate) const DEFAULT_VERSION: c_int = 0;
pub(crate) const V3_1: c_int = 3;
pub(crate) const V3_1_1: c_int = 4;
pub(crate) const V5: c_int = 5;

pub(crate) type Handle = *mut c_void;

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct LenString {
    pub(crate) len: c_int,
    pub(crate) data: *mut c_char,
}

/// The two strings of a user property; a string or binary value is the first one alone.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct StringPair {
    pub(crate) data: LenString,
    pub(crate) value: LenString,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union PropertyValue {
    pub(crate) byte: u8,
    pub(crate) integer2: u16,
    pub(crate) integer4: c_uint,
    pub(crate) text: StringPair,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Property {
    pub(crate) identifier: c_int,
    pub(crate) value: PropertyValue,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Properties {
    pub(crate) count: c_int,
    pub(crate) max_count: c_int,
    pub(crate) length: c_int,
    pub(crate) array: *mut Property,
}

impl Properties {
    pub(crate) const EMPTY: Properties =
        Properties { count: 0, max_count: 0, length: 0, array: ptr::null_mut() };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) struct_id: [u8; 4],
    pub(crate) struct_version: c_int,
    pub(crate) payloadlen: c_int,
    pub(crate) payload: *mut c_void,
    pub(crate) qos: c_int,
    pub(crate) retained: c_int,
    pub(crate) dup: c_int,
    pub(crate) msgid: c_int,
    pub(crate) properties: Properties,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Binary {
    pub(crate) len: c_int,
    pub(crate) data: *const c_void,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct WillOptions {
    pub(crate) struct_id: [u8; 4],
    pub(crate) struct_version: c_int,
    pub(crate) topic_name: *const c_char,
    pub(crate) message: *const c_char,
    pub(crate) retained: c_int,
    pub(crate) qos: c_int,
    pub(crate) payload: Binary,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct CreateOptions {
    pub(crate) struct_id: [u8; 4],
    pub(crate) struct_version: c_int,
    pub(crate) mqtt_version: c_int,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Returned {
    pub(crate) server_uri: *const c_char,
    pub(crate) mqtt_version: c_int,
    pub(crate) session_present: c_int,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ConnectOptions {
    pub(crate) struct_id: [u8; 4],
    pub(crate) struct_version: c_int,
    pub(crate) keep_alive_interval: c_int,
    pub(crate) cleansession: c_int,
    pub(crate) reliable: c_int,
    pub(crate) will: *const WillOptions,
    pub(crate) username: *const c_char,
    pub(crate) password: *const c_char,
    pub(crate) connect_timeout: c_int,
    pub(crate) retry_interval: c_int,
    pub(crate) ssl: *const c_void,
    pub(crate) server_uri_count: c_int,
    pub(crate) server_uris: *const *const c_char,
    pub(crate) mqtt_version: c_int,
    pub(crate) returned: Returned,
    pub(crate) binarypwd: Binary,
    pub(crate) max_inflight_messages: c_int,
    pub(crate) cleanstart: c_int,
    pub(crate) http_headers: *const c_void,
    pub(crate) http_proxy: *const c_char,
    pub(crate) https_proxy: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct SubscribeOptions {
    pub(crate) struct_id: [u8; 4],
    pub(crate) struct_version: c_int,
    pub(crate) no_local: u8,
    pub(crate) retain_as_published: u8,
    pub(crate) retain_handling: u8,
}

impl SubscribeOptions {
    pub(crate) const DEFAULT: SubscribeOptions = SubscribeOptions {
        struct_id: *b"MQSO",
        struct_version: 0,
        no_local: 0,
        retain_as_published: 0,
        retain_handling: 0,
    };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Response {
    pub(crate) version: c_int,
    pub(crate) reason_code: c_int,
    pub(crate) reason_code_count: c_int,
    pub(crate) reason_codes: *mut c_int,
    pub(crate) properties: *mut Properties,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct NameValue {
    pub(crate) name: *const c_char,
    pub(crate) value: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct HeapInfo {
    pub(crate) current_size: usize,
    pub(crate) max_size: usize,
}

pub(crate) type ConnectionLost = unsafe extern "C" fn(*mut c_void, *mut c_char);
pub(crate) type MessageArrived = unsafe extern "C" fn(*mut c_void, *mut c_char, c_int, *mut Message) -> c_int;
pub(crate) type DeliveryComplete = unsafe extern "C" fn(*mut c_void, c_int);
pub(crate) type Disconnected = unsafe extern "C" fn(*mut c_void, *mut Properties, c_int);
pub(crate) type Published = unsafe extern "C" fn(*mut c_void, c_int, c_int, *mut Properties, c_int);
pub(crate) type TraceCallback = unsafe extern "C" fn(c_int, *mut c_char);

const _: () = {
    assert!(size_of::<Property>() == either(40, 20));
    assert!(size_of::<Properties>() == either(24, 16));
    assert!(size_of::<Message>() == either(64, 48));
    assert!(size_of::<WillOptions>() == either(48, 32));
    assert!(size_of::<ConnectOptions>() == either(152, 96));
    assert!(size_of::<SubscribeOptions>() == 12);
    assert!(size_of::<Response>() == either(32, 20));
};

/// The first number where pointers have 64 bits, the second where they have 32.
pub(crate) const fn either(on_64: usize, on_32: usize) -> usize {
    if cfg!(target_pointer_width = "32") { on_32 } else { on_64 }
}

/// Gets one line about a TLS failure.
pub(crate) type SslError =
    unsafe extern "C" fn(text: *const c_char, length: usize, context: *mut c_void) -> c_int;

/// Gives identity and pre-shared key.
pub(crate) type SslPsk = unsafe extern "C" fn(
    hint: *const c_char,
    identity: *mut c_char,
    identity_room: c_uint,
    key: *mut u8,
    key_room: c_uint,
    context: *mut c_void,
) -> c_uint;

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct SslOptions {
    pub(crate) struct_id: [u8; 4],
    pub(crate) struct_version: c_int,
    pub(crate) trust_store: *const c_char,
    pub(crate) key_store: *const c_char,
    pub(crate) private_key: *const c_char,
    pub(crate) private_key_password: *const c_char,
    pub(crate) enabled_cipher_suites: *const c_char,
    pub(crate) enable_server_cert_auth: c_int,
    pub(crate) ssl_version: c_int,
    pub(crate) verify: c_int,
    pub(crate) ca_path: *const c_char,
    pub(crate) ssl_error_cb: Option<SslError>,
    pub(crate) ssl_error_context: *mut c_void,
    pub(crate) ssl_psk_cb: Option<SslPsk>,
    pub(crate) ssl_psk_context: *mut c_void,
    pub(crate) disable_default_trust_store: c_int,
    pub(crate) protos: *const u8,
    pub(crate) protos_len: c_uint,
}
