/* A plugin of mosquitto that authenticates one client at a time with SCRAM-SHA-256: user "user", password "pencil". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#define HASH 32

static mosquitto_plugin_id_t* plugin;
static char client_first[600], server_first[600];

static void hmac(const unsigned char* key, const char* text, unsigned char* out)
{
    HMAC(EVP_sha256(), key, HASH, (const unsigned char*)text, strlen(text), out, NULL);
}

static int answer(struct mosquitto_evt_extended_auth* event, const char* text)
{
    event->data_out_len = (uint16_t)strlen(text);
    event->data_out = mosquitto_malloc(strlen(text));
    if (event->data_out == NULL)
        return MOSQ_ERR_NOMEM;
    memcpy(event->data_out, text, strlen(text));
    return MOSQ_ERR_SUCCESS;
}

static int start(int kind, void* data, void* context)
{
    struct mosquitto_evt_extended_auth* event = data;
    unsigned char random[12];
    char text[500], nonce[400], own[17];

    (void)kind;
    (void)context;
    if (strcmp(event->auth_method, "SCRAM-SHA-256") != 0)
        return MOSQ_ERR_NOT_SUPPORTED;
    snprintf(text, sizeof text, "%.*s", (int)event->data_in_len, (const char*)event->data_in);
    if (sscanf(text, "n,,n=user,r=%399[^,]", nonce) != 1 || RAND_bytes(random, sizeof random) != 1)
        return MOSQ_ERR_AUTH;
    EVP_EncodeBlock((unsigned char*)own, random, sizeof random);
    snprintf(client_first, sizeof client_first, "%s", text + 3);
    snprintf(server_first, sizeof server_first, "r=%s%s,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", nonce, own);
    return answer(event, server_first) == MOSQ_ERR_SUCCESS ? MOSQ_ERR_AUTH_CONTINUE : MOSQ_ERR_NOMEM;
}

static int proceed(int kind, void* data, void* context)
{
    struct mosquitto_evt_extended_auth* event = data;
    unsigned char salt[18], salted[HASH], key[HASH], stored[HASH], signature[HASH], proof[48];
    char text[700], message[2000], final[60] = "v=", *at;
    int i;

    (void)kind;
    (void)context;
    snprintf(text, sizeof text, "%.*s", (int)event->data_in_len, (const char*)event->data_in);
    at = strstr(text, ",p=");
    if (at == NULL || EVP_DecodeBlock(proof, (unsigned char*)at + 3, (int)strlen(at + 3)) != 33)
        return MOSQ_ERR_AUTH;
    *at = '\0';
    snprintf(message, sizeof message, "%s,%s,%s", client_first, server_first, text);
    EVP_DecodeBlock(salt, (const unsigned char*)"W22ZaJ0SNY7soEsUEjb6gQ==", 24);
    PKCS5_PBKDF2_HMAC("pencil", 6, salt, 16, 4096, EVP_sha256(), HASH, salted);
    hmac(salted, "Client Key", key);
    EVP_Digest(key, HASH, stored, NULL, EVP_sha256(), NULL);
    hmac(stored, message, signature);
    for (i = 0; i < HASH; i++)
        if (proof[i] != (key[i] ^ signature[i]))
            return MOSQ_ERR_AUTH;
    hmac(salted, "Server Key", key);
    hmac(key, message, signature);
    EVP_EncodeBlock((unsigned char*)final + 2, signature, HASH);
    return answer(event, final);
}

int mosquitto_plugin_version(int count, const int* versions)
{
    (void)count;
    (void)versions;
    return 5;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t* id, void** data, struct mosquitto_opt* options, int count)
{
    (void)data;
    (void)options;
    (void)count;
    plugin = id;
    if (mosquitto_callback_register(id, MOSQ_EVT_EXT_AUTH_START, start, NULL, NULL) != MOSQ_ERR_SUCCESS)
        return MOSQ_ERR_UNKNOWN;
    return mosquitto_callback_register(id, MOSQ_EVT_EXT_AUTH_CONTINUE, proceed, NULL, NULL);
}

int mosquitto_plugin_cleanup(void* data, struct mosquitto_opt* options, int count)
{
    (void)data;
    (void)options;
    (void)count;
    mosquitto_callback_unregister(plugin, MOSQ_EVT_EXT_AUTH_START, start, NULL);
    mosquitto_callback_unregister(plugin, MOSQ_EVT_EXT_AUTH_CONTINUE, proceed, NULL);
    return MOSQ_ERR_SUCCESS;
}
