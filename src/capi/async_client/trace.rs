//! `MQTTAsync_setTraceLevel` and `MQTTAsync_setTraceCallback`.

use super::abi::{MQTTASYNC_TRACE_LEVELS, MQTTAsync_traceCallback};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::trace_listener::trace_listener;
use crate::trace;

/// Sets how much is written to the trace, for the whole process: lines of this level and above.
///
/// level: from MQTTASYNC_TRACE_MAXIMUM, which is everything, to MQTTASYNC_TRACE_FATAL. Until set it is
/// MQTTASYNC_TRACE_MINIMUM, or what the environment variable MQTT_C_CLIENT_TRACE_LEVEL says.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn MQTTAsync_setTraceLevel(level: MQTTASYNC_TRACE_LEVELS) {
    client_entry!("MQTTAsync_setTraceLevel", (), trace::set_level(level));
}

/// Sets the function that gets each line of the trace, for the whole process.
///
/// callback: the function, or NULL for none. It is called on whichever thread produced the line or on
/// one that comes after it, never twice at once. The text is valid during the call only.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setTraceCallback(callback: MQTTAsync_traceCallback) {
    client_entry!("MQTTAsync_setTraceCallback", (), trace::set_callback(trace_listener(callback)));
}
