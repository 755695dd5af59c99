/**
 * @file
 * Persistent stores for messages in flight, so that they survive the end of the process: the persistence types, and
 * the functions of a store that the application implements.
 *
 * Most applications only choose MQTTCLIENT_PERSISTENCE_DEFAULT and a directory:
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTClient.h"
 *
 * int main(void)
 * {
 *     MQTTClient client;
 *     MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
 *     MQTTClient_deliveryToken token;
 *     char directory[] = "example-store";
 *     int rc = MQTTClient_create(&client, "tcp://localhost:1883", "example", MQTTCLIENT_PERSISTENCE_DEFAULT, directory);
 *
 *     options.cleansession = 0;
 *     if (rc == 0) rc = MQTTClient_connect(client, &options);
 *     if (rc == 0) rc = MQTTClient_publish(client, "example/reading", 4, "21.5", 2, 0, &token);
 *     if (rc == 0) rc = MQTTClient_waitForCompletion(client, token, 10000);
 *     printf("%s\n", rc == 0 ? "Delivered" : "Still stored");
 *     MQTTClient_destroy(&client);
 *     return rc;
 * }
 * @endcode
 *
 * A message that is not delivered before the process ends is sent again by the next client with the same identifier,
 * server and directory, after it has connected with cleansession (cleanstart with MQTT 5.0) set to 0. A directory can
 * be used by one process at a time. PAHO_C_RS_FILE_STORE_SYNC=1 in the environment makes each record survive a loss of
 * power as well.
 */

#if !defined(MQTTCLIENTPERSISTENCE_H)
#define MQTTCLIENTPERSISTENCE_H

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * Persistence type: files. The persistence context is the directory (a const char*), or NULL for the
 * working directory.
 */
#define MQTTCLIENT_PERSISTENCE_DEFAULT 0

/** Persistence type: memory. Messages in flight do not survive the process. */
#define MQTTCLIENT_PERSISTENCE_NONE 1

/**
 * Persistence type: functions of the application. The persistence context points to an
 * MQTTClient_persistence structure.
 */
#define MQTTCLIENT_PERSISTENCE_USER 2

/** Returned by a persistence function that failed. */
#define MQTTCLIENT_PERSISTENCE_ERROR -2

/**
 * Opens the store of a client.
 *
 * @param handle set it to the value that is to be passed to the other functions
 * @param clientID client identifier, which names the store together with serverURI; valid during the
 *   call only
 * @param serverURI the server; valid during the call only
 * @param context the context member of MQTTClient_persistence
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
 */
typedef int (*Persistence_open)(void **handle, const char *clientID, const char *serverURI, void *context);

/**
 * Closes the store. Its records are kept.
 *
 * @param handle as set by the open function
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
 */
typedef int (*Persistence_close)(void *handle);

/**
 * Stores a record, replacing any record with the same key. The record is the concatenation of the
 * buffers.
 *
 * @param handle as set by the open function
 * @param key key of the record; valid during the call only
 * @param bufcount number of buffers
 * @param buffers the buffers; valid during the call only
 * @param buflens lengths of the buffers; valid during the call only
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
 */
typedef int (*Persistence_put)(void *handle, char *key, int bufcount, char **buffers, int *buflens);

/**
 * Reads a record.
 *
 * @param handle as set by the open function
 * @param key key of the record
 * @param buffer set it to memory from malloc() that contains the record; the library frees it
 * @param buflen set it to the length of the record
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR, for example if there is no such record
 */
typedef int (*Persistence_get)(void *handle, char *key, char **buffer, int *buflen);

/**
 * Removes a record.
 *
 * @param handle as set by the open function
 * @param key key of the record
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
 */
typedef int (*Persistence_remove)(void *handle, char *key);

/**
 * Lists the keys of all records.
 *
 * @param handle as set by the open function
 * @param keys set it to an array from malloc() of strings from malloc(), which the library frees, or
 *   to NULL if there are none
 * @param nkeys set it to the number of keys
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
 */
typedef int (*Persistence_keys)(void *handle, char ***keys, int *nkeys);

/**
 * Removes all records.
 *
 * @param handle as set by the open function
 * @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
 */
typedef int (*Persistence_clear)(void *handle);

/**
 * Checks whether a record exists.
 *
 * @param handle as set by the open function
 * @param key key of the record
 * @return 0 if it exists, any other value if not
 */
typedef int (*Persistence_containskey)(void *handle, char *key);

/**
 * A store implemented by the application, for MQTTCLIENT_PERSISTENCE_USER. All functions must be set.
 * The structure must stay valid until the client is destroyed.
 *
 * The functions may be called on any thread, one at a time in the whole process. They must not call
 * the API: every handle is rejected while they run.
 */
typedef struct {
  /** Passed to popen. */
  void *context;
  /** Opens the store. */
  Persistence_open popen;
  /** Closes the store. */
  Persistence_close pclose;
  /** Stores a record. */
  Persistence_put pput;
  /** Reads a record. */
  Persistence_get pget;
  /** Removes a record. */
  Persistence_remove premove;
  /** Lists the keys. */
  Persistence_keys pkeys;
  /** Removes all records. */
  Persistence_clear pclear;
  /** Checks whether a record exists. */
  Persistence_containskey pcontainskey;
} MQTTClient_persistence;

/**
 * Called before a record is stored; may transform it, for example encrypt it.
 *
 * @param context as passed to MQTTAsync_setBeforePersistenceWrite()
 * @param bufcount number of buffers that make up the record
 * @param buffers the buffers. To change one, replace the pointer with memory from MQTTAsync_malloc(),
 *   which the library frees; do not modify or free the original
 * @param buflens lengths of the buffers, to be updated as well
 * @return 0, or another value to cancel the write
 * @note Must not call the API, except MQTTAsync_malloc() and MQTTAsync_free().
 */
typedef int MQTTPersistence_beforeWrite(void *context, int bufcount, char **buffers, int *buflens);

/**
 * Called after a record was read; reverses the transformation done before it was stored.
 *
 * @param context as passed to MQTTAsync_setAfterPersistenceRead()
 * @param buffer the record. To change it, free it with MQTTAsync_free() and replace the pointer with
 *   memory from MQTTAsync_malloc()
 * @param buflen length of the record, to be updated as well
 * @return 0, or another value to ignore the record
 * @note Must not call the API, except MQTTAsync_malloc() and MQTTAsync_free().
 */
typedef int MQTTPersistence_afterRead(void *context, char **buffer, int *buflen);

#if defined(__cplusplus)
}
#endif

#endif /* MQTTCLIENTPERSISTENCE_H */
