/**
 * @file
 * MQTT 5.0 options of a subscription.
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTClient.h"
 *
 * int main(void)
 * {
 *     MQTTClient client;
 *     MQTTClient_createOptions version5 = MQTTClient_createOptions_initializer;
 *     MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
 *     MQTTSubscribe_options no_echo = MQTTSubscribe_options_initializer;
 *     MQTTResponse response = MQTTResponse_initializer;
 *
 *     version5.MQTTVersion = MQTTVERSION_5;
 *     if (MQTTClient_createWithOptions(&client, "tcp://localhost:1883", "example", MQTTCLIENT_PERSISTENCE_NONE, NULL,
 *             &version5) != 0)
 *         return 1;
 *     response = MQTTClient_connect5(client, &options, NULL, NULL);
 *     no_echo.noLocal = 1;
 *     if (response.reasonCode == MQTTREASONCODE_SUCCESS) {
 *         MQTTResponse_free(response);
 *         response = MQTTClient_subscribe5(client, "example/#", 1, &no_echo, NULL);
 *     }
 *     printf("Granted QoS or error: %d\n", response.reasonCode);
 *     MQTTResponse_free(response);
 *     MQTTClient_destroy(&client);
 *     return 0;
 * }
 * @endcode
 */

#if !defined(SUBOPTS_H)
#define SUBOPTS_H

/**
 * MQTT 5.0 options of a subscription. Initialize with MQTTSubscribe_options_initializer, which sets
 * the behaviour of MQTT 3.1.1. Ignored with earlier versions.
 */
typedef struct MQTTSubscribe_options {
  /** Always "MQSO" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** 1: messages published by this client are not sent back to it. 0: they are. */
  unsigned char noLocal;
  /**
   * 1: the server keeps the retained flag as set by the publisher. 0: the flag is set only on
   * messages sent because the subscription is new.
   */
  unsigned char retainAsPublished;
  /**
   * When the server sends retained messages: 0 at every subscribe, 1 only if the subscription is
   * new, 2 never.
   */
  unsigned char retainHandling;
} MQTTSubscribe_options;

/** The behaviour of MQTT 3.1.1. */
#define MQTTSubscribe_options_initializer { {'M', 'Q', 'S', 'O'}, 0, 0, 0, 0 }

#endif /* SUBOPTS_H */
