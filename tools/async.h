/* What paho_c_pub and paho_c_sub share: connecting and disconnecting with the asynchronous API. */

#ifndef TOOLS_ASYNC_H
#define TOOLS_ASYNC_H

#include "MQTTAsync.h"
#include "common.h"

extern const char *const *async_library_facts(void);

/* Creates the client, or reports why not and ends the process. */
MQTTAsync async_create(const struct options *options);

/*
 * Connects and waits for the result. `reconnect`: the library connects again after a loss, and calls `on_connected`
 * (which may be NULL) after each success. EXIT_CONNECT after a failure, which has been reported.
 */
enum exit_code async_connect(MQTTAsync client, const struct options *options, int reconnect,
    MQTTAsync_connected *on_connected);

/* Disconnects if connected, and destroys the client: after that no callback runs. */
void async_end(MQTTAsync client);

/* Reports that a request failed. `what` is its name; `reason_code` is negative before MQTT 5. */
void async_report(const struct options *options, const char *what, int code, int reason_code, const char *message);

#endif
