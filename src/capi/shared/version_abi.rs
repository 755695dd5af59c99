//! Constants that `MQTTClient.h` and `MQTTAsync.h` both define, with the same text.

use std::ffi::c_int;

/// MQTTVersion: MQTT 3.1.1, and if the server refuses that, MQTT 3.1.
pub const MQTTVERSION_DEFAULT: c_int = 0;
/// MQTTVersion: MQTT 3.1 only.
pub const MQTTVERSION_3_1: c_int = 3;
/// MQTTVersion: MQTT 3.1.1 only.
pub const MQTTVERSION_3_1_1: c_int = 4;
/// MQTTVersion: MQTT 5.0 only.
pub const MQTTVERSION_5: c_int = 5;

/// In place of a granted QoS: the server refused this subscription.
pub const MQTT_BAD_SUBSCRIBE: c_int = 0x80;

/// sslVersion: what the system allows.
pub const MQTT_SSL_VERSION_DEFAULT: c_int = 0;
/// sslVersion: TLS 1.0 or above.
pub const MQTT_SSL_VERSION_TLS_1_0: c_int = 1;
/// sslVersion: TLS 1.1 or above.
pub const MQTT_SSL_VERSION_TLS_1_1: c_int = 2;
/// sslVersion: TLS 1.2 or above.
pub const MQTT_SSL_VERSION_TLS_1_2: c_int = 3;
