/**
 * Where messages in flight are stored: the kinds of store, the functions of a store that the program supplies,
 * and functions that may change what is stored.
 */

#if !defined(MQTTCLIENTPERSISTENCE_H)
#define MQTTCLIENTPERSISTENCE_H

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * Persistence type: files, in the directory that the persistence context names (a const char*), or in
 * the working directory if it is NULL.
 */
#define MQTTCLIENT_PERSISTENCE_DEFAULT 0

/** Persistence type: memory only. Messages in flight do not survive the end of the program. */
#define MQTTCLIENT_PERSISTENCE_NONE 1

/**
 * Persistence type: functions of the program, in the MQTTClient_persistence object that the persistence
 * context points to.
 */
#define MQTTCLIENT_PERSISTENCE_USER 2

/** What a persistence function returns when it failed. */
#define MQTTCLIENT_PERSISTENCE_ERROR -2

/**
 * Opens the store of one client.
 *
 * handle: set it to whatever the other functions shall be given. clientID, serverURI: together they name
 * the store; valid during the call only. context: the member of MQTTClient_persistence.
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
 */
typedef int (*Persistence_open)(void **handle, const char *clientID, const char *serverURI, void *context);

/**
 * Closes the store; what it holds stays.
 *
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
 */
typedef int (*Persistence_close)(void *handle);

/**
 * Stores one record under a key, replacing an earlier record of that key.
 *
 * The record is the bufcount buffers put together; buflens holds their lengths. All arguments are valid
 * during the call only.
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
 */
typedef int (*Persistence_put)(void *handle, char *key, int bufcount, char **buffers, int *buflens);

/**
 * Fetches one record.
 *
 * buffer: set it to memory from malloc() that holds the record; the library frees it. buflen: set it to
 * the length of the record.
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR, for example when there is no such key.
 */
typedef int (*Persistence_get)(void *handle, char *key, char **buffer, int *buflen);

/**
 * Removes one record.
 *
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
 */
typedef int (*Persistence_remove)(void *handle, char *key);

/**
 * Lists the keys in the store.
 *
 * keys: set it to an array from malloc() of texts from malloc(), or to NULL when there are none; the
 * library frees them. nkeys: set it to their number.
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
 */
typedef int (*Persistence_keys)(void *handle, char ***keys, int *nkeys);

/**
 * Removes all records.
 *
 * Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
 */
typedef int (*Persistence_clear)(void *handle);

/**
 * Tells whether there is a record of this key.
 *
 * Returns 0 if there is, anything else if not.
 */
typedef int (*Persistence_containskey)(void *handle, char *key);

/**
 * A store that the program supplies, for MQTTCLIENT_PERSISTENCE_USER. No member may be NULL.
 * The object must stay in place until the client is destroyed.
 */
typedef struct {
  /** The program's own; handed to popen. */
  void *context;
  /** Opens the store. */
  Persistence_open popen;
  /** Closes it. */
  Persistence_close pclose;
  /** Stores a record. */
  Persistence_put pput;
  /** Fetches a record. */
  Persistence_get pget;
  /** Removes a record. */
  Persistence_remove premove;
  /** Lists the keys. */
  Persistence_keys pkeys;
  /** Removes all records. */
  Persistence_clear pclear;
  /** Tells whether a record exists. */
  Persistence_containskey pcontainskey;
} MQTTClient_persistence;

/**
 * Called before a record is stored: may change the bytes, for example to encrypt them.
 *
 * buffers, buflens: bufcount buffers with their lengths. To change one, put another pointer, to memory from
 * MQTTAsync_malloc(), and another length in its place; the bytes the old one points to must stay as they are.
 * Returns 0, or another value to give the write up.
 */
typedef int MQTTPersistence_beforeWrite(void *context, int bufcount, char **buffers, int *buflens);

/**
 * Called after a record was fetched: undoes what the function called before storing did.
 *
 * buffer, buflen: the record. To change it, replace the pointer by memory from MQTTAsync_malloc(), free the
 * old one with MQTTAsync_free(), and set the length.
 * Returns 0, or another value to have the record ignored.
 */
typedef int MQTTPersistence_afterRead(void *context, char **buffer, int *buflen);

#if defined(__cplusplus)
}
#endif

#endif /* MQTTCLIENTPERSISTENCE_H */
