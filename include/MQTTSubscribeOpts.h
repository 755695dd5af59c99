/**
 * MQTT 5.0 options of a subscription.
 */

#if !defined(SUBOPTS_H)
#define SUBOPTS_H

/**
 * The MQTT 5.0 options of one subscription. Start from MQTTSubscribe_options_initializer, which
 * is what MQTT 3.1.1 does. Earlier protocol versions have no such options.
 */
typedef struct MQTTSubscribe_options {
  /** Always "MQSO" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** 1: messages this client publishes itself are not sent back to it. 0: they are. */
  unsigned char noLocal;
  /**
   * 1: the retained flag of a message arrives as its publisher set it. 0: it is set only on
   * messages sent because the subscription is new.
   */
  unsigned char retainAsPublished;
  /**
   * What happens to retained messages when the subscription is made: 0 they are sent, 1 they are
   * sent if the subscription did not exist before, 2 they are not sent.
   */
  unsigned char retainHandling;
} MQTTSubscribe_options;

/** What subscriptions of MQTT 3.1.1 do. */
#define MQTTSubscribe_options_initializer { {'M', 'Q', 'S', 'O'}, 0, 0, 0, 0 }

#endif /* SUBOPTS_H */
