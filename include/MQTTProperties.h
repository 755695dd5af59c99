/**
 * The MQTT 5.0 properties, and lists of them.
 */

#if !defined(MQTTPROPERTIES_H)
#define MQTTPROPERTIES_H

#include "MQTTExportDeclarations.h"
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** What MQTTProperties_add() returns for a property identifier that does not exist. */
#define MQTT_INVALID_PROPERTY_ID -2

/**
 * The identifiers of the MQTT 5.0 properties, with the packets they may stand in and the member of
 * MQTTProperty.value that holds them.
 */
enum MQTTPropertyCodes {
  /** PUBLISH, will. `byte`: 0 the payload is bytes, 1 it is UTF-8 text. */
  MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR = 1,
  /** PUBLISH, will. `integer4`: seconds after which the server drops the message. */
  MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL = 2,
  /** PUBLISH, will. `data`: what the payload is, for example a MIME type. */
  MQTTPROPERTY_CODE_CONTENT_TYPE = 3,
  /** PUBLISH, will. `data`: the topic to send a response to. */
  MQTTPROPERTY_CODE_RESPONSE_TOPIC = 8,
  /** PUBLISH, will. `data`: bytes that tie a response to its request. */
  MQTTPROPERTY_CODE_CORRELATION_DATA = 9,
  /** SUBSCRIBE, and PUBLISH from the server. `integer4`: 1 to 268435455; which subscriptions matched. */
  MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER = 11,
  /**
   * CONNECT, CONNACK, DISCONNECT. `integer4`: seconds the server keeps the session after the connection
   * has closed; 4294967295 means for ever.
   */
  MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL = 17,
  /** CONNACK. `data`: the client identifier the server chose. */
  MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFIER = 18,
  /** The same property under the misspelled name that older programs use. */
  MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER = 18,
  /** CONNACK. `integer2`: the keep-alive interval in seconds that holds in place of the client's own. */
  MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE = 19,
  /** CONNECT, CONNACK, AUTH. `data`: the name of the authentication method. */
  MQTTPROPERTY_CODE_AUTHENTICATION_METHOD = 21,
  /** CONNECT, CONNACK, AUTH. `data`: bytes whose meaning the authentication method defines. */
  MQTTPROPERTY_CODE_AUTHENTICATION_DATA = 22,
  /** CONNECT. `byte`: 0 asks the server to leave out reason strings and user properties of answers. */
  MQTTPROPERTY_CODE_REQUEST_PROBLEM_INFORMATION = 23,
  /** Will. `integer4`: seconds between the loss of the connection and the will message. */
  MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL = 24,
  /** CONNECT. `byte`: 1 asks the server for RESPONSE_INFORMATION. */
  MQTTPROPERTY_CODE_REQUEST_RESPONSE_INFORMATION = 25,
  /** CONNACK. `data`: a basis for making response topics. */
  MQTTPROPERTY_CODE_RESPONSE_INFORMATION = 26,
  /** CONNACK, DISCONNECT. `data`: another server to use. */
  MQTTPROPERTY_CODE_SERVER_REFERENCE = 28,
  /** Every answer, DISCONNECT and AUTH. `data`: the reason in words, meant for people. */
  MQTTPROPERTY_CODE_REASON_STRING = 31,
  /** CONNECT, CONNACK. `integer2`: how many QoS 1 and 2 messages the sender takes unacknowledged; not 0. */
  MQTTPROPERTY_CODE_RECEIVE_MAXIMUM = 33,
  /** CONNECT, CONNACK. `integer2`: the highest topic alias the sender takes. */
  MQTTPROPERTY_CODE_TOPIC_ALIAS_MAXIMUM = 34,
  /** PUBLISH. `integer2`: a number that stands for the topic name; not 0. */
  MQTTPROPERTY_CODE_TOPIC_ALIAS = 35,
  /** CONNACK. `byte`: the highest QoS the server supports, 0 or 1. Absent: 2. */
  MQTTPROPERTY_CODE_MAXIMUM_QOS = 36,
  /** CONNACK. `byte`: 0 if the server does not keep retained messages. */
  MQTTPROPERTY_CODE_RETAIN_AVAILABLE = 37,
  /** Every packet with properties, any number of times. `data` the name, `value` the value. */
  MQTTPROPERTY_CODE_USER_PROPERTY = 38,
  /** CONNECT, CONNACK. `integer4`: the largest packet, in bytes, that the sender takes; not 0. */
  MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE = 39,
  /** CONNACK. `byte`: 0 if the server does not support wildcards in subscriptions. */
  MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE = 40,
  /** CONNACK. `byte`: 0 if the server does not support subscription identifiers. */
  MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIERS_AVAILABLE = 41,
  /** CONNACK. `byte`: 0 if the server does not support shared subscriptions. */
  MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE = 42
};

/** A text or a row of bytes with its length. No terminating zero is needed, and none is to be relied on. */
typedef struct {
  /** How many bytes. */
  int len;
  /** The bytes. */
  char *data;
} MQTTLenString;

/** One MQTT 5.0 property. */
typedef struct {
  /** Which property it is: one of the MQTTPROPERTY_CODE_ values. */
  enum MQTTPropertyCodes identifier;
  /**
   * Its value. The type that MQTTProperty_getType() gives for the identifier decides which member
   * counts.
   */
  union {
    /** A one byte number. */
    unsigned char byte;
    /** A two byte number. */
    unsigned short integer2;
    /** A four byte number, or one of variable length. */
    unsigned int integer4;
    /** Everything that is not a number. */
    struct {
      /** A string, a binary value, or the name of a user property. */
      MQTTLenString data;
      /** The value of a user property; not used by other properties. */
      MQTTLenString value;
    };
  } value;
} MQTTProperty;

/**
 * A list of MQTT 5.0 properties. Start from MQTTProperties_initializer, fill it with
 * MQTTProperties_add(), which copies what it is given, and release it with MQTTProperties_free().
 * Do not write the members yourself.
 */
typedef struct MQTTProperties {
  /** How many properties there are. */
  int count;
  /** For how many there is room in `array`. */
  int max_count;
  /** Bytes the properties take on the wire, without the length field in front of them. */
  int length;
  /** The properties. */
  MQTTProperty *array;
} MQTTProperties;

/** The types of property values, as MQTTProperty_getType() tells them. */
enum MQTTPropertyTypes {
  /** One byte, in `byte`. */
  MQTTPROPERTY_TYPE_BYTE = 0,
  /** 0 to 65535, in `integer2`. */
  MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER = 1,
  /** 0 to 4294967295, in `integer4`. */
  MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER = 2,
  /** 0 to 268435455, in `integer4`. */
  MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER = 3,
  /** Up to 65535 bytes of any kind, in `data`. */
  MQTTPROPERTY_TYPE_BINARY_DATA = 4,
  /** Up to 65535 bytes of UTF-8 text, in `data`. */
  MQTTPROPERTY_TYPE_UTF_8_ENCODED_STRING = 5,
  /** Two such texts, a name in `data` and a value in `value`. */
  MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR = 6
};

/**
 * The name of a property identifier without its prefix, for example "USER_PROPERTY".
 *
 * Returns a constant text that is never freed, or NULL if no property has this identifier.
 */
LIBMQTT_API const char *MQTTPropertyName(enum MQTTPropertyCodes value);

/**
 * The type of a property's value: one of the MQTTPROPERTY_TYPE_ constants, 0 to 6.
 *
 * Returns -1 if no property has this identifier.
 */
LIBMQTT_API int MQTTProperty_getType(enum MQTTPropertyCodes value);

/**
 * How many bytes a list takes in a packet, with the length field in front of it. NULL counts as an
 * empty list, which takes 1 byte.
 */
LIBMQTT_API int MQTTProperties_len(const MQTTProperties *props);

/**
 * Appends a copy of a property to a list. Strings and binary values are copied too, so the program
 * keeps its own.
 *
 * props: a list that began as MQTTProperties_initializer. prop: the identifier, and the member of the
 * value that belongs to it.
 *
 * The same identifier may be added several times; whether a packet may carry it is not checked here.
 *
 * Returns
 *
 * - 0 the property was added
 * - -1 the value cannot be sent: a string or binary value with a negative length, with more than 65535
 *   bytes, or with a length but no bytes; a subscription identifier above 268435455
 * - -2 (MQTT_INVALID_PROPERTY_ID) no property has this identifier
 * - -6 prop is NULL
 * - -99 props is NULL, or memory is short
 *
 * The list is unchanged unless the result is 0.
 */
LIBMQTT_API int MQTTProperties_add(MQTTProperties *props, const MQTTProperty *prop);

/**
 * Frees all that is in a list and leaves it empty, so that it can be filled anew and a second call does
 * no harm. The MQTTProperties object itself is not freed. NULL is allowed.
 */
LIBMQTT_API void MQTTProperties_free(MQTTProperties *properties);

/**
 * Copies a list with all that is in it. NULL gives an empty list.
 *
 * Returns the copy, which the program releases with MQTTProperties_free(). If memory is short it lacks
 * the last entries.
 */
LIBMQTT_API MQTTProperties MQTTProperties_copy(const MQTTProperties *props);

/**
 * Whether a list holds a property with this identifier.
 *
 * Returns 1 if it does, 0 if not or if the list is NULL.
 */
LIBMQTT_API int MQTTProperties_hasProperty(const MQTTProperties *props, enum MQTTPropertyCodes propid);

/**
 * How often a list holds a property with this identifier: 0 for NULL. User properties and subscription
 * identifiers can occur more than once.
 */
LIBMQTT_API int MQTTProperties_propertyCount(const MQTTProperties *props, enum MQTTPropertyCodes propid);

/**
 * The value of the first property with this identifier, as a number.
 *
 * Returns 0 to 4294967295, or -9999999 if the list is NULL or has no such property, -999999 if its
 * value is not a number.
 */
LIBMQTT_API int64_t MQTTProperties_getNumericValue(const MQTTProperties *props,
    enum MQTTPropertyCodes propid);

/**
 * The value of one of several properties with this identifier, as a number.
 *
 * index: which of them, counted from 0; a negative index means the first.
 *
 * Returns 0 to 4294967295, or -9999999 if the list is NULL or has no such property, -999999 if its
 * value is not a number.
 */
LIBMQTT_API int64_t MQTTProperties_getNumericValueAt(const MQTTProperties *props,
    enum MQTTPropertyCodes propid, int index);

/**
 * The first property with this identifier.
 *
 * Returns a pointer into the list, or NULL if the list is NULL or has no such property. The property
 * belongs to the list; adding to the list or freeing it makes the pointer invalid.
 */
LIBMQTT_API MQTTProperty *MQTTProperties_getProperty(const MQTTProperties *props,
    enum MQTTPropertyCodes propid);

/**
 * One of several properties with this identifier.
 *
 * index: which of them, counted from 0.
 *
 * Returns a pointer into the list, or NULL if the list is NULL or has no such property. The property
 * belongs to the list; adding to the list or freeing it makes the pointer invalid.
 */
LIBMQTT_API MQTTProperty *MQTTProperties_getPropertyAt(const MQTTProperties *props,
    enum MQTTPropertyCodes propid, int index);

/** A list without properties. */
#define MQTTProperties_initializer { 0, 0, 0, NULL }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTPROPERTIES_H */
