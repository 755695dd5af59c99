/**
 * @file
 * MQTT 5.0 properties and lists of them.
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTProperties.h"
 *
 * int main(void)
 * {
 *     MQTTProperties list = MQTTProperties_initializer;
 *     MQTTProperty property;
 *     int rc;
 *
 *     property.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL;
 *     property.value.integer4 = 3600;
 *     rc = MQTTProperties_add(&list, &property);
 *     property.identifier = MQTTPROPERTY_CODE_CONTENT_TYPE;
 *     property.value.data.data = "text/plain";
 *     property.value.data.len = 10;
 *     if (rc == 0) rc = MQTTProperties_add(&list, &property);
 *     printf("%d properties, expiry %d s\n", list.count,
 *         (int)MQTTProperties_getNumericValue(&list, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL));
 *     MQTTProperties_free(&list);
 *     return rc;
 * }
 * @endcode
 *
 * A list is passed to functions such as MQTTClient_publish5() and stays the caller's. Lists inside received messages and
 * responses are freed with those. A list must not be changed by one thread while another one uses it.
 */

#if !defined(MQTTPROPERTIES_H)
#define MQTTPROPERTIES_H

#include "MQTTExportDeclarations.h"
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** Returned by MQTTProperties_add() for a property identifier that does not exist. */
#define MQTT_INVALID_PROPERTY_ID -2

/**
 * Identifiers of the MQTT 5.0 properties. Each description lists the packets that may contain the
 * property and the member of MQTTProperty.value that holds its value.
 */
enum MQTTPropertyCodes {
  /** PUBLISH, will. `byte`: 0 the payload is unspecified bytes, 1 it is UTF-8 text. */
  MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR = 1,
  /** PUBLISH, will. `integer4`: seconds after which the server discards the message. */
  MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL = 2,
  /** PUBLISH, will. `data`: content type of the payload, for example a MIME type. */
  MQTTPROPERTY_CODE_CONTENT_TYPE = 3,
  /** PUBLISH, will. `data`: topic for the response to a request. */
  MQTTPROPERTY_CODE_RESPONSE_TOPIC = 8,
  /** PUBLISH, will. `data`: bytes that identify the request a response belongs to. */
  MQTTPROPERTY_CODE_CORRELATION_DATA = 9,
  /**
   * SUBSCRIBE, and PUBLISH from the server. `integer4`: 1 to 268435455; identifies the matching
   * subscriptions.
   */
  MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER = 11,
  /**
   * CONNECT, CONNACK, DISCONNECT. `integer4`: seconds the server keeps the session after the connection
   * has closed; 4294967295 means that it never expires.
   */
  MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL = 17,
  /** CONNACK. `data`: client identifier assigned by the server. */
  MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFIER = 18,
  /** The same property under a misspelled name, for older programs. */
  MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER = 18,
  /** CONNACK. `integer2`: keep-alive interval in seconds that replaces the client's own. */
  MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE = 19,
  /** CONNECT, CONNACK, AUTH. `data`: name of the authentication method. */
  MQTTPROPERTY_CODE_AUTHENTICATION_METHOD = 21,
  /** CONNECT, CONNACK, AUTH. `data`: bytes defined by the authentication method. */
  MQTTPROPERTY_CODE_AUTHENTICATION_DATA = 22,
  /** CONNECT. `byte`: 0 asks the server to omit reason strings and user properties from its answers. */
  MQTTPROPERTY_CODE_REQUEST_PROBLEM_INFORMATION = 23,
  /** Will. `integer4`: seconds between the loss of the connection and the will message. */
  MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL = 24,
  /** CONNECT. `byte`: 1 asks the server for RESPONSE_INFORMATION. */
  MQTTPROPERTY_CODE_REQUEST_RESPONSE_INFORMATION = 25,
  /** CONNACK. `data`: basis for creating response topics. */
  MQTTPROPERTY_CODE_RESPONSE_INFORMATION = 26,
  /** CONNACK, DISCONNECT. `data`: another server to use. */
  MQTTPROPERTY_CODE_SERVER_REFERENCE = 28,
  /** Every answer, DISCONNECT and AUTH. `data`: human-readable reason. */
  MQTTPROPERTY_CODE_REASON_STRING = 31,
  /**
   * CONNECT, CONNACK. `integer2`: maximum number of unacknowledged QoS 1 and 2 messages that the sender
   * accepts; not 0.
   */
  MQTTPROPERTY_CODE_RECEIVE_MAXIMUM = 33,
  /** CONNECT, CONNACK. `integer2`: highest topic alias that the sender accepts. */
  MQTTPROPERTY_CODE_TOPIC_ALIAS_MAXIMUM = 34,
  /** PUBLISH. `integer2`: number used in place of the topic name; not 0. */
  MQTTPROPERTY_CODE_TOPIC_ALIAS = 35,
  /** CONNACK. `byte`: highest QoS that the server supports, 0 or 1. Absent: 2. */
  MQTTPROPERTY_CODE_MAXIMUM_QOS = 36,
  /** CONNACK. `byte`: 0 if the server does not support retained messages. */
  MQTTPROPERTY_CODE_RETAIN_AVAILABLE = 37,
  /** All packets with properties, any number of times. `data`: the name, `value`: the value. */
  MQTTPROPERTY_CODE_USER_PROPERTY = 38,
  /** CONNECT, CONNACK. `integer4`: size in bytes of the largest packet that the sender accepts; not 0. */
  MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE = 39,
  /** CONNACK. `byte`: 0 if the server does not support wildcards in subscriptions. */
  MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE = 40,
  /** CONNACK. `byte`: 0 if the server does not support subscription identifiers. */
  MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIERS_AVAILABLE = 41,
  /** CONNACK. `byte`: 0 if the server does not support shared subscriptions. */
  MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE = 42
};

/** A string or binary value with its length. It need not be zero-terminated. */
typedef struct {
  /** Length in bytes. */
  int len;
  /** The bytes. */
  char *data;
} MQTTLenString;

/** An MQTT 5.0 property. */
typedef struct {
  /** Identifier of the property: one of the MQTTPROPERTY_CODE_ values. */
  enum MQTTPropertyCodes identifier;
  /**
   * Value of the property. The type of the identifier, see MQTTProperty_getType(), selects the
   * member.
   */
  union {
    /** A one-byte integer. */
    unsigned char byte;
    /** A two-byte integer. */
    unsigned short integer2;
    /** A four-byte or variable-length integer. */
    unsigned int integer4;
    /** All other types. */
    struct {
      /** A string, a binary value, or the name of a user property. */
      MQTTLenString data;
      /** The value of a user property; not used by other properties. */
      MQTTLenString value;
    };
  } value;
} MQTTProperty;

/**
 * A list of MQTT 5.0 properties. Initialize with MQTTProperties_initializer, add properties with
 * MQTTProperties_add() and release with MQTTProperties_free(). Do not modify the members directly.
 */
typedef struct MQTTProperties {
  /** Number of properties. */
  int count;
  /** Number of elements allocated in `array`. */
  int max_count;
  /** Encoded length of the properties in bytes, without the length field in front of them. */
  int length;
  /** The properties. */
  MQTTProperty *array;
} MQTTProperties;

/** Types of property values, as returned by MQTTProperty_getType(). */
enum MQTTPropertyTypes {
  /** One byte, in `byte`. */
  MQTTPROPERTY_TYPE_BYTE = 0,
  /** 0 to 65535, in `integer2`. */
  MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER = 1,
  /** 0 to 4294967295, in `integer4`. */
  MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER = 2,
  /** 0 to 268435455, in `integer4`. */
  MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER = 3,
  /** Up to 65535 bytes, in `data`. */
  MQTTPROPERTY_TYPE_BINARY_DATA = 4,
  /** Up to 65535 bytes of UTF-8 text, in `data`. */
  MQTTPROPERTY_TYPE_UTF_8_ENCODED_STRING = 5,
  /** Two UTF-8 strings: a name in `data` and a value in `value`. */
  MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR = 6
};

/**
 * Returns the name of a property without its prefix, for example "USER_PROPERTY".
 *
 * @param value identifier of the property
 * @return a constant string, or NULL if there is no such property
 */
LIBMQTT_API const char *MQTTPropertyName(enum MQTTPropertyCodes value);

/**
 * Returns the type of a property's value.
 *
 * @param value identifier of the property
 * @return one of the MQTTPROPERTY_TYPE_ constants, 0 to 6, or -1 if there is no such property
 */
LIBMQTT_API int MQTTProperty_getType(enum MQTTPropertyCodes value);

/**
 * Returns the encoded length of a list, including the length field in front of it.
 *
 * @param props the list; NULL counts as an empty list
 * @return the length in bytes; 1 for an empty list
 */
LIBMQTT_API int MQTTProperties_len(const MQTTProperties *props);

/**
 * Appends a copy of a property to a list. Strings and binary values are copied too, so the caller
 * keeps ownership of its own.
 *
 * Whether a packet may contain the property, or contain it more than once, is not checked.
 *
 * @param props the list, initialized with MQTTProperties_initializer; unchanged after a failure
 * @param prop the identifier, and the value in the member that belongs to it
 * @return
 * - 0: the property was added
 * - -1: the value cannot be encoded: a string or binary value with a negative length, with more than
 *   65535 bytes, or with a length but no bytes; or a subscription identifier above 268435455
 * - -2 (MQTT_INVALID_PROPERTY_ID): there is no such property
 * - -6: prop is NULL
 * - -99: props is NULL, or out of memory
 */
LIBMQTT_API int MQTTProperties_add(MQTTProperties *props, const MQTTProperty *prop);

/**
 * Frees the contents of a list and leaves it empty. It can then be filled again, and freeing it again
 * is harmless.
 *
 * @param properties the list, or NULL. The MQTTProperties object itself is not freed
 */
LIBMQTT_API void MQTTProperties_free(MQTTProperties *properties);

/**
 * Copies a list and its contents.
 *
 * @param props the list; NULL counts as an empty list
 * @return the copy, to be released with MQTTProperties_free(). If out of memory, its last entries are
 *   missing
 */
LIBMQTT_API MQTTProperties MQTTProperties_copy(const MQTTProperties *props);

/**
 * Returns whether a list contains a property.
 *
 * @param props the list, or NULL
 * @param propid identifier of the property
 * @return 1 if the list contains it, 0 if not or if props is NULL
 */
LIBMQTT_API int MQTTProperties_hasProperty(const MQTTProperties *props, enum MQTTPropertyCodes propid);

/**
 * Returns how many times a list contains a property. User properties and subscription identifiers can
 * occur more than once.
 *
 * @param props the list, or NULL
 * @param propid identifier of the property
 * @return the number of occurrences; 0 if props is NULL
 */
LIBMQTT_API int MQTTProperties_propertyCount(const MQTTProperties *props, enum MQTTPropertyCodes propid);

/**
 * Returns the numeric value of the first property with an identifier.
 *
 * @param props the list, or NULL
 * @param propid identifier of the property
 * @return
 * - 0 to 4294967295: the value
 * - -9999999: the list is NULL or does not contain the property
 * - -999999: the value is not a number
 */
LIBMQTT_API int64_t MQTTProperties_getNumericValue(const MQTTProperties *props,
    enum MQTTPropertyCodes propid);

/**
 * Returns the numeric value of one of several properties with the same identifier.
 *
 * @param props the list, or NULL
 * @param propid identifier of the property
 * @param index which of them, counted from 0; a negative index means the first
 * @return
 * - 0 to 4294967295: the value
 * - -9999999: the list is NULL or does not contain the property
 * - -999999: the value is not a number
 */
LIBMQTT_API int64_t MQTTProperties_getNumericValueAt(const MQTTProperties *props,
    enum MQTTPropertyCodes propid, int index);

/**
 * Returns the first property with an identifier.
 *
 * @param props the list, or NULL
 * @param propid identifier of the property
 * @return a pointer into the list, or NULL if the list is NULL or does not contain the property. The
 *   pointer is valid until the list is changed or freed
 */
LIBMQTT_API MQTTProperty *MQTTProperties_getProperty(const MQTTProperties *props,
    enum MQTTPropertyCodes propid);

/**
 * Returns one of several properties with the same identifier.
 *
 * @param props the list, or NULL
 * @param propid identifier of the property
 * @param index which of them, counted from 0
 * @return a pointer into the list, or NULL if the list is NULL or does not contain the property. The
 *   pointer is valid until the list is changed or freed
 */
LIBMQTT_API MQTTProperty *MQTTProperties_getPropertyAt(const MQTTProperties *props,
    enum MQTTPropertyCodes propid, int index);

/** An empty list. */
#define MQTTProperties_initializer { 0, 0, 0, NULL }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTPROPERTIES_H */
