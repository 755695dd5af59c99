//! `MQTTClient_setTraceLevel` and `MQTTClient_setTraceCallback`.

use super::abi::{MQTTCLIENT_TRACE_LEVELS, MQTTClient_traceCallback};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::trace_listener::trace_listener;
use crate::trace;

/// Sets the trace level of the whole process: lines of this level and of those that follow it in
/// MQTTCLIENT_TRACE_LEVELS are written.
///
/// @param level from MQTTCLIENT_TRACE_MAXIMUM (most lines) to MQTTCLIENT_TRACE_FATAL (fewest). The
///   default is MQTTCLIENT_TRACE_MINIMUM, or the value of the environment variable
///   MQTT_C_CLIENT_TRACE_LEVEL.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn MQTTClient_setTraceLevel(level: MQTTCLIENT_TRACE_LEVELS) {
    client_entry!("MQTTClient_setTraceLevel", (), trace::set_level(level));
}

/// Sets the function that is called for each line of the trace, for the whole process.
///
/// @param callback the function, or NULL for none
/// @note It may be called on any thread that uses the library and on the library's own threads, but
///   never twice at the same time and never with a lock held. It may call the API; lines caused by its
///   own calls are not passed to it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setTraceCallback(callback: MQTTClient_traceCallback) {
    client_entry!("MQTTClient_setTraceCallback", (), trace::set_callback(trace_listener(callback)));
}
