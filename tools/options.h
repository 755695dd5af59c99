/* The command lines of paho_c_pub, paho_c_sub, paho_cs_pub and paho_cs_sub. */

#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stddef.h>

/* How a tool ends. README and man pages describe these values. */
enum exit_code {
    EXIT_DONE = 0,       /* everything asked for was done */
    EXIT_USAGE = 1,      /* the command line is wrong */
    EXIT_CONNECT = 2,    /* no connection could be made */
    EXIT_REFUSED = 3,    /* the server or the library refused a message or the subscription */
    EXIT_LOST = 4,       /* the connection was lost */
    EXIT_INPUT_OUTPUT = 5 /* input could not be read, or output not be written */
};

/* Which of the tools this is. */
struct tool {
    const char *name;
    int publishes;
    const char *client_id;
    /* Name and value of each fact about the library, one pair after the other; NULL ends them. */
    const char *const *(*library_facts)(void);
};

#define MAX_USER_PROPERTIES 50

/* The largest number of bytes that fits into an MQTT message. */
#define MAX_PAYLOAD 268435455

struct user_property {
    const char *name;
    const char *value;
};

/* Times are in seconds. Texts that were not given are NULL. */
struct options {
    const struct tool *tool;
    const char *topic;
    const char *connection;
    const char *host;
    int port;
    int qos;
    int version; /* 0, 3, 4 or 5, as in the connect options */
    const char *client_id;
    const char *username;
    const char *password;
    int keep_alive;
    int quiet;
    int verbose;
    int trace; /* a level of the library; 0 for no trace */
    const char *http_proxy;
    const char *https_proxy;

    int retained;
    int null_message;
    const char *message;
    const char *file;
    const char *delimiter;
    int no_delimiter;
    int max_data_length;
    int repeat;
    double repeat_delay;
    int message_expiry; /* -1 if not given */
    struct user_property user_properties[MAX_USER_PROPERTIES];
    int user_property_count;

    int no_retained;

    const char *will_topic;
    const char *will_payload;
    int will_qos;
    int will_retain;

    const char *cafile;
    const char *capath;
    const char *cert;
    const char *key;
    const char *keypass;
    const char *ciphers;
    int insecure;
    const char *psk;
    const char *psk_identity;

    char url[1024]; /* what to connect to, from connection or from host and port */
    int tls;        /* url asks for TLS */
};

/*
 * Reads the command line. Ends the process if it is wrong, after a text that names the cause, or if it asks for help.
 */
void read_options(struct options *options, const struct tool *tool, int argc, char **argv);

#endif
