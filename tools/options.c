/* The command lines of the tools: one table from which they are read and from which the help is written. */

#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, NUMBER, SECONDS, FLAG, SWITCH, VERSION, TRACE_LEVEL, USER_PROPERTY, HELP };

enum { PUBLISHER = 1, SUBSCRIBER = 2, BOTH = PUBLISHER | SUBSCRIBER };

struct option {
    const char *letter; /* NULL if it has none */
    const char *name;
    enum kind kind;
    int tools;
    size_t field;
    long minimum;
    long maximum;
    const char *value; /* what to call its value in the help */
    const char *help;
};

#define FIELD(name) offsetof(struct options, name)

static const struct option OPTIONS[] = {
    {"-t", "--topic", TEXT, BOTH, FIELD(topic), 0, 0, "topic", "the topic; it can also be an argument of its own"},
    {"-c", "--connection", TEXT, BOTH, FIELD(connection), 0, 0, "URI",
        "the server as a URI, in place of host and port:\n"
        "tcp://host:port, ssl://host:port, ws://host:port/path,\n"
        "wss://host:port/path or unix:///path/of/socket"},
    {"-h", "--host", TEXT, BOTH, FIELD(host), 0, 0, "host", "host to connect to; default: localhost"},
    {"-p", "--port", NUMBER, BOTH, FIELD(port), 1, 65535, "port", "port to connect to; default: 1883"},
    {"-q", "--qos", NUMBER, BOTH, FIELD(qos), 0, 2, "qos", "quality of service, 0, 1 or 2; default: 0"},
    {"-V", "--MQTTversion", VERSION, BOTH, FIELD(version), 0, 0, "version",
        "31, 311 or 5; default: 311, and 31 if that fails"},
    {NULL, "--MQTT-version", VERSION, BOTH, FIELD(version), 0, 0, "version", "another name of --MQTTversion"},
    {"-i", "--clientid", TEXT, BOTH, FIELD(client_id), 0, 0, "id", "client identifier; default: "},
    {"-u", "--username", TEXT, BOTH, FIELD(username), 0, 0, "name", "user name"},
    {"-P", "--password", TEXT, BOTH, FIELD(password), 0, 0, "password", "password"},
    {"-k", "--keepalive", NUMBER, BOTH, FIELD(keep_alive), 0, 65535, "seconds", "keep-alive interval; default: 10"},
    {"-r", "--retained", FLAG, PUBLISHER, FIELD(retained), 0, 0, NULL, "the server keeps the message"},
    {"-n", "--null-message", FLAG, PUBLISHER, FIELD(null_message), 0, 0, NULL, "publish an empty message"},
    {"-m", "--message", TEXT, PUBLISHER, FIELD(message), 0, 0, "text", "publish this text"},
    {"-f", "--filename", TEXT, PUBLISHER, FIELD(file), 0, 0, "file",
        "publish what this file contains as one message;\n- for standard input"},
    {NULL, "--file", TEXT, PUBLISHER, FIELD(file), 0, 0, "file", "another name of --filename"},
    {NULL, "--repeat", NUMBER, PUBLISHER, FIELD(repeat), 1, INT_MAX, "count",
        "publish the message of -m, -n or -f so many times"},
    {NULL, "--repeat-delay", SECONDS, PUBLISHER, FIELD(repeat_delay), 0, 1000000, "seconds",
        "pause before each repetition, such as 0.5; default: 0"},
    {"-R", "--no-retained", FLAG, SUBSCRIBER, FIELD(no_retained), 0, 0, NULL, "do not print retained messages"},
    {NULL, "--delimiter", TEXT, BOTH, FIELD(delimiter), 0, 0, "text",
        "what ends each message of standard input, or is\nprinted after each message; default: a line feed"},
    {NULL, "--no-delimiter", FLAG, BOTH, FIELD(no_delimiter), 0, 0, NULL, "no delimiter"},
    {NULL, "--maxdatalen", NUMBER, BOTH, FIELD(max_data_length), 1, MAX_PAYLOAD, "bytes",
        "publish standard input in pieces of at most so\nmany bytes; default: 100"},
    {NULL, "--message-expiry", NUMBER, PUBLISHER, FIELD(message_expiry), 0, INT_MAX, "seconds",
        "MQTT 5: message expiry interval"},
    {NULL, "--user-property", USER_PROPERTY, PUBLISHER, 0, 0, 0, "name value",
        "MQTT 5: a user property; can be given several times"},
    {NULL, "--verbose", FLAG, BOTH, FIELD(verbose), 0, 0, NULL, "print what happens"},
    {NULL, "--quiet", FLAG, BOTH, FIELD(quiet), 0, 0, NULL, "do not print error messages"},
    {NULL, "--trace", TRACE_LEVEL, BOTH, FIELD(trace), 0, 0, "level",
        "print the trace of the library to standard error:\nerror, protocol, min, on or max"},
    {NULL, "--will-topic", TEXT, BOTH, FIELD(will_topic), 0, 0, "topic", "topic of the will message"},
    {NULL, "--will-payload", TEXT, BOTH, FIELD(will_payload), 0, 0, "text", "the will message; default: empty"},
    {NULL, "--will-qos", NUMBER, BOTH, FIELD(will_qos), 0, 2, "qos", "its quality of service; default: 0"},
    {NULL, "--will-retain", SWITCH, BOTH, FIELD(will_retain), 0, 0, NULL,
        "the server keeps the will message; 0 or 1 may follow"},
    {NULL, "--cafile", TEXT, BOTH, FIELD(cafile), 0, 0, "file", "TLS: trusted certificates"},
    {NULL, "--capath", TEXT, BOTH, FIELD(capath), 0, 0, "directory", "TLS: directory of trusted certificates"},
    {NULL, "--cert", TEXT, BOTH, FIELD(cert), 0, 0, "file", "TLS: certificate of the client"},
    {NULL, "--key", TEXT, BOTH, FIELD(key), 0, 0, "file", "TLS: private key of the client"},
    {NULL, "--keypass", TEXT, BOTH, FIELD(keypass), 0, 0, "password", "TLS: password of the private key"},
    {NULL, "--ciphers", TEXT, BOTH, FIELD(ciphers), 0, 0, "list", "TLS: ciphers, in OpenSSL's format"},
    {NULL, "--insecure", FLAG, BOTH, FIELD(insecure), 0, 0, NULL,
        "TLS: do not check the name in the server's certificate"},
    {NULL, "--psk", TEXT, BOTH, FIELD(psk), 0, 0, "key", "TLS: pre-shared key in hexadecimal"},
    {NULL, "--psk-identity", TEXT, BOTH, FIELD(psk_identity), 0, 0, "name", "TLS: identity for the pre-shared key"},
    {NULL, "--http-proxy", TEXT, BOTH, FIELD(http_proxy), 0, 0, "proxy", "http://user:password@host:port"},
    {NULL, "--https-proxy", TEXT, BOTH, FIELD(https_proxy), 0, 0, "proxy", "the same for servers with TLS"},
    {NULL, "--help", HELP, BOTH, 0, 0, 0, NULL, "print this text"},
};

#define OPTION_COUNT (sizeof OPTIONS / sizeof OPTIONS[0])

static void print_option(const struct option *option, const struct tool *tool)
{
    char names[80];
    int continues = 0;

    snprintf(names, sizeof names, "%s%s%s%s%s", option->letter ? option->letter : "", option->letter ? ", " : "",
        option->name, option->value ? " " : "", option->value ? option->value : "");
    printf("  %-28s", names);
    if (strlen(names) > 26)
        printf("\n%-30s", "");
    for (const char *text = option->help; *text; text++) {
        putchar(*text);
        if (*text == '\n')
            printf("%-30s", "");
        continues = *text == ' ';
    }
    /* Only the default that depends on the tool is left out of the table. */
    puts(continues ? tool->client_id : "");
}

static void print_help(const struct tool *tool)
{
    int which = tool->publishes ? PUBLISHER : SUBSCRIBER;

    if (tool->publishes)
        printf("%s: publishes messages to an MQTT server\n\n", tool->name);
    else
        printf("%s: prints the messages that an MQTT server sends\n\n", tool->name);
    printf("Usage: %s [topic] [option...]\n\n", tool->name);
    if (tool->publishes)
        printf("Without -m, -n and -f each line of standard input is a message.\n\n");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (OPTIONS[i].tools & which)
            print_option(&OPTIONS[i], tool);
    printf("\nExit status: 0 success, 1 wrong command line, 2 not connected, 3 refused, 4 connection lost,\n"
           "5 input or output failed. See also the man page %s(1).\n\nLibrary information:\n",
        tool->name);
    for (const char *const *fact = tool->library_facts(); *fact; fact += 2)
        printf("%s: %s\n", fact[0], fact[1]);
}

/* Ends the process with this code, or with another one if the help could not be printed. */
static void exit_with_help(const struct tool *tool, enum exit_code code)
{
    print_help(tool);
    if (fflush(stdout) != 0) {
        perror("Can't write to standard output");
        code = EXIT_INPUT_OUTPUT;
    }
    exit(code);
}

/* Ends the process: the command line is wrong. */
static void reject(const struct tool *tool, const char *text, const char *argument, const char *more)
{
    fprintf(stderr, "%s%s%s\nTry '%s --help'.\n", text, argument, more, tool->name);
    exit(EXIT_USAGE);
}

static void read_number(const struct option *option, const struct tool *tool, const char *text, int *number)
{
    char expected[80];
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && value >= option->minimum && value <= option->maximum) {
        *number = (int)value;
        return;
    }
    snprintf(expected, sizeof expected, ": a number from %ld to %ld is needed", option->minimum, option->maximum);
    fprintf(stderr, "Invalid value \"%s\" of ", text);
    reject(tool, "", option->name, expected);
}

static void read_seconds(const struct option *option, const struct tool *tool, const char *text, double *seconds)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= (double)option->minimum && value <= (double)option->maximum)) {
        fprintf(stderr, "Invalid value \"%s\" of ", text);
        reject(tool, "", option->name, ": a number of seconds is needed");
    }
    *seconds = value;
}

struct word {
    const char *text;
    int value;
};

/* The value of a text in a list that ends with NULL. */
static void read_word(const struct option *option, const struct tool *tool, const struct word *words, const char *text,
    int *value)
{
    const struct word *word = words;

    while (word->text && strcmp(word->text, text) != 0)
        word++;
    if (!word->text) {
        fprintf(stderr, "Invalid value \"%s\" of %s: one of these is needed:", text, option->name);
        for (word = words; word->text; word++)
            fprintf(stderr, " %s", word->text);
        reject(tool, "", "", "");
    }
    *value = word->value;
}

/* Values of the connect options. */
static const struct word VERSIONS[] = {
    {"31", 3}, {"311", 4}, {"5", 5}, {"mqttv31", 3}, {"mqttv311", 4}, {"mqttv5", 5}, {NULL, 0}};

/* Trace levels are the same in both APIs. */
static const struct word LEVELS[] = {{"error", 5}, {"protocol", 4}, {"min", 3}, {"on", 3}, {"max", 1}, {NULL, 0}};

/* Sets an option from the arguments that follow it; gives how many those are. */
static int read_option(const struct option *option, const struct tool *tool, struct options *options, char **values,
    int count)
{
    void *field = (char *)options + option->field;
    int needed = option->kind == USER_PROPERTY ? 2 : 1;

    if (option->kind == FLAG || option->kind == HELP)
        needed = 0;
    /* The original takes a value, although its help says otherwise. */
    if (option->kind == SWITCH)
        needed = count > 0 && (strcmp(values[0], "0") == 0 || strcmp(values[0], "1") == 0);
    if (count < needed)
        reject(tool, "Option ", option->name, needed == 2 ? " needs a name and a value" : " needs a value");
    switch (option->kind) {
    case TEXT:
        *(const char **)field = values[0];
        break;
    case NUMBER:
        read_number(option, tool, values[0], field);
        break;
    case SECONDS:
        read_seconds(option, tool, values[0], field);
        break;
    case FLAG:
        *(int *)field = 1;
        break;
    case SWITCH:
        *(int *)field = needed == 0 || values[0][0] == '1';
        break;
    case VERSION:
        read_word(option, tool, VERSIONS, values[0], field);
        break;
    case TRACE_LEVEL:
        read_word(option, tool, LEVELS, values[0], field);
        break;
    case USER_PROPERTY:
        if (options->user_property_count == MAX_USER_PROPERTIES)
            reject(tool, "Too many options ", option->name, "");
        options->user_properties[options->user_property_count].name = values[0];
        options->user_properties[options->user_property_count++].value = values[1];
        break;
    case HELP:
        exit_with_help(tool, EXIT_DONE);
    }
    return needed;
}

static const struct option *find_option(const char *text, const struct tool *tool)
{
    int which = tool->publishes ? PUBLISHER : SUBSCRIBER;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        int matches = strcmp(text, option->name) == 0 || (option->letter && strcmp(text, option->letter) == 0);
        if (matches && (option->tools & which))
            return option;
    }
    return NULL;
}

static int has_wildcard(const char *topic)
{
    return strpbrk(topic, "+#") != NULL;
}

static void set_url(struct options *options, const struct tool *tool)
{
    static const char *const WITH_TLS[] = {"ssl://", "tls://", "mqtts://", "wss://"};
    const char *host = options->host;
    int bare_ipv6 = host[0] != '[' && strchr(host, ':') != strrchr(host, ':');
    int length;

    if (options->connection)
        length = snprintf(options->url, sizeof options->url, "%s", options->connection);
    else
        length = snprintf(options->url, sizeof options->url, bare_ipv6 ? "[%s]:%d" : "%s:%d", host, options->port);
    if (length < 0 || (size_t)length >= sizeof options->url)
        reject(tool, "The name of the server is too long", "", "");
    for (size_t i = 0; i < sizeof WITH_TLS / sizeof WITH_TLS[0]; i++)
        options->tls |= strncmp(options->url, WITH_TLS[i], strlen(WITH_TLS[i])) == 0;
}

/* What can be said before anything is sent. */
static void check_options(const struct options *options, const struct tool *tool)
{
    int one_message = options->message || options->null_message || options->file;
    int tls_options = options->cafile || options->capath || options->cert || options->key || options->psk;

    if (!options->topic)
        reject(tool, "No topic: give one as an argument or with -t", "", "");
    if (options->topic[0] == '\0')
        reject(tool, "The topic is empty", "", "");
    if (tool->publishes && has_wildcard(options->topic))
        reject(tool, "A topic to publish to cannot contain + or #: ", options->topic, "");
    if (options->will_topic && has_wildcard(options->will_topic))
        reject(tool, "A will topic cannot contain + or #: ", options->will_topic, "");
    if (options->password && !options->username && options->version != 5)
        reject(tool, "A password without a user name (-u) needs -V 5", "", "");
    if (!one_message && (options->repeat > 1 || options->repeat_delay > 0))
        reject(tool, "--repeat needs a message: -m, -n or -f", "", "");
    if (options->psk && (strlen(options->psk) % 2 != 0 || options->psk[strspn(options->psk, "0123456789abcdefABCDEF")]))
        reject(tool, "Invalid value of --psk: pairs of hexadecimal digits are needed", "", "");
    if (options->quiet)
        return;
    if (tls_options && !options->tls)
        fprintf(stderr, "TLS options have no effect: %s is not a server with TLS; use -c ssl://host:port\n", options->url);
    if ((options->message_expiry >= 0 || options->user_property_count) && options->version != 5)
        fprintf(stderr, "--message-expiry and --user-property have no effect without -V 5\n");
}

void read_options(struct options *options, const struct tool *tool, int argc, char **argv)
{
    static const struct options DEFAULTS = {
        .host = "localhost", .port = 1883, .keep_alive = 10, .delimiter = "\n", .max_data_length = 100, .repeat = 1,
        .message_expiry = -1};
    int next = 1;

    *options = DEFAULTS;
    options->tool = tool;
    options->client_id = tool->client_id;
    if (argc < 2)
        exit_with_help(tool, EXIT_USAGE);
    while (next < argc) {
        const struct option *option = find_option(argv[next], tool);
        if (!option && argv[next][0] != '-' && !options->topic) {
            options->topic = argv[next++];
            continue;
        }
        if (!option)
            reject(tool, "Unknown option ", argv[next], "");
        next++;
        next += read_option(option, tool, options, argv + next, argc - next);
    }
    set_url(options, tool);
    check_options(options, tool);
    if (options->no_delimiter)
        options->delimiter = "";
    if (!tool->publishes && has_wildcard(options->topic))
        options->verbose = 1; /* the topics of the messages differ */
}
