//! The asynchronous interface.

use super::shared::*;
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ulong, c_void};
pub(crate) type MQTTAsync = *mut c_void;
pub(crate) type MQTTAsync_token = c_int;

pub(crate) type MQTTAsync_init_options = MQTT_init_options;

pub(crate) type MQTTAsync_message = MQTT_message;
pub(crate) type MQTTAsync_messageArrived = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        topicName: *mut c_char,
        topicLen: c_int,
        message: *mut MQTTAsync_message,
    ) -> c_int,
>;
pub(crate) type MQTTAsync_deliveryComplete =
    Option<unsafe extern "C" fn(context: *mut c_void, token: MQTTAsync_token)>;
pub(crate) type MQTTAsync_connectionLost =
    Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;
pub(crate) type MQTTAsync_connected = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;
pub(crate) type MQTTAsync_disconnected = Option<
    unsafe extern "C" fn(context: *mut c_void, properties: *mut MQTTProperties, reasonCode: MQTTReasonCodes),
>;

pub(crate) type MQTTAsync_connectData_binarypwd = MQTT_binary;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_connectData {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) username: *const c_char,
    pub(crate) binarypwd: MQTTAsync_connectData_binarypwd,
}
pub(crate) type MQTTAsync_updateConnectOptions =
    Option<unsafe extern "C" fn(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int>;
pub(crate) type MQTTASYNC_TRACE_LEVELS = c_int;
pub(crate) const MQTTASYNC_TRACE_MINIMUM: MQTTASYNC_TRACE_LEVELS = 3;
pub(crate) const MQTTASYNC_TRACE_ERROR: MQTTASYNC_TRACE_LEVELS = 5;
pub(crate) type MQTTAsync_traceCallback =
    Option<unsafe extern "C" fn(level: MQTTASYNC_TRACE_LEVELS, message: *mut c_char)>;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_createOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) sendWhileDisconnected: c_int,
    pub(crate) maxBufferedMessages: c_int,
    pub(crate) MQTTVersion: c_int,
    pub(crate) allowDisconnectedSendAtAnyTime: c_int,
    pub(crate) deleteOldestMessages: c_int,
    pub(crate) restoreMessages: c_int,
    pub(crate) persistQoS0: c_int,
}

pub(crate) type MQTTAsync_willOptions_payload = MQTT_binary;

pub(crate) type MQTTAsync_willOptions = MQTT_willOptions;

pub(crate) type MQTTAsync_SSLOptions = MQTT_SSLOptions;

pub(crate) type MQTTAsync_nameValue = MQTT_nameValue;

pub(crate) type MQTTAsync_connectOptions_binarypwd = MQTT_binary;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_connectOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) keepAliveInterval: c_int,
    pub(crate) cleansession: c_int,
    pub(crate) maxInflight: c_int,
    pub(crate) will: *mut MQTTAsync_willOptions,
    pub(crate) username: *const c_char,
    pub(crate) password: *const c_char,
    pub(crate) connectTimeout: c_int,
    pub(crate) retryInterval: c_int,
    pub(crate) ssl: *mut MQTTAsync_SSLOptions,
    pub(crate) onSuccess: MQTTAsync_onSuccess,
    pub(crate) onFailure: MQTTAsync_onFailure,
    pub(crate) context: *mut c_void,
    pub(crate) serverURIcount: c_int,
    pub(crate) serverURIs: *const *mut c_char,
    pub(crate) MQTTVersion: c_int,
    pub(crate) automaticReconnect: c_int,
    pub(crate) minRetryInterval: c_int,
    pub(crate) maxRetryInterval: c_int,
    pub(crate) binarypwd: MQTTAsync_connectOptions_binarypwd,
    pub(crate) cleanstart: c_int,
    pub(crate) connectProperties: *mut MQTTProperties,
    pub(crate) willProperties: *mut MQTTProperties,
    pub(crate) onSuccess5: MQTTAsync_onSuccess5,
    pub(crate) onFailure5: MQTTAsync_onFailure5,
    pub(crate) httpHeaders: *const MQTTAsync_nameValue,
    pub(crate) httpProxy: *const c_char,
    pub(crate) httpsProxy: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_disconnectOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) timeout: c_int,
    pub(crate) onSuccess: MQTTAsync_onSuccess,
    pub(crate) onFailure: MQTTAsync_onFailure,
    pub(crate) context: *mut c_void,
    pub(crate) properties: MQTTProperties,
    pub(crate) reasonCode: MQTTReasonCodes,
    pub(crate) onSuccess5: MQTTAsync_onSuccess5,
    pub(crate) onFailure5: MQTTAsync_onFailure5,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_failureData {
    pub(crate) token: MQTTAsync_token,
    pub(crate) code: c_int,
    pub(crate) message: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_failureData5 {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) token: MQTTAsync_token,
    pub(crate) reasonCode: MQTTReasonCodes,
    pub(crate) properties: MQTTProperties,
    pub(crate) code: c_int,
    pub(crate) message: *const c_char,
    pub(crate) packet_type: c_int,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_successData_pub {
    pub(crate) message: MQTTAsync_message,
    pub(crate) destinationName: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_successData_connect {
    pub(crate) serverURI: *mut c_char,
    pub(crate) MQTTVersion: c_int,
    pub(crate) sessionPresent: c_int,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union MQTTAsync_successData_alt {
    pub(crate) qos: c_int,
    pub(crate) qosList: *mut c_int,
    pub(crate) r#pub: MQTTAsync_successData_pub,
    pub(crate) connect: MQTTAsync_successData_connect,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct MQTTAsync_successData {
    pub(crate) token: MQTTAsync_token,
    pub(crate) alt: MQTTAsync_successData_alt,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_successData5_sub {
    pub(crate) reasonCodeCount: c_int,
    pub(crate) reasonCodes: *mut MQTTReasonCodes,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_successData5_pub {
    pub(crate) message: MQTTAsync_message,
    pub(crate) destinationName: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_successData5_connect {
    pub(crate) serverURI: *mut c_char,
    pub(crate) MQTTVersion: c_int,
    pub(crate) sessionPresent: c_int,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_successData5_unsub {
    pub(crate) reasonCodeCount: c_int,
    pub(crate) reasonCodes: *mut MQTTReasonCodes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union MQTTAsync_successData5_alt {
    pub(crate) sub: MQTTAsync_successData5_sub,
    pub(crate) r#pub: MQTTAsync_successData5_pub,
    pub(crate) connect: MQTTAsync_successData5_connect,
    pub(crate) unsub: MQTTAsync_successData5_unsub,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct MQTTAsync_successData5 {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) token: MQTTAsync_token,
    pub(crate) reasonCode: MQTTReasonCodes,
    pub(crate) properties: MQTTProperties,
    pub(crate) alt: MQTTAsync_successData5_alt,
}
pub(crate) type MQTTAsync_onSuccess =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_successData)>;
pub(crate) type MQTTAsync_onSuccess5 =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_successData5)>;
pub(crate) type MQTTAsync_onFailure =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_failureData)>;
pub(crate) type MQTTAsync_onFailure5 =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_failureData5)>;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTAsync_responseOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) onSuccess: MQTTAsync_onSuccess,
    pub(crate) onFailure: MQTTAsync_onFailure,
    pub(crate) context: *mut c_void,
    pub(crate) token: MQTTAsync_token,
    pub(crate) onSuccess5: MQTTAsync_onSuccess5,
    pub(crate) onFailure5: MQTTAsync_onFailure5,
    pub(crate) properties: MQTTProperties,
    pub(crate) subscribeOptions: MQTTSubscribe_options,
    pub(crate) subscribeOptionsCount: c_int,
    pub(crate) subscribeOptionsList: *mut MQTTSubscribe_options,
}

functions! {
    unsafe fn MQTTAsync_connect(handle: MQTTAsync, options: *const MQTTAsync_connectOptions) -> c_int;
    unsafe fn MQTTAsync_create(handle: *mut MQTTAsync, serverURI: *const c_char, clientId: *const c_char, persistence_type: c_int, persistence_context: *mut c_void) -> c_int;
    unsafe fn MQTTAsync_createWithOptions(handle: *mut MQTTAsync, serverURI: *const c_char, clientId: *const c_char, persistence_type: c_int, persistence_context: *mut c_void, options: *mut MQTTAsync_createOptions) -> c_int;
    unsafe fn MQTTAsync_destroy(handle: *mut MQTTAsync);
    unsafe fn MQTTAsync_disconnect(handle: MQTTAsync, options: *const MQTTAsync_disconnectOptions) -> c_int;
    unsafe fn MQTTAsync_free(ptr: *mut c_void);
    unsafe fn MQTTAsync_freeMessage(msg: *mut *mut MQTTAsync_message);
    unsafe fn MQTTAsync_getPendingTokens(handle: MQTTAsync, tokens: *mut *mut MQTTAsync_token) -> c_int;
    safe fn MQTTAsync_getVersionInfo() -> *mut MQTTAsync_nameValue;
    unsafe fn MQTTAsync_global_init(inits: *mut MQTTAsync_init_options);
    unsafe fn MQTTAsync_isComplete(handle: MQTTAsync, token: MQTTAsync_token) -> c_int;
    unsafe fn MQTTAsync_isConnected(handle: MQTTAsync) -> c_int;
    unsafe fn MQTTAsync_malloc(size: usize) -> *mut c_void;
    unsafe fn MQTTAsync_reconnect(handle: MQTTAsync) -> c_int;
    unsafe fn MQTTAsync_send(handle: MQTTAsync, destinationName: *const c_char, payloadlen: c_int, payload: *const c_void, qos: c_int, retained: c_int, response: *mut MQTTAsync_responseOptions) -> c_int;
    unsafe fn MQTTAsync_sendMessage(handle: MQTTAsync, destinationName: *const c_char, msg: *const MQTTAsync_message, response: *mut MQTTAsync_responseOptions) -> c_int;
    unsafe fn MQTTAsync_setAfterPersistenceRead(handle: MQTTAsync, context: *mut c_void, co: MQTTPersistence_afterRead) -> c_int;
    unsafe fn MQTTAsync_setBeforePersistenceWrite(handle: MQTTAsync, context: *mut c_void, co: MQTTPersistence_beforeWrite) -> c_int;
    unsafe fn MQTTAsync_setCallbacks(handle: MQTTAsync, context: *mut c_void, cl: MQTTAsync_connectionLost, ma: MQTTAsync_messageArrived, dc: MQTTAsync_deliveryComplete) -> c_int;
    unsafe fn MQTTAsync_setConnected(handle: MQTTAsync, context: *mut c_void, co: MQTTAsync_connected) -> c_int;
    unsafe fn MQTTAsync_setConnectionLostCallback(handle: MQTTAsync, context: *mut c_void, cl: MQTTAsync_connectionLost) -> c_int;
    unsafe fn MQTTAsync_setDeliveryCompleteCallback(handle: MQTTAsync, context: *mut c_void, dc: MQTTAsync_deliveryComplete) -> c_int;
    unsafe fn MQTTAsync_setDisconnected(handle: MQTTAsync, context: *mut c_void, co: MQTTAsync_disconnected) -> c_int;
    unsafe fn MQTTAsync_setMessageArrivedCallback(handle: MQTTAsync, context: *mut c_void, ma: MQTTAsync_messageArrived) -> c_int;
    unsafe fn MQTTAsync_setTraceCallback(callback: MQTTAsync_traceCallback);
    safe fn MQTTAsync_setTraceLevel(level: MQTTASYNC_TRACE_LEVELS);
    unsafe fn MQTTAsync_setUpdateConnectOptions(handle: MQTTAsync, context: *mut c_void, co: MQTTAsync_updateConnectOptions) -> c_int;
    safe fn MQTTAsync_strerror(code: c_int) -> *const c_char;
    unsafe fn MQTTAsync_subscribe(handle: MQTTAsync, topic: *const c_char, qos: c_int, response: *mut MQTTAsync_responseOptions) -> c_int;
    unsafe fn MQTTAsync_subscribeMany(handle: MQTTAsync, count: c_int, topic: *const *mut c_char, qos: *const c_int, response: *mut MQTTAsync_responseOptions) -> c_int;
    unsafe fn MQTTAsync_unsubscribe(handle: MQTTAsync, topic: *const c_char, response: *mut MQTTAsync_responseOptions) -> c_int;
    unsafe fn MQTTAsync_unsubscribeMany(handle: MQTTAsync, count: c_int, topic: *const *mut c_char, response: *mut MQTTAsync_responseOptions) -> c_int;
    unsafe fn MQTTAsync_waitForCompletion(handle: MQTTAsync, token: MQTTAsync_token, timeout: c_ulong) -> c_int;
    unsafe fn MQTTAsyncExt_setOption(handle: MQTTAsync, name: *const c_char, value: *const c_char, errstr: *mut c_char, size: usize) -> c_int;
    unsafe fn MQTTAsyncExt_getOption(handle: MQTTAsync, name: *const c_char, buffer: *mut c_char, size: *mut usize) -> c_int;
    unsafe fn MQTTAsyncExt_getStatistics(handle: MQTTAsync, statistics: *mut MQTTExt_statistics) -> c_int;
    unsafe fn MQTTAsyncExt_getDescriptor(handle: MQTTAsync, descriptor: *mut c_int) -> c_int;
    unsafe fn MQTTAsyncExt_nextDeadline(handle: MQTTAsync, milliseconds: *mut c_int) -> c_int;
    unsafe fn MQTTAsyncExt_process(handle: MQTTAsync) -> c_int;
    unsafe fn MQTTAsyncExt_getLastError(handle: MQTTAsync, code: *mut c_int, buffer: *mut c_char, size: usize) -> c_int;
    unsafe fn MQTTAsyncExt_acknowledge(handle: MQTTAsync, msgid: c_int) -> c_int;
    unsafe fn MQTTAsyncExt_setAuthentication(handle: MQTTAsync, method: *const c_char, context: *mut c_void, callback: MQTTExt_authenticate) -> c_int;
    unsafe fn MQTTAsyncExt_setSSLContext(handle: MQTTAsync, context: *mut c_void) -> c_int;
    unsafe fn MQTTAsyncExt_setUpgrade(handle: MQTTAsync, context: *mut c_void, callback: MQTTExt_prepareUpgrade) -> c_int;
    unsafe fn MQTTAsyncExt_reauthenticate(handle: MQTTAsync) -> c_int;
}
