//! `MQTTClient_strerror` and `MQTTClient_getVersionInfo`.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use std::io::Write;
use std::sync::OnceLock;

use super::abi::{
    MQTTCLIENT_0_LEN_WILL_TOPIC, MQTTCLIENT_BAD_MQTT_OPTION, MQTTCLIENT_BAD_MQTT_VERSION,
    MQTTCLIENT_BAD_PROTOCOL, MQTTCLIENT_BAD_QOS, MQTTCLIENT_BAD_STRUCTURE, MQTTCLIENT_BAD_UTF8_STRING,
    MQTTCLIENT_DISCONNECTED, MQTTCLIENT_FAILURE, MQTTCLIENT_MAX_MESSAGES_INFLIGHT, MQTTCLIENT_NULL_PARAMETER,
    MQTTCLIENT_SSL_NOT_SUPPORTED, MQTTCLIENT_SUCCESS, MQTTCLIENT_TOPICNAME_TRUNCATED,
    MQTTCLIENT_WRONG_MQTT_VERSION, MQTTClient_nameValue,
};
use crate::capi::shared::boundary::entry;
use crate::engine::version_info::{self, Product};

/// Room for "Unknown error code -2147483648" and its end.
const TEXT_SIZE: usize = 32;

thread_local! {
    /// The text for a code without one of its own. Behind an UnsafeCell because the program reads it at
    /// any time.
    static UNKNOWN: UnsafeCell<[u8; TEXT_SIZE]> = const { UnsafeCell::new([0; TEXT_SIZE]) };
}

/// The text for a return code, for messages to people.
///
/// Returns a text that is never NULL and never to be freed. For a code without an own text it is
/// "Unknown error code" and the number; that text is valid until the next call in the same thread.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTClient_strerror(code: c_int) -> *const c_char {
    entry!("MQTTClient_strerror", c"".as_ptr(), own_text(code).map_or_else(|| unknown(code), CStr::as_ptr))
}

fn own_text(code: c_int) -> Option<&'static CStr> {
    Some(match code {
        MQTTCLIENT_SUCCESS => c"Success",
        MQTTCLIENT_FAILURE => c"Failure",
        MQTTCLIENT_DISCONNECTED => c"Disconnected",
        MQTTCLIENT_MAX_MESSAGES_INFLIGHT => c"Maximum in-flight messages amount reached",
        MQTTCLIENT_BAD_UTF8_STRING => c"Invalid UTF8 string",
        MQTTCLIENT_NULL_PARAMETER => c"Invalid (NULL) parameter",
        MQTTCLIENT_TOPICNAME_TRUNCATED => c"Topic containing NULL characters has been truncated",
        MQTTCLIENT_BAD_STRUCTURE => c"Bad structure",
        MQTTCLIENT_BAD_QOS => c"Invalid QoS value",
        MQTTCLIENT_SSL_NOT_SUPPORTED => c"SSL is not supported",
        MQTTCLIENT_BAD_MQTT_VERSION => c"Unrecognized MQTT version",
        MQTTCLIENT_BAD_PROTOCOL => c"Invalid protocol scheme",
        MQTTCLIENT_BAD_MQTT_OPTION => c"Options for wrong MQTT version",
        MQTTCLIENT_WRONG_MQTT_VERSION => c"Client created for another version of MQTT",
        MQTTCLIENT_0_LEN_WILL_TOPIC => c"Zero length will topic on connect",
        _ => return None,
    })
}

/// Writes the text into this thread's memory. A thread that is ending has none left and gets the text
/// without number.
fn unknown(code: c_int) -> *const c_char {
    let mut text = [0; TEXT_SIZE];
    // The room suffices for every number, and the last byte stays 0.
    let _ = write!(&mut text[..TEXT_SIZE - 1], "Unknown error code {code}");
    let written = UNKNOWN.try_with(|memory| {
        // SAFETY: the memory is this thread's and no reference to it exists.
        unsafe { memory.get().write(text) };
        memory.get().cast::<c_char>().cast_const()
    });
    written.unwrap_or(c"Unknown error code".as_ptr())
}

/// Names, values, and the pair of NULLs at the end.
struct VersionInfo(Vec<MQTTClient_nameValue>);

// SAFETY: the pointers are to constant texts.
unsafe impl Send for VersionInfo {}
// SAFETY: as above.
unsafe impl Sync for VersionInfo {}

static VERSION_INFO: OnceLock<VersionInfo> = OnceLock::new();

/// What this library is: names and values, the first three being "Product name", "Version" and "Build
/// level". In the libraries with TLS five more say which OpenSSL is in use. May be called at any time, also before a client is created.
///
/// Returns an array that ends with a pair of NULLs. It is constant and never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTClient_getVersionInfo() -> *mut MQTTClient_nameValue {
    entry!("MQTTClient_getVersionInfo", ptr::null_mut(), {
        let info = VERSION_INFO.get_or_init(|| {
            let pair = |(name, value): (&CStr, &CStr)| MQTTClient_nameValue {
                name: name.as_ptr(),
                value: value.as_ptr(),
            };
            let end = MQTTClient_nameValue { name: ptr::null(), value: ptr::null() };
            let entries = version_info::entries(Product::Synchronous);
            VersionInfo(entries.into_iter().map(pair).chain([end]).collect())
        });
        info.0.as_ptr().cast_mut()
    })
}
