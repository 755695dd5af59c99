//! `MQTTAsync_strerror` and `MQTTAsync_getVersionInfo`.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::abi::{
    MQTTASYNC_0_LEN_WILL_TOPIC, MQTTASYNC_BAD_MQTT_OPTION, MQTTASYNC_BAD_PROTOCOL, MQTTASYNC_BAD_QOS,
    MQTTASYNC_BAD_STRUCTURE, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_COMMAND_IGNORED, MQTTASYNC_DISCONNECTED,
    MQTTASYNC_FAILURE, MQTTASYNC_MAX_BUFFERED, MQTTASYNC_MAX_BUFFERED_MESSAGES,
    MQTTASYNC_MAX_MESSAGES_INFLIGHT, MQTTASYNC_NO_MORE_MSGIDS, MQTTASYNC_NULL_PARAMETER,
    MQTTASYNC_OPERATION_INCOMPLETE, MQTTASYNC_PERSISTENCE_ERROR, MQTTASYNC_SSL_NOT_SUPPORTED,
    MQTTASYNC_SUCCESS, MQTTASYNC_TOPICNAME_TRUNCATED, MQTTASYNC_WRONG_MQTT_VERSION,
};
use super::options_abi::MQTTAsync_nameValue;
use crate::capi::shared::boundary::entry;
use crate::capi::shared::unknown_code;
use crate::capi::shared::version_list::VersionList;
use crate::engine::version_info::Product;

/// Returns a human-readable description of a return code.
///
/// @param code the return code
/// @return a constant string, never NULL. For an unknown code it is "Unknown error code" followed by
///   the number, and valid until the next call on the same thread.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTAsync_strerror(code: c_int) -> *const c_char {
    entry!(
        "MQTTAsync_strerror",
        c"".as_ptr(),
        own_text(code).map_or_else(|| unknown_code::text(code), CStr::as_ptr)
    )
}

fn own_text(code: c_int) -> Option<&'static CStr> {
    Some(match code {
        MQTTASYNC_SUCCESS => c"Success",
        MQTTASYNC_FAILURE => c"Failure",
        MQTTASYNC_PERSISTENCE_ERROR => c"Persistence error",
        MQTTASYNC_DISCONNECTED => c"Disconnected",
        MQTTASYNC_MAX_MESSAGES_INFLIGHT => c"Maximum in-flight messages amount reached",
        MQTTASYNC_BAD_UTF8_STRING => c"Invalid UTF8 string",
        MQTTASYNC_NULL_PARAMETER => c"Invalid (NULL) parameter",
        MQTTASYNC_TOPICNAME_TRUNCATED => c"Topic containing NULL characters has been truncated",
        MQTTASYNC_BAD_STRUCTURE => c"Bad structure",
        MQTTASYNC_BAD_QOS => c"Invalid QoS value",
        MQTTASYNC_NO_MORE_MSGIDS => c"Too many pending commands",
        MQTTASYNC_OPERATION_INCOMPLETE => c"Operation discarded before completion",
        MQTTASYNC_MAX_BUFFERED_MESSAGES => c"No more messages can be buffered",
        MQTTASYNC_SSL_NOT_SUPPORTED => c"SSL is not supported",
        MQTTASYNC_BAD_PROTOCOL => c"Invalid protocol scheme",
        MQTTASYNC_BAD_MQTT_OPTION => c"Options for wrong MQTT version",
        MQTTASYNC_WRONG_MQTT_VERSION => c"Client created for another version of MQTT",
        MQTTASYNC_0_LEN_WILL_TOPIC => c"Zero length will topic on connect",
        MQTTASYNC_COMMAND_IGNORED => c"Connect or disconnect command ignored",
        MQTTASYNC_MAX_BUFFERED => c"maxBufferedMessages in the connect options must be >= 0",
        _ => return None,
    })
}

static VERSION_LIST: VersionList = VersionList::new();

/// Returns information about the library as a list of names and values. The first three names are
/// "Product name", "Version" and "Build level"; libraries with TLS add five about OpenSSL.
///
/// @return a constant array that ends with a pair of NULLs; do not free it
/// @note May be called at any time, also before a client is created.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTAsync_getVersionInfo() -> *mut MQTTAsync_nameValue {
    entry!("MQTTAsync_getVersionInfo", ptr::null_mut(), VERSION_LIST.of(Product::Asynchronous))
}
