/* What the tools share whichever API they use: events, input and output, and texts about failures. */

#define _POSIX_C_SOURCE 200809L

#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "MQTTReasonCodes.h"

/* Reports a failure that nothing can be done about. */
static void give_up(const char *what)
{
    perror(what);
    exit(EXIT_INPUT_OUTPUT);
}

/* ---- Events ---------------------------------------------------------------------------------------------------- */

/* Signal handlers and callbacks write a byte, the main thread waits for it. Full is as good as written. */
static int event_pipe[2];
/* The signal that came, or 0. */
static volatile sig_atomic_t was_stopped;

void start_events(void)
{
    if (pipe(event_pipe) != 0)
        give_up("pipe");
    for (int end = 0; end < 2; end++) {
        fcntl(event_pipe[end], F_SETFL, O_NONBLOCK);
        fcntl(event_pipe[end], F_SETFD, FD_CLOEXEC);
    }
    /* A reader that ends makes writing fail, and so the connection is closed in an orderly way. */
    signal(SIGPIPE, SIG_IGN);
    /* Shells start background processes with SIGINT ignored. */
    signal(SIGINT, SIG_DFL);
}

void wake(void)
{
    int saved = errno;
    ssize_t written = write(event_pipe[1], "", 1);

    (void)written;
    errno = saved;
}

static void on_signal(int number)
{
    was_stopped = number;
    wake();
}

void catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int stopped(void)
{
    return was_stopped != 0;
}

void end_by_signal(void)
{
    signal(was_stopped, SIG_DFL);
    raise(was_stopped);
}

/* Polls and takes the bytes of the pipe. */
static int take_events(int milliseconds, int input)
{
    struct pollfd wanted[2] = {{event_pipe[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    int events = 0;
    char bytes[64];

    if (poll(wanted, input ? 2 : 1, milliseconds) <= 0)
        return 0;
    if (wanted[0].revents) {
        while (read(event_pipe[0], bytes, sizeof bytes) > 0)
            ;
        events |= EVENT_WAKE;
    }
    return input && wanted[1].revents ? events | EVENT_INPUT : events;
}

int wait_for_event(int milliseconds, int input)
{
    int events = was_stopped ? 0 : take_events(milliseconds, input);

    return was_stopped ? events | EVENT_STOP : events;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void pause_for(double seconds, int (*is_over)(void))
{
    double end = now() + seconds, left = seconds;

    while (left > 0 && !stopped() && !(is_over && is_over())) {
        /* poll() counts whole milliseconds in an int. */
        wait_for_event(left > 3600 ? 3600000 : (int)(left * 1000) + 1, 0);
        left = end - now();
    }
}

void wait_although_stopped(double seconds, int (*is_over)(void))
{
    double end = now() + seconds, left = seconds;

    while (left > 0 && !is_over()) {
        take_events((int)(left * 1000) + 1, 0);
        left = end - now();
    }
}

/* ---- Input ----------------------------------------------------------------------------------------------------- */

#define BLOCK 65536

/* A buffer with room for so many bytes after those that are there. */
static void make_room(struct bytes *buffer, size_t *capacity, size_t more)
{
    char *data;

    if (*capacity - buffer->length >= more)
        return;
    *capacity = 2 * buffer->length + more;
    data = realloc(buffer->data, *capacity);
    if (!data) {
        fprintf(stderr, "Out of memory\n");
        exit(EXIT_INPUT_OUTPUT);
    }
    buffer->data = data;
}

/* Reads another block. 0 at the end, -1 with errno set after a failure. */
static ssize_t read_block(int file, struct bytes *buffer, size_t *capacity)
{
    ssize_t count;

    make_room(buffer, capacity, BLOCK);
    do
        count = read(file, buffer->data + buffer->length, BLOCK);
    while (count < 0 && errno == EINTR);
    if (count > 0)
        buffer->length += (size_t)count;
    return count;
}

struct bytes read_file(const struct options *options)
{
    struct bytes content = {NULL, 0};
    size_t capacity = 0;
    int file = strcmp(options->file, "-") == 0 ? STDIN_FILENO : open(options->file, O_RDONLY);
    ssize_t count;

    if (file < 0) {
        complain(options, "Can't open file %s: %s\n", options->file, strerror(errno));
        exit(EXIT_INPUT_OUTPUT);
    }
    do
        count = read_block(file, &content, &capacity);
    while (count > 0 && content.length <= MAX_PAYLOAD);
    if (count > 0) {
        complain(options, "File %s does not fit into a message: at most %d bytes do\n", options->file, MAX_PAYLOAD);
        exit(EXIT_INPUT_OUTPUT);
    }
    if (count < 0) {
        complain(options, "Can't read file %s: %s\n", options->file, strerror(errno));
        exit(EXIT_INPUT_OUTPUT);
    }
    if (file != STDIN_FILENO)
        close(file);
    return content;
}

/* What was read and not yet published begins at `start`; up to `searched` there is no end of a message. */
static struct {
    struct bytes bytes;
    size_t capacity;
    size_t start;
    size_t searched;
    int at_end;
} input;

/* How long the first message is; 0 if it is not complete. */
static size_t complete_message(const struct options *options)
{
    size_t delimiter = strlen(options->delimiter), most = (size_t)options->max_data_length;
    size_t available = input.bytes.length - input.start, within = available < most ? available : most;
    const char *message = input.bytes.data + input.start;

    if (input.searched < delimiter)
        input.searched = delimiter;
    for (; delimiter > 0 && input.searched <= within; input.searched++)
        if (memcmp(message + input.searched - delimiter, options->delimiter, delimiter) == 0)
            return input.searched;
    return available >= most ? most : 0;
}

/* Without wait_for_event(), which would take wakes that the caller waits for. */
static int input_is_there(void)
{
    struct pollfd wanted = {STDIN_FILENO, POLLIN, 0};

    return poll(&wanted, 1, 0) > 0;
}

static ssize_t read_more_input(void)
{
    input.bytes.length -= input.start;
    if (input.start > 0 && input.bytes.length > 0)
        memmove(input.bytes.data, input.bytes.data + input.start, input.bytes.length);
    input.start = 0;
    return read_block(STDIN_FILENO, &input.bytes, &input.capacity);
}

enum input next_message(const struct options *options, struct bytes *message)
{
    size_t length = complete_message(options);

    if (length == 0 && !input.at_end) {
        ssize_t count;
        if (!input_is_there())
            return INPUT_WAIT;
        count = read_more_input();
        if (count < 0) {
            complain(options, "Can't read standard input: %s\n", strerror(errno));
            return INPUT_FAILED;
        }
        input.at_end = count == 0;
        length = complete_message(options);
    }
    if (length == 0 && input.at_end)
        length = input.bytes.length - input.start;
    if (length == 0)
        return input.at_end ? INPUT_END : INPUT_WAIT;
    message->data = input.bytes.data + input.start;
    message->length = length;
    input.start += length;
    input.searched = 0;
    return INPUT_MESSAGE;
}

/* ---- Output ---------------------------------------------------------------------------------------------------- */

static int output_error;

/* Flushes, and keeps the reason of the first failure. Callbacks and the main thread print. */
static int flush_output(void)
{
    int good;

    flockfile(stdout);
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && output_error == 0)
        output_error = errno ? errno : EIO;
    good = output_error == 0;
    funlockfile(stdout);
    return good;
}

static void print_property(const MQTTProperty *property)
{
    const MQTTLenString *data = &property->value.data, *value = &property->value.value;

    printf("Property name %s ", MQTTPropertyName(property->identifier));
    switch (MQTTProperty_getType(property->identifier)) {
    case MQTTPROPERTY_TYPE_BYTE:
        printf("value %d\n", property->value.byte);
        break;
    case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
        printf("value %d\n", property->value.integer2);
        break;
    case MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER:
    case MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER:
        printf("value %u\n", property->value.integer4);
        break;
    case MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR:
        printf("key %.*s value %.*s\n", data->len, data->data, value->len, value->data);
        break;
    default:
        printf("value len %.*s\n", data->len, data->data);
        break;
    }
}

int print_message(const struct options *options, const char *topic, int topic_length, const void *payload, int length,
    const MQTTProperties *properties, int with_length)
{
    if (options->verbose && with_length)
        printf("%d ", length);
    if (options->verbose) {
        fwrite(topic, 1, (size_t)topic_length, stdout);
        putchar('\t');
    }
    fwrite(payload, 1, (size_t)length, stdout);
    fputs(options->delimiter, stdout);
    for (int i = 0; options->verbose && i < properties->count; i++)
        print_property(&properties->array[i]);
    return flush_output();
}

int finish_output(const struct options *options)
{
    if (flush_output())
        return 1;
    /* A reader that has seen enough is no failure to talk about. */
    if (output_error != EPIPE)
        complain(options, "Can't write to standard output: %s\n", strerror(output_error));
    return 0;
}

void say(const struct options *options, const char *format, ...)
{
    va_list arguments;

    if (!options->verbose)
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    flush_output();
}

void complain(const struct options *options, const char *format, ...)
{
    va_list arguments;

    if (options->quiet)
        return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

/* ---- Failures -------------------------------------------------------------------------------------------------- */

const char *code_text(int code, const char *library_text)
{
    static const char *const REFUSALS[] = {NULL, "Unacceptable protocol version (1)", "Client identifier rejected (2)",
        "Server unavailable (3)", "Bad user name or password (4)", "Not authorized (5)"};
    const char *reason = code >= 128 ? MQTTReasonCode_toString((enum MQTTReasonCodes)code) : NULL;

    if (code >= 1 && code <= 5)
        return REFUSALS[code];
    return reason ? reason : library_text ? library_text : "Unknown error";
}

static pthread_mutex_t cause_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_error[300];

/* The line without time stamp and without the words that the tool says itself. */
static const char *essence(const char *line)
{
    const char *digits = "0123456789.";
    size_t date = strspn(line, digits), time = date == 8 && line[8] == ' ' ? strspn(line + 9, digits) : 0;
    const char *text = time == 10 && line[19] == ' ' ? line + 20 : line;
    const char *failed = strncmp(text, "Connect of client ", 18) == 0 ? strstr(text, " failed: ") : NULL;

    return failed ? failed + strlen(" failed: ") : text;
}

void take_trace_line(const struct options *options, int level, const char *line)
{
    enum { LEVEL_ERROR = 5 };

    if (options->trace)
        fprintf(stderr, "Trace : %d, %s\n", level, line);
    if (level < LEVEL_ERROR)
        return;
    pthread_mutex_lock(&cause_lock);
    snprintf(last_error, sizeof last_error, "%s", essence(line));
    pthread_mutex_unlock(&cause_lock);
}

int known_cause(char *text, size_t size)
{
    int known;

    pthread_mutex_lock(&cause_lock);
    known = last_error[0] != '\0';
    snprintf(text, size, "%s", last_error);
    pthread_mutex_unlock(&cause_lock);
    return known;
}

void forget_cause(void)
{
    pthread_mutex_lock(&cause_lock);
    last_error[0] = '\0';
    pthread_mutex_unlock(&cause_lock);
}

const char *cause_of(const char *detail)
{
    static char text[sizeof last_error + 2];
    char known[sizeof last_error];

    /* The trace is more precise than the texts of the callbacks. */
    if (known_cause(known, sizeof known))
        detail = known;
    snprintf(text, sizeof text, "%s%s", detail ? ": " : "", detail ? detail : "");
    return text;
}

/* ---- Options of both APIs -------------------------------------------------------------------------------------- */

static MQTTLenString string_of(const char *text)
{
    MQTTLenString string = {(int)strlen(text), (char *)text};

    return string;
}

MQTTProperties message_properties(const struct options *options)
{
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property;

    memset(&property, 0, sizeof property);
    if (options->message_expiry >= 0) {
        property.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL;
        property.value.integer4 = (unsigned int)options->message_expiry;
        MQTTProperties_add(&properties, &property);
    }
    for (int i = 0; i < options->user_property_count; i++) {
        property.identifier = MQTTPROPERTY_CODE_USER_PROPERTY;
        property.value.data = string_of(options->user_properties[i].name);
        property.value.value = string_of(options->user_properties[i].value);
        MQTTProperties_add(&properties, &property);
    }
    return properties;
}

unsigned int give_psk(const char *hint, char *identity, unsigned int max_identity_length, unsigned char *key,
    unsigned int max_key_length, void *context)
{
    const struct options *options = context;
    const char *name = options->psk_identity ? options->psk_identity : options->client_id;
    size_t length = strlen(options->psk) / 2;

    (void)hint;
    if (strlen(name) >= max_identity_length || length > max_key_length)
        return 0;
    memcpy(identity, name, strlen(name) + 1);
    for (size_t i = 0; i < length; i++) {
        char digits[3] = {options->psk[2 * i], options->psk[2 * i + 1], '\0'};
        key[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return (unsigned int)length;
}
