/*
 * Publishes messages that survive the process, in a store of its own: a table in an SQLite file.
 *
 *     sqlite_store URI FILE [COUNT]
 *     sqlite_store tcp://localhost:1883 messages.db 3
 *
 * With MQTTCLIENT_PERSISTENCE_USER the library hands each message of QoS 1 and 2 to the functions below before
 * it sends it, and lets them remove it when the server has confirmed it. Kill the program between the two, start
 * it again: what was not confirmed is sent again, what arrives with QoS 2 arrives once.
 *
 * The library calls these functions from several threads, but never two of them at a time; they must not call
 * functions of the client that they belong to. A record is known by the client it belongs to and by its key.
 *
 *     cc sqlite_store.c -lpaho-mqtt3c -lsqlite3
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTClient.h"

#define CLIENT_ID "sqlite-store"
#define TIME_LIMIT_MS 10000L

/* What the functions do, prepared once. Each has the client as parameter 1 and, where it has one, the key as 2. */
enum { PUT, GET, REMOVE, KEYS, CLEAR, CONTAINS, STATEMENTS };

static const char* const texts[STATEMENTS] = {
    "INSERT OR REPLACE INTO records (client, key, value) VALUES (?1, ?2, ?3)",
    "SELECT value FROM records WHERE client = ?1 AND key = ?2",
    "DELETE FROM records WHERE client = ?1 AND key = ?2",
    "SELECT key FROM records WHERE client = ?1",
    "DELETE FROM records WHERE client = ?1",
    "SELECT 1 FROM records WHERE client = ?1 AND key = ?2",
};

/* One open store; what the library calls its handle. */
struct store {
    sqlite3* database;
    sqlite3_stmt* statements[STATEMENTS];
    char* client;
};

/* Makes a statement ready to run. */
static sqlite3_stmt* begin(struct store* store, int which, const char* key)
{
    sqlite3_stmt* statement = store->statements[which];

    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, store->client, -1, SQLITE_STATIC);
    if (key != NULL)
        sqlite3_bind_text(statement, 2, key, -1, SQLITE_TRANSIENT);
    return statement;
}

/* Runs a statement without result. */
static int run(sqlite3_stmt* statement)
{
    int code = sqlite3_step(statement);

    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : MQTTCLIENT_PERSISTENCE_ERROR;
}

static int store_close(void* handle)
{
    struct store* store = handle;
    int i;

    if (store == NULL) /* opening has failed */
        return 0;
    for (i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->database);
    free(store->client);
    free(store);
    return 0;
}

/* The context is the one in the structure that create is given: here the name of the file. */
static int store_open(void** handle, const char* client_id, const char* server_uri, void* context)
{
    struct store* store = calloc(1, sizeof *store);
    size_t size = strlen(client_id) + strlen(server_uri) + 2;
    int ready, i;

    *handle = NULL;
    if (store == NULL)
        return MQTTCLIENT_PERSISTENCE_ERROR;
    store->client = malloc(size);
    ready = store->client != NULL && sqlite3_open(context, &store->database) == SQLITE_OK &&
            sqlite3_exec(store->database,
                "CREATE TABLE IF NOT EXISTS records"
                " (client TEXT, key TEXT, value BLOB, PRIMARY KEY (client, key)) WITHOUT ROWID",
                NULL, NULL, NULL) == SQLITE_OK;
    for (i = 0; i < STATEMENTS && ready; i++)
        ready = sqlite3_prepare_v2(store->database, texts[i], -1, &store->statements[i], NULL) == SQLITE_OK;
    if (!ready) {
        fprintf(stderr, "The store cannot be opened: %s\n", sqlite3_errmsg(store->database));
        store_close(store);
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    snprintf(store->client, size, "%s@%s", client_id, server_uri);
    *handle = store;
    return 0;
}

/* The record is the concatenation of the buffers. An empty buffer may be NULL. */
static int store_put(void* handle, char* key, int count, char* buffers[], int lengths[])
{
    sqlite3_stmt* statement = begin(handle, PUT, key);
    size_t size = 0, used = 0;
    char* value;
    int i;

    for (i = 0; i < count; i++)
        size += (size_t)lengths[i];
    value = malloc(size + 1);
    if (value == NULL)
        return MQTTCLIENT_PERSISTENCE_ERROR;
    for (i = 0; i < count; i++) {
        if (lengths[i] > 0)
            memcpy(value + used, buffers[i], (size_t)lengths[i]);
        used += (size_t)lengths[i];
    }
    sqlite3_bind_blob64(statement, 3, value, size, free);
    return run(statement);
}

/* The library frees what it is given here, and the keys below, so they must come from malloc(). */
static int store_get(void* handle, char* key, char** buffer, int* length)
{
    sqlite3_stmt* statement = begin(handle, GET, key);
    int found = sqlite3_step(statement) == SQLITE_ROW;

    if (found) {
        *length = sqlite3_column_bytes(statement, 0);
        *buffer = malloc((size_t)*length + 1);
        found = *buffer != NULL;
        if (found && *length > 0)
            memcpy(*buffer, sqlite3_column_blob(statement, 0), (size_t)*length);
    }
    sqlite3_reset(statement);
    return found ? 0 : MQTTCLIENT_PERSISTENCE_ERROR;
}

static int store_remove(void* handle, char* key)
{
    return run(begin(handle, REMOVE, key)); /* a key that is not there is no error */
}

static int store_keys(void* handle, char*** keys, int* count)
{
    sqlite3_stmt* statement = begin(handle, KEYS, NULL);
    int room = 0;

    *keys = NULL;
    *count = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char* key = (const char*)sqlite3_column_text(statement, 0);
        char* copy = malloc(strlen(key) + 1);
        if (*count == room) {
            char** more = realloc(*keys, (size_t)(room = room * 2 + 16) * sizeof **keys);
            if (more == NULL) {
                free(copy);
                break;
            }
            *keys = more;
        }
        if (copy != NULL)
            (*keys)[(*count)++] = strcpy(copy, key);
    }
    sqlite3_reset(statement);
    return 0;
}

static int store_clear(void* handle)
{
    return run(begin(handle, CLEAR, NULL));
}

static int store_contains(void* handle, char* key)
{
    sqlite3_stmt* statement = begin(handle, CONTAINS, key);
    int found = sqlite3_step(statement) == SQLITE_ROW;

    sqlite3_reset(statement);
    return found ? 0 : MQTTCLIENT_PERSISTENCE_ERROR;
}

static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

static int publish(MQTTClient client, int number)
{
    MQTTClient_deliveryToken token = 0;
    char text[32];

    snprintf(text, sizeof text, "Message %d", number);
    /* When this returns 0 the message is in the file. It is gone from there when the server has confirmed it. */
    if (failed("Publishing", MQTTClient_publish(client, "demo/stored", (int)strlen(text), text, 2, 0, &token)))
        return 1;
    if (failed("Waiting for the confirmation", MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS)))
        return 1;
    printf("%s was stored, sent, confirmed and removed\n", text);
    return 0;
}

int main(int argc, char* argv[])
{
    /* Has to stay in place until the client is destroyed. No member may be NULL. */
    MQTTClient_persistence functions = { NULL, store_open, store_close, store_put, store_get, store_remove,
        store_keys, store_clear, store_contains };
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_deliveryToken* pending = NULL;
    MQTTClient client = NULL;
    int count = argc > 3 ? atoi(argv[3]) : 3;
    int status, i;

    if (argc < 3) {
        fprintf(stderr, "usage: %s URI FILE [COUNT]\n", argv[0]);
        return 2;
    }
    functions.context = argv[2];
    if (failed("Creating the client",
            MQTTClient_create(&client, argv[1], CLIENT_ID, MQTTCLIENT_PERSISTENCE_USER, &functions))) {
        MQTTClient_destroy(&client);
        return 1;
    }
    MQTTClient_getPendingDeliveryTokens(client, &pending);
    for (i = 0; pending != NULL && pending[i] != -1; i++)
        printf("Message with token %d is left from last time and will be sent again\n", pending[i]);

    options.cleansession = 0; /* otherwise the messages left from last time would be dropped */
    options.connectTimeout = 5;
    status = failed("Connecting", MQTTClient_connect(client, &options));
    for (i = 0; pending != NULL && pending[i] != -1 && status == 0; i++)
        status = failed("Waiting", MQTTClient_waitForCompletion(client, pending[i], TIME_LIMIT_MS));
    MQTTClient_free(pending);
    for (i = 1; i <= count && status == 0; i++)
        status = publish(client, i);
    status |= failed("Disconnecting", MQTTClient_disconnect(client, 1000));
    MQTTClient_destroy(&client);
    return status;
}
