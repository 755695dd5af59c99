/* A store of the program's own for the tests: a table in memory, and a list of the calls, joined by |. */

#ifndef OWN_STORE_H
#define OWN_STORE_H

#include "MQTTClientPersistence.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 64

struct record {
    char key[16];
    char *bytes;
    int length;
};

static struct record records[RECORDS];
static char calls[1 << 16];
static int put_fails;

/* Calls fail from the one with this number on, and so many of them. */
static long first_failing, failing, call_number;

/* What every function calls, if it is set; counts what that says. */
static int (*inside)(void);
static int surprises;

/* The library calls the store from one thread after the other, but the list is taken from another one. */
static pthread_mutex_t calls_lock = PTHREAD_MUTEX_INITIALIZER;

static void note(const char *text)
{
    pthread_mutex_lock(&calls_lock);
    if (strlen(calls) + strlen(text) + 2 < sizeof calls) {
        strcat(calls, text);
    }
    pthread_mutex_unlock(&calls_lock);
}

/* True: the function is to fail. */
static int note_call(const char *function, const char *key)
{
    char text[64];
    snprintf(text, sizeof text, "|%s%s%s", function, key == NULL ? "" : " ", key == NULL ? "" : key);
    note(text);
    if (inside != NULL) {
        surprises += inside();
    }
    call_number++;
    return failing > 0 && call_number >= first_failing && call_number - first_failing < failing;
}

static void tell_calls(void)
{
    pthread_mutex_lock(&calls_lock);
    printf("%s\n", calls[0] == '|' ? calls + 1 : calls);
    calls[0] = '\0';
    pthread_mutex_unlock(&calls_lock);
    fflush(stdout);
}

static struct record *find(const char *key)
{
    for (struct record *record = records; record < records + RECORDS; ++record) {
        if (record->bytes != NULL && strcmp(record->key, key) == 0) {
            return record;
        }
    }
    return NULL;
}

static int store_open(void **handle, const char *client_id, const char *server, void *context)
{
    *handle = context;
    int fails = note_call("open", client_id);
    /* The port is another one each time. */
    note(strncmp(server, "127.0.0.1:", 10) == 0 ? " 127.0.0.1" : server);
    return fails ? MQTTCLIENT_PERSISTENCE_ERROR : 0;
}

static int store_close(void *handle)
{
    int fails = note_call("close", handle == records ? NULL : "with another handle");
    return fails ? MQTTCLIENT_PERSISTENCE_ERROR : 0;
}

static int store_put(void *handle, char *key, int count, char *buffers[], int lengths[])
{
    (void)handle;
    struct record *record = find(key);
    for (int place = 0; record == NULL && place < RECORDS; ++place) {
        if (records[place].bytes == NULL) {
            record = &records[place];
        }
    }
    int fails = note_call("put", key) || put_fails;
    int total = 0;
    for (int index = 0; index < count; ++index) {
        char text[16];
        snprintf(text, sizeof text, "%c%d", index == 0 ? ' ' : ',', lengths[index]);
        note(text);
        total += lengths[index];
    }
    note(" ");
    char *bytes = malloc((size_t)total + 1);
    int length = 0;
    for (int index = 0; index < count; ++index) {
        for (int at = 0; at < lengths[index]; ++at) {
            char text[4];
            snprintf(text, sizeof text, "%02x", (unsigned char)buffers[index][at]);
            note(text);
            bytes[length++] = buffers[index][at];
        }
    }
    if (fails || record == NULL) {
        free(bytes);
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    free(record->bytes);
    record->bytes = bytes;
    record->length = length;
    snprintf(record->key, sizeof record->key, "%s", key);
    return 0;
}

static int store_get(void *handle, char *key, char **buffer, int *length)
{
    (void)handle;
    int fails = note_call("get", key);
    struct record *record = find(key);
    if (fails || record == NULL) {
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    *buffer = malloc((size_t)record->length + 1);
    memcpy(*buffer, record->bytes, (size_t)record->length);
    *length = record->length;
    return 0;
}

static int store_remove(void *handle, char *key)
{
    (void)handle;
    int fails = note_call("remove", key);
    struct record *record = find(key);
    if (fails || record == NULL) {
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    free(record->bytes);
    record->bytes = NULL;
    return 0;
}

static int store_keys(void *handle, char ***keys, int *count)
{
    (void)handle;
    if (note_call("keys", NULL)) {
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    *keys = NULL;
    *count = 0;
    for (struct record *record = records; record < records + RECORDS; ++record) {
        if (record->bytes != NULL) {
            if (*keys == NULL) {
                *keys = malloc(RECORDS * sizeof **keys);
            }
            (*keys)[(*count)++] = strdup(record->key);
        }
    }
    return 0;
}

static int store_clear(void *handle)
{
    (void)handle;
    if (note_call("clear", NULL)) {
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    for (struct record *record = records; record < records + RECORDS; ++record) {
        free(record->bytes);
        record->bytes = NULL;
    }
    return 0;
}

static int store_containskey(void *handle, char *key)
{
    (void)handle;
    return note_call("containskey", key) || find(key) == NULL;
}

static MQTTClient_persistence own_store = {
    records, store_open, store_close, store_put, store_get, store_remove, store_keys, store_clear, store_containskey,
};

#endif
