/* What the tools share whichever API they use: events, input and output, and texts about failures. */

#ifndef TOOLS_COMMON_H
#define TOOLS_COMMON_H

#include "MQTTProperties.h"
#include "options.h"

/* ---- Events ---------------------------------------------------------------------------------------------------- */

/* What wait_for_event() can return, added up. 0: the time is over. */
enum { EVENT_STOP = 1, EVENT_WAKE = 2, EVENT_INPUT = 4 };

/* Before anything else of this part. */
void start_events(void);

/*
 * From now on SIGINT and SIGTERM are events; a second one ends the process. Before that they end it at once, so that
 * a tool that waits for its server can be stopped.
 */
void catch_signals(void);

/* Whether SIGINT or SIGTERM was caught. */
int stopped(void);

/* Ends the process by the signal that was caught: it has not done what it should. */
void end_by_signal(void);

/* Ends a wait_for_event() now or later; for callbacks. */
void wake(void);

/* Waits for a signal, for wake(), or for standard input if `input` is set; forever if the time is negative. */
int wait_for_event(int milliseconds, int input);

/* Waits so long, or until a signal, or until a function that is asked after each wake() returns non-zero. */
void pause_for(double seconds, int (*is_over)(void));

/* Waits until a function that is asked after each wake() returns non-zero, and at most so long, whatever signal came. */
void wait_although_stopped(double seconds, int (*is_over)(void));

/* ---- Input ----------------------------------------------------------------------------------------------------- */

struct bytes {
    char *data;
    size_t length;
};

/* Reads a whole file, or standard input for "-", or reports why not and ends the process. */
struct bytes read_file(const struct options *options);

enum input { INPUT_MESSAGE, INPUT_WAIT, INPUT_END, INPUT_FAILED };

/*
 * Takes the next message of standard input: up to and with the delimiter, or max_data_length bytes, or what is left at
 * the end. INPUT_WAIT: wait for EVENT_INPUT and ask again. The message is valid until the next call.
 */
enum input next_message(const struct options *options, struct bytes *message);

/* ---- Output ---------------------------------------------------------------------------------------------------- */

/* Prints a message and flushes. `with_length` is the form of the asynchronous tool. False if that failed. */
int print_message(const struct options *options, const char *topic, int topic_length, const void *payload, int length,
    const MQTTProperties *properties, int with_length);

/* Writes what is left; reports a failure. False if anything could not be written. */
int finish_output(const struct options *options);

/* printf to standard output if --verbose, and to standard error unless --quiet. */
void say(const struct options *options, const char *format, ...);
void complain(const struct options *options, const char *format, ...);

/* ---- Failures -------------------------------------------------------------------------------------------------- */

/*
 * A text for a return code, a code of CONNACK or SUBACK, or a reason code. `library_text` is what the library says
 * of it.
 */
const char *code_text(int code, const char *library_text);

/* Keeps a line of the trace as the cause of what fails next, and prints it if --trace asks for it. */
void take_trace_line(const struct options *options, int level, const char *line);

/* Whether an error was traced since the last call of forget_cause(); sets a text of its own. */
int known_cause(char *text, size_t size);
void forget_cause(void);

/* ": cause", or "" if none is known. `detail` is what the library said elsewhere, or NULL. Valid until the next call. */
const char *cause_of(const char *detail);

/* ---- Options of both APIs -------------------------------------------------------------------------------------- */

/* The properties of the messages. To be freed with MQTTProperties_free(). */
MQTTProperties message_properties(const struct options *options);

/* A callback for the pre-shared key; `context` are the options. */
unsigned int give_psk(const char *hint, char *identity, unsigned int max_identity_length, unsigned char *key,
    unsigned int max_key_length, void *context);

/* Fills the TLS options of either API. */
#define SET_TLS_OPTIONS(ssl, options) \
    do { \
        (ssl)->trustStore = (options)->cafile; \
        (ssl)->CApath = (options)->capath; \
        (ssl)->keyStore = (options)->cert; \
        (ssl)->privateKey = (options)->key; \
        (ssl)->privateKeyPassword = (options)->keypass; \
        (ssl)->enabledCipherSuites = (options)->ciphers; \
        (ssl)->verify = !(options)->insecure; \
        (ssl)->ssl_psk_cb = (options)->psk ? give_psk : NULL; \
        (ssl)->ssl_psk_context = (void *)(options); \
    } while (0)

/* Fills the will options of either API. */
#define SET_WILL_OPTIONS(will, options) \
    do { \
        (will)->topicName = (options)->will_topic; \
        (will)->message = (options)->will_payload ? (options)->will_payload : ""; \
        (will)->qos = (options)->will_qos; \
        (will)->retained = (options)->will_retain; \
    } while (0)

#endif
