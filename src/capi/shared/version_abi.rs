//! Constants that `MQTTClient.h` and `MQTTAsync.h` both define, with the same text.

use std::ffi::c_int;

/// MQTTVersion: MQTT 3.1.1, then MQTT 3.1 if that attempt fails for any reason.
pub const MQTTVERSION_DEFAULT: c_int = 0;
/// MQTTVersion: MQTT 3.1 only.
pub const MQTTVERSION_3_1: c_int = 3;
/// MQTTVersion: MQTT 3.1.1 only.
pub const MQTTVERSION_3_1_1: c_int = 4;
/// MQTTVersion: MQTT 5.0 only.
pub const MQTTVERSION_5: c_int = 5;

/// Returned in place of a granted QoS: the server rejected this subscription.
pub const MQTT_BAD_SUBSCRIBE: c_int = 0x80;

/// sslVersion: the system's default minimum.
pub const MQTT_SSL_VERSION_DEFAULT: c_int = 0;
/// sslVersion: TLS 1.0 or later.
pub const MQTT_SSL_VERSION_TLS_1_0: c_int = 1;
/// sslVersion: TLS 1.1 or later.
pub const MQTT_SSL_VERSION_TLS_1_1: c_int = 2;
/// sslVersion: TLS 1.2 or later.
pub const MQTT_SSL_VERSION_TLS_1_2: c_int = 3;
