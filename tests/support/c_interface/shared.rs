//! What both interfaces have: properties, reason codes, options of subscriptions, and the structures that differ in their
//! names alone.

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ushort, c_void};

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct heap_info {
    pub(crate) current_size: usize,
    pub(crate) max_size: usize,
}
pub(crate) type MQTTPersistence_beforeWrite = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        bufcount: c_int,
        buffers: *mut *mut c_char,
        buflens: *mut c_int,
    ) -> c_int,
>;
pub(crate) type MQTTPersistence_afterRead =
    Option<unsafe extern "C" fn(context: *mut c_void, buffer: *mut *mut c_char, buflen: *mut c_int) -> c_int>;
pub(crate) type MQTTPropertyCodes = c_int;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTExt_authentication {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) step: c_int,
    pub(crate) reasonCode: c_int,
    pub(crate) method: *const c_char,
    pub(crate) data: *const c_void,
    pub(crate) dataLength: c_int,
    pub(crate) answerLength: c_int,
    pub(crate) answer: *const c_void,
}
pub(crate) type MQTTExt_authenticate =
    Option<unsafe extern "C" fn(context: *mut c_void, authentication: *mut MQTTExt_authentication) -> c_int>;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTExt_header {
    pub(crate) name: *const c_char,
    pub(crate) value: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTExt_upgrade {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) serverURI: *const c_char,
    pub(crate) path: *const c_char,
    pub(crate) headers: *const MQTTExt_header,
    pub(crate) headerCount: c_int,
}
pub(crate) type MQTTExt_prepareUpgrade =
    Option<unsafe extern "C" fn(context: *mut c_void, upgrade: *mut MQTTExt_upgrade) -> c_int>;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTLenString {
    pub(crate) len: c_int,
    pub(crate) data: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTProperty_value_texts {
    pub(crate) data: MQTTLenString,
    pub(crate) value: MQTTLenString,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union MQTTProperty_value {
    pub(crate) byte: c_uchar,
    pub(crate) integer2: c_ushort,
    pub(crate) integer4: c_uint,
    pub(crate) texts: MQTTProperty_value_texts,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct MQTTProperty {
    pub(crate) identifier: MQTTPropertyCodes,
    pub(crate) value: MQTTProperty_value,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTProperties {
    pub(crate) count: c_int,
    pub(crate) max_count: c_int,
    pub(crate) length: c_int,
    pub(crate) array: *mut MQTTProperty,
}
pub(crate) type MQTTReasonCodes = c_int;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTTSubscribe_options {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) noLocal: c_uchar,
    pub(crate) retainAsPublished: c_uchar,
    pub(crate) retainHandling: c_uchar,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTT_init_options {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) do_openssl_init: c_int,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTT_message {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) payloadlen: c_int,
    pub(crate) payload: *mut c_void,
    pub(crate) qos: c_int,
    pub(crate) retained: c_int,
    pub(crate) dup: c_int,
    pub(crate) msgid: c_int,
    pub(crate) properties: MQTTProperties,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTT_binary {
    pub(crate) len: c_int,
    pub(crate) data: *const c_void,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTT_willOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) topicName: *const c_char,
    pub(crate) message: *const c_char,
    pub(crate) retained: c_int,
    pub(crate) qos: c_int,
    pub(crate) payload: MQTT_binary,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTT_SSLOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) trustStore: *const c_char,
    pub(crate) keyStore: *const c_char,
    pub(crate) privateKey: *const c_char,
    pub(crate) privateKeyPassword: *const c_char,
    pub(crate) enabledCipherSuites: *const c_char,
    pub(crate) enableServerCertAuth: c_int,
    pub(crate) sslVersion: c_int,
    pub(crate) verify: c_int,
    pub(crate) CApath: *const c_char,
    pub(crate) ssl_error_cb:
        Option<unsafe extern "C" fn(str: *const c_char, len: usize, u: *mut c_void) -> c_int>,
    pub(crate) ssl_error_context: *mut c_void,
    pub(crate) ssl_psk_cb: Option<
        unsafe extern "C" fn(
            hint: *const c_char,
            identity: *mut c_char,
            max_identity_len: c_uint,
            psk: *mut c_uchar,
            max_psk_len: c_uint,
            u: *mut c_void,
        ) -> c_uint,
    >,
    pub(crate) ssl_psk_context: *mut c_void,
    pub(crate) disableDefaultTrustStore: c_int,
    pub(crate) protos: *const c_uchar,
    pub(crate) protos_len: c_uint,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MQTT_nameValue {
    pub(crate) name: *const c_char,
    pub(crate) value: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MQTTExt_traffic {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) messages: [u64; 3],
    pub(crate) messageBytes: [u64; 3],
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MQTTExt_statistics {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) sent: MQTTExt_traffic,
    pub(crate) received: MQTTExt_traffic,
    pub(crate) attempts: u64,
    pub(crate) failedAttempts: u64,
    pub(crate) connects: u64,
    pub(crate) reconnects: u64,
    pub(crate) losses: u64,
    pub(crate) lossesByServer: u64,
    pub(crate) lossesByKeepAlive: u64,
    pub(crate) lossesByViolation: u64,
    pub(crate) pingTime: i64,
    pub(crate) resolveTime: i64,
    pub(crate) connectTime: i64,
    pub(crate) proxyTime: i64,
    pub(crate) tlsTime: i64,
    pub(crate) webSocketTime: i64,
    pub(crate) connackTime: i64,
    pub(crate) inFlight: c_int,
    pub(crate) queued: c_int,
    pub(crate) waiting: c_int,
    pub(crate) stored: c_int,
    pub(crate) connected: c_int,
    pub(crate) MQTTVersion: c_int,
    pub(crate) sessionPresent: c_int,
    pub(crate) serverKeepAlive: c_int,
    pub(crate) sessionExpiryInterval: i64,
    pub(crate) maximumPacketSize: i64,
    pub(crate) receiveMaximum: c_int,
    pub(crate) maximumQoS: c_int,
    pub(crate) topicAliasMaximum: c_int,
    pub(crate) retainAvailable: c_int,
    pub(crate) wildcardSubscriptionAvailable: c_int,
    pub(crate) subscriptionIdentifiersAvailable: c_int,
    pub(crate) sharedSubscriptionAvailable: c_int,
    pub(crate) reserved: c_int,
}

functions! {
    safe fn Heap_get_info() -> *const heap_info;
    unsafe fn MQTTProperties_add(props: *mut MQTTProperties, prop: *const MQTTProperty) -> c_int;
    unsafe fn MQTTProperties_copy(props: *const MQTTProperties) -> MQTTProperties;
    unsafe fn MQTTProperties_free(properties: *mut MQTTProperties);
    unsafe fn MQTTProperties_getNumericValue(props: *const MQTTProperties, propid: MQTTPropertyCodes) -> i64;
    unsafe fn MQTTProperties_getNumericValueAt(props: *const MQTTProperties, propid: MQTTPropertyCodes, index: c_int) -> i64;
    unsafe fn MQTTProperties_getProperty(props: *const MQTTProperties, propid: MQTTPropertyCodes) -> *mut MQTTProperty;
    unsafe fn MQTTProperties_getPropertyAt(props: *const MQTTProperties, propid: MQTTPropertyCodes, index: c_int) -> *mut MQTTProperty;
    unsafe fn MQTTProperties_hasProperty(props: *const MQTTProperties, propid: MQTTPropertyCodes) -> c_int;
    unsafe fn MQTTProperties_len(props: *const MQTTProperties) -> c_int;
    unsafe fn MQTTProperties_propertyCount(props: *const MQTTProperties, propid: MQTTPropertyCodes) -> c_int;
    safe fn MQTTPropertyName(value: MQTTPropertyCodes) -> *const c_char;
    safe fn MQTTProperty_getType(value: MQTTPropertyCodes) -> c_int;
    safe fn MQTTReasonCode_toString(value: MQTTReasonCodes) -> *const c_char;
    unsafe fn MQTTExt_validateTopic(topic: *const c_char) -> c_int;
    unsafe fn MQTTExt_validateFilter(filter: *const c_char) -> c_int;
    unsafe fn MQTTExt_matches(filter: *const c_char, topic: *const c_char) -> c_int;
    unsafe fn MQTTExt_shareParts(filter: *const c_char, group: *mut *const c_char, groupLength: *mut usize, topicFilter: *mut *const c_char) -> c_int;
    safe fn MQTTExt_strerror(code: c_int) -> *const c_char;
}
