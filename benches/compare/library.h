/* A library with the Paho C API that is loaded at run time. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "MQTTClient.h"

struct library {
    int (*create)(MQTTClient*, const char*, const char*, int, void*);
    int (*connect)(MQTTClient, MQTTClient_connectOptions*);
    int (*setCallbacks)(MQTTClient, void*, MQTTClient_connectionLost*, MQTTClient_messageArrived*,
                        MQTTClient_deliveryComplete*);
    int (*publish)(MQTTClient, const char*, int, const void*, int, int, MQTTClient_deliveryToken*);
    int (*waitForCompletion)(MQTTClient, MQTTClient_deliveryToken, unsigned long);
    int (*subscribe)(MQTTClient, const char*, int);
    int (*receive)(MQTTClient, char**, int*, MQTTClient_message**, unsigned long);
    int (*disconnect)(MQTTClient, int);
    void (*destroy)(MQTTClient*);
    void (*freeMessage)(MQTTClient_message**);
    void (*free)(void*);
};

extern struct library api;

/* Loads the library at `path` into `api`; 0 on success. */
int load_library(const char* path);

/* Seconds on a clock that nobody sets. */
double now(void);

#endif
