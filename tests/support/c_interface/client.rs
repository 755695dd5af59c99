//! The synchronous interface.

use super::shared::*;
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ulong, c_void};
pub(crate) type MQTTClient = *mut c_void;
pub(crate) type MQTTClient_deliveryToken = c_int;

pub(crate) type MQTTClient_init_options = MQTT_init_options;

pub(crate) type MQTTClient_message = MQTT_message;
pub(crate) type MQTTClient_messageArrived = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        topicName: *mut c_char,
        topicLen: c_int,
        message: *mut MQTTClient_message,
    ) -> c_int,
>;
pub(crate) type MQTTClient_deliveryComplete =
    Option<unsafe extern "C" fn(context: *mut c_void, dt: MQTTClient_deliveryToken)>;
pub(crate) type MQTTClient_connectionLost =
    Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;
pub(crate) type MQTTClient_disconnected = Option<
    unsafe extern "C" fn(context: *mut c_void, properties: *mut MQTTProperties, reasonCode: MQTTReasonCodes),
>;
pub(crate) type MQTTClient_published = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        dt: c_int,
        packet_type: c_int,
        properties: *mut MQTTProperties,
        reasonCode: MQTTReasonCodes,
    ),
>;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTClient_createOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) MQTTVersion: c_int,
}

pub(crate) type MQTTClient_willOptions_payload = MQTT_binary;

pub(crate) type MQTTClient_willOptions = MQTT_willOptions;

pub(crate) type MQTTClient_SSLOptions = MQTT_SSLOptions;

pub(crate) type MQTTClient_nameValue = MQTT_nameValue;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTClient_connectOptions_returned {
    pub(crate) serverURI: *const c_char,
    pub(crate) MQTTVersion: c_int,
    pub(crate) sessionPresent: c_int,
}

pub(crate) type MQTTClient_connectOptions_binarypwd = MQTT_binary;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTClient_connectOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) keepAliveInterval: c_int,
    pub(crate) cleansession: c_int,
    pub(crate) reliable: c_int,
    pub(crate) will: *mut MQTTClient_willOptions,
    pub(crate) username: *const c_char,
    pub(crate) password: *const c_char,
    pub(crate) connectTimeout: c_int,
    pub(crate) retryInterval: c_int,
    pub(crate) ssl: *mut MQTTClient_SSLOptions,
    pub(crate) serverURIcount: c_int,
    pub(crate) serverURIs: *const *mut c_char,
    pub(crate) MQTTVersion: c_int,
    pub(crate) returned: MQTTClient_connectOptions_returned,
    pub(crate) binarypwd: MQTTClient_connectOptions_binarypwd,
    pub(crate) maxInflightMessages: c_int,
    pub(crate) cleanstart: c_int,
    pub(crate) httpHeaders: *const MQTTClient_nameValue,
    pub(crate) httpProxy: *const c_char,
    pub(crate) httpsProxy: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTResponse {
    pub(crate) version: c_int,
    pub(crate) reasonCode: MQTTReasonCodes,
    pub(crate) reasonCodeCount: c_int,
    pub(crate) reasonCodes: *mut MQTTReasonCodes,
    pub(crate) properties: *mut MQTTProperties,
}

functions! {
    unsafe fn MQTTClient_connect(handle: MQTTClient, options: *mut MQTTClient_connectOptions) -> c_int;
    unsafe fn MQTTClient_connect5(handle: MQTTClient, options: *mut MQTTClient_connectOptions, connectProperties: *mut MQTTProperties, willProperties: *mut MQTTProperties) -> MQTTResponse;
    unsafe fn MQTTClient_create(handle: *mut MQTTClient, serverURI: *const c_char, clientId: *const c_char, persistence_type: c_int, persistence_context: *mut c_void) -> c_int;
    unsafe fn MQTTClient_createWithOptions(handle: *mut MQTTClient, serverURI: *const c_char, clientId: *const c_char, persistence_type: c_int, persistence_context: *mut c_void, options: *mut MQTTClient_createOptions) -> c_int;
    unsafe fn MQTTClient_destroy(handle: *mut MQTTClient);
    unsafe fn MQTTClient_disconnect(handle: MQTTClient, timeout: c_int) -> c_int;
    unsafe fn MQTTClient_disconnect5(handle: MQTTClient, timeout: c_int, reason: MQTTReasonCodes, props: *mut MQTTProperties) -> c_int;
    unsafe fn MQTTClient_free(ptr: *mut c_void);
    unsafe fn MQTTClient_freeMessage(msg: *mut *mut MQTTClient_message);
    unsafe fn MQTTClient_getPendingDeliveryTokens(handle: MQTTClient, tokens: *mut *mut MQTTClient_deliveryToken) -> c_int;
    safe fn MQTTClient_getVersionInfo() -> *mut MQTTClient_nameValue;
    unsafe fn MQTTClient_global_init(inits: *mut MQTTClient_init_options);
    unsafe fn MQTTClient_isConnected(handle: MQTTClient) -> c_int;
    unsafe fn MQTTClient_malloc(size: usize) -> *mut c_void;
    unsafe fn MQTTClient_publish(handle: MQTTClient, topicName: *const c_char, payloadlen: c_int, payload: *const c_void, qos: c_int, retained: c_int, dt: *mut MQTTClient_deliveryToken) -> c_int;
    unsafe fn MQTTClient_publish5(handle: MQTTClient, topicName: *const c_char, payloadlen: c_int, payload: *const c_void, qos: c_int, retained: c_int, properties: *mut MQTTProperties, dt: *mut MQTTClient_deliveryToken) -> MQTTResponse;
    unsafe fn MQTTClient_publishMessage(handle: MQTTClient, topicName: *const c_char, msg: *mut MQTTClient_message, dt: *mut MQTTClient_deliveryToken) -> c_int;
    unsafe fn MQTTClient_publishMessage5(handle: MQTTClient, topicName: *const c_char, msg: *mut MQTTClient_message, dt: *mut MQTTClient_deliveryToken) -> MQTTResponse;
    unsafe fn MQTTClient_receive(handle: MQTTClient, topicName: *mut *mut c_char, topicLen: *mut c_int, message: *mut *mut MQTTClient_message, timeout: c_ulong) -> c_int;
    unsafe fn MQTTClient_setCallbacks(handle: MQTTClient, context: *mut c_void, cl: MQTTClient_connectionLost, ma: MQTTClient_messageArrived, dc: MQTTClient_deliveryComplete) -> c_int;
    unsafe fn MQTTClient_setCommandTimeout(handle: MQTTClient, milliSeconds: c_ulong) -> c_int;
    unsafe fn MQTTClient_setDisconnected(handle: MQTTClient, context: *mut c_void, co: MQTTClient_disconnected) -> c_int;
    unsafe fn MQTTClient_setPublished(handle: MQTTClient, context: *mut c_void, co: MQTTClient_published) -> c_int;
    safe fn MQTTClient_strerror(code: c_int) -> *const c_char;
    unsafe fn MQTTClient_subscribe(handle: MQTTClient, topic: *const c_char, qos: c_int) -> c_int;
    unsafe fn MQTTClient_subscribe5(handle: MQTTClient, topic: *const c_char, qos: c_int, opts: *mut MQTTSubscribe_options, props: *mut MQTTProperties) -> MQTTResponse;
    unsafe fn MQTTClient_subscribeMany(handle: MQTTClient, count: c_int, topic: *const *mut c_char, qos: *mut c_int) -> c_int;
    unsafe fn MQTTClient_subscribeMany5(handle: MQTTClient, count: c_int, topic: *const *mut c_char, qos: *mut c_int, opts: *mut MQTTSubscribe_options, props: *mut MQTTProperties) -> MQTTResponse;
    unsafe fn MQTTClient_unsubscribe(handle: MQTTClient, topic: *const c_char) -> c_int;
    unsafe fn MQTTClient_unsubscribe5(handle: MQTTClient, topic: *const c_char, props: *mut MQTTProperties) -> MQTTResponse;
    unsafe fn MQTTClient_unsubscribeMany(handle: MQTTClient, count: c_int, topic: *const *mut c_char) -> c_int;
    unsafe fn MQTTClient_unsubscribeMany5(handle: MQTTClient, count: c_int, topic: *const *mut c_char, props: *mut MQTTProperties) -> MQTTResponse;
    unsafe fn MQTTClient_waitForCompletion(handle: MQTTClient, dt: MQTTClient_deliveryToken, timeout: c_ulong) -> c_int;
    safe fn MQTTClient_yield();
    unsafe fn MQTTResponse_free(response: MQTTResponse);
    unsafe fn MQTTClientExt_setOption(handle: MQTTClient, name: *const c_char, value: *const c_char, errstr: *mut c_char, size: usize) -> c_int;
    unsafe fn MQTTClientExt_getOption(handle: MQTTClient, name: *const c_char, buffer: *mut c_char, size: *mut usize) -> c_int;
    unsafe fn MQTTClientExt_getStatistics(handle: MQTTClient, statistics: *mut MQTTExt_statistics) -> c_int;
    unsafe fn MQTTClientExt_getLastError(handle: MQTTClient, code: *mut c_int, buffer: *mut c_char, size: usize) -> c_int;
    unsafe fn MQTTClientExt_acknowledge(handle: MQTTClient, msgid: c_int) -> c_int;
    unsafe fn MQTTClientExt_setAuthentication(handle: MQTTClient, method: *const c_char, context: *mut c_void, callback: MQTTExt_authenticate) -> c_int;
    unsafe fn MQTTClientExt_setSSLContext(handle: MQTTClient, context: *mut c_void) -> c_int;
    unsafe fn MQTTClientExt_setUpgrade(handle: MQTTClient, context: *mut c_void, callback: MQTTExt_prepareUpgrade) -> c_int;
    unsafe fn MQTTClientExt_reauthenticate(handle: MQTTClient) -> c_int;
}
