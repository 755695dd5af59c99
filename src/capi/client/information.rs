//! `MQTTClient_strerror` and `MQTTClient_getVersionInfo`.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::abi::{
    MQTTCLIENT_0_LEN_WILL_TOPIC, MQTTCLIENT_BAD_MQTT_OPTION, MQTTCLIENT_BAD_MQTT_VERSION,
    MQTTCLIENT_BAD_PROTOCOL, MQTTCLIENT_BAD_QOS, MQTTCLIENT_BAD_STRUCTURE, MQTTCLIENT_BAD_UTF8_STRING,
    MQTTCLIENT_DISCONNECTED, MQTTCLIENT_FAILURE, MQTTCLIENT_MAX_MESSAGES_INFLIGHT, MQTTCLIENT_NULL_PARAMETER,
    MQTTCLIENT_SSL_NOT_SUPPORTED, MQTTCLIENT_SUCCESS, MQTTCLIENT_TOPICNAME_TRUNCATED,
    MQTTCLIENT_WRONG_MQTT_VERSION, MQTTClient_nameValue,
};
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
pub extern "C" fn MQTTClient_strerror(code: c_int) -> *const c_char {
    entry!(
        "MQTTClient_strerror",
        c"".as_ptr(),
        own_text(code).map_or_else(|| unknown_code::text(code), CStr::as_ptr)
    )
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

static VERSION_LIST: VersionList = VersionList::new();

/// Returns information about the library as a list of names and values. The first three names are
/// "Product name", "Version" and "Build level"; libraries with TLS add five about OpenSSL.
///
/// @return a constant array that ends with a pair of NULLs; do not free it
/// @note May be called at any time, also before a client is created.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTClient_getVersionInfo() -> *mut MQTTClient_nameValue {
    entry!("MQTTClient_getVersionInfo", ptr::null_mut(), VERSION_LIST.of(Product::Synchronous))
}
