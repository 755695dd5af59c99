/*
 * Authenticates with SCRAM-SHA-256 (RFC 7677), an authentication method of MQTT 5.0: the
 * password does not go over the network, and the server has to prove that it knows it, too.
 *
 *     scram_authentication URI USER PASSWORD
 *     scram_authentication tcp://localhost:1883 user pencil
 *
 * Linked with OpenSSL's -lcrypto. The server needs this method: mosquitto by a plugin, other
 * servers by configuration. User names with "," or "=" would have to be escaped.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "MQTTClientExt.h"

#define HASH 32
#define TEXT 512

struct scram {
    const char *user, *password;
    char first[TEXT];        /* client-first-message-bare */
    char expected[TEXT];     /* of the server: v=ServerSignature */
    char answer[TEXT + 4];   /* what is sent next; the library copies it */
    int is_complete;
};

static void hmac(const unsigned char* key, int length, const char* text, unsigned char* out)
{
    HMAC(EVP_sha256(), key, length, (const unsigned char*)text, strlen(text), out, NULL);
}

/* "n,,n=USER,r=NONCE" with a new nonce. */
static int begin(struct scram* scram)
{
    unsigned char random[18];
    char nonce[25];
    int length;

    scram->is_complete = 0;
    if (RAND_bytes(random, sizeof random) != 1)
        return 1;
    EVP_EncodeBlock((unsigned char*)nonce, random, sizeof random);
    length = snprintf(scram->first, TEXT, "n=%s,r=%s", scram->user, nonce);
    if (length < 0 || length >= TEXT)
        return 1;
    snprintf(scram->answer, sizeof scram->answer, "n,,%s", scram->first);
    return 0;
}

/* From "r=NONCE,s=SALT,i=ITERATIONS" to "c=biws,r=NONCE,p=PROOF". */
static int prove(struct scram* scram, const char* server_first)
{
    char nonce[TEXT], salt_text[TEXT], without_proof[TEXT + 9], message[3 * TEXT + 20], proof_text[45];
    unsigned char salt[TEXT], salted[HASH], key[HASH], stored[HASH], signature[HASH], expected[HASH];
    const char* own_nonce = strstr(scram->first, ",r=") + 3;
    int iterations, length, i;

    if (sscanf(server_first, "r=%511[^,],s=%511[^,],i=%d", nonce, salt_text, &iterations) != 3)
        return 1;
    length = EVP_DecodeBlock(salt, (const unsigned char*)salt_text, (int)strlen(salt_text));
    if (strncmp(nonce, own_nonce, strlen(own_nonce)) != 0 || length < 3 || iterations < 4096 ||
        iterations > 1000000)
        return 1;
    for (i = (int)strlen(salt_text); i > 0 && salt_text[i - 1] == '='; i--)
        length--;
    snprintf(without_proof, sizeof without_proof, "c=biws,r=%s", nonce);
    snprintf(message, sizeof message, "%s,%s,%s", scram->first, server_first, without_proof);
    if (PKCS5_PBKDF2_HMAC(scram->password, (int)strlen(scram->password), salt, length, iterations, EVP_sha256(),
                          HASH, salted) != 1)
        return 1;
    hmac(salted, HASH, "Client Key", key);
    EVP_Digest(key, HASH, stored, NULL, EVP_sha256(), NULL);
    hmac(stored, HASH, message, signature);
    for (i = 0; i < HASH; i++)
        key[i] ^= signature[i];
    EVP_EncodeBlock((unsigned char*)proof_text, key, HASH);
    length = snprintf(scram->answer, sizeof scram->answer, "%s,p=%s", without_proof, proof_text);
    hmac(salted, HASH, "Server Key", key);
    hmac(key, HASH, message, expected);
    strcpy(scram->expected, "v=");
    EVP_EncodeBlock((unsigned char*)scram->expected + 2, expected, HASH);
    return length < 0 || length >= (int)sizeof scram->answer;
}

static int authenticate(void* context, MQTTExt_authentication* step)
{
    struct scram* scram = context;
    char data[TEXT];

    if (step->dataLength >= TEXT)
        return 1;
    snprintf(data, sizeof data, "%.*s", step->dataLength, step->dataLength > 0 ? (const char*)step->data : "");
    switch (step->step) {
    case MQTTEXT_AUTHENTICATION_BEGIN:
    case MQTTEXT_AUTHENTICATION_RENEW:
        if (begin(scram) != 0)
            return 1;
        break;
    case MQTTEXT_AUTHENTICATION_CONTINUE:
        if (prove(scram, data) != 0)
            return 1;
        break;
    default:
        /* A server that does not know the password is not the right one. */
        scram->is_complete = scram->expected[0] != '\0' && strcmp(data, scram->expected) == 0;
        return !scram->is_complete;
    }
    step->answer = scram->answer;
    step->answerLength = (int)strlen(scram->answer);
    return 0;
}

static int report(MQTTClient client, const char* action, int code)
{
    char reason[200];

    MQTTClientExt_getLastError(client, NULL, reason, sizeof reason);
    fprintf(stderr, "%s failed: %s (%d): %s\n", action, MQTTExt_strerror(code), code, reason);
    return 1;
}

/* Without callbacks for messages the library works in the calls of the application. */
static int authenticate_again(MQTTClient client, struct scram* scram)
{
    int rc = MQTTClientExt_reauthenticate(client), i;

    if (rc != MQTTEXT_SUCCESS)
        return report(client, "Authenticating again", rc);
    for (i = 0; i < 100 && !scram->is_complete && MQTTClient_isConnected(client); i++)
        MQTTClient_yield();
    if (!scram->is_complete)
        return report(client, "Authenticating again", MQTTEXT_FAILURE);
    printf("Authenticated again\n");
    return 0;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_createOptions create = MQTTClient_createOptions_initializer;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
    MQTTResponse response;
    struct scram scram = {NULL, NULL, "", "", "", 0};
    int rc, status = 1;

    if (argc < 4) {
        fprintf(stderr, "usage: %s URI USER PASSWORD\n", argv[0]);
        return 2;
    }
    scram.user = argv[2];
    scram.password = argv[3];
    create.MQTTVersion = MQTTVERSION_5;
    rc = MQTTClient_createWithOptions(&client, argv[1], "scram", MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
    if (rc != MQTTCLIENT_SUCCESS)
        return report(client, "Creating the client", rc);
    MQTTClientExt_setAuthentication(client, "SCRAM-SHA-256", &scram, authenticate);
    response = MQTTClient_connect5(client, &options, NULL, NULL);
    rc = response.reasonCode;
    MQTTResponse_free(response);
    if (rc == MQTTCLIENT_SUCCESS) {
        printf("Connected: both sides know the password\n");
        status = authenticate_again(client, &scram);
        MQTTClient_disconnect(client, 1000);
    } else {
        report(client, "Connecting", rc);
    }
    MQTTClient_destroy(&client);
    return status;
}
