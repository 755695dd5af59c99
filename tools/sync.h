/* What paho_cs_pub and paho_cs_sub share: connecting and disconnecting with the synchronous API. */

#ifndef TOOLS_SYNC_H
#define TOOLS_SYNC_H

#include "MQTTClient.h"
#include "common.h"

extern const char *const *sync_library_facts(void);

/* Creates the client, or reports why not and ends the process. */
MQTTClient sync_create(const struct options *options);

/* Connects. EXIT_CONNECT after a failure, which has been reported. */
enum exit_code sync_connect(MQTTClient client, const struct options *options);

/* Connects after a loss: tries until it works or a signal comes, with pauses that grow. */
void sync_connect_again(MQTTClient client, const struct options *options);

/* Disconnects if connected, and destroys the client. */
void sync_end(MQTTClient client);

#endif
