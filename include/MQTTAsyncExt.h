/**
 * @file
 * Functions for the asynchronous client that the Eclipse Paho library does not have. They go together with MQTTAsync.h,
 * and the same functions for the synchronous client are in MQTTClientExt.h.
 *
 * A complete program, linked with -lpaho-mqtt3a:
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTAsyncExt.h"
 *
 * int main(void)
 * {
 *     MQTTAsync client;
 *     char reason[200], value[20];
 *     size_t size = sizeof value;
 *
 *     if (MQTTAsync_create(&client, "tcp://localhost:1883", "example", MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0)
 *         return 1;
 *     if (MQTTAsyncExt_setOption(client, "callback.lane", "client", reason, sizeof reason) != 0)
 *         printf("callback.lane: %s\n", reason);
 *     if (MQTTAsyncExt_setOption(client, "callback.lane", "mine", reason, sizeof reason) != 0)
 *         printf("%s\n", reason);
 *     if (MQTTAsyncExt_getOption(client, "callback.lane", value, &size) == 0)
 *         printf("its callbacks run in the lane of the %s\n", value);
 *     MQTTAsync_destroy(&client);
 *     return 0;
 * }
 * @endcode
 *
 * A handle belongs to the API that created it: these functions return -1 (MQTTEXT_FAILURE) for a handle of the synchronous
 * API, of a destroyed client, and for NULL. MQTTExt.h has the return codes; MQTTExt_strerror() describes them. Programs that
 * use these functions need this library: the Eclipse Paho library does not have them.
 */

#if !defined(MQTTASYNCEXT_H)
#define MQTTASYNCEXT_H

#include <stddef.h>

#include "MQTTAsync.h"
#include "MQTTExt.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * Sets an option of a client by its name. docs/options.md lists all options, their values and
 * when a new value takes effect: now, with the next connect, or only before the client is used.
 *
 * An option that is not set has the value of the environment variable PAHO_C_RS_OPTIONS, or its
 * default.
 *
 * @param handle the client
 * @param name name of the option
 * @param value the new value as text
 * @param errstr set to the reason of a failure in words, cut if it does not fit; to an empty
 *   string after success. May be NULL
 * @param size size of errstr in bytes
 * @return
 * - 0 (MQTTEXT_SUCCESS): the option was set
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -6 (MQTTEXT_NULL_PARAMETER): name or value is NULL
 * - -45 (MQTTEXT_UNKNOWN_OPTION): there is no option of this name
 * - -46 (MQTTEXT_INVALID_VALUE): the option does not take this value, or the environment does
 *   not allow it
 * - -47 (MQTTEXT_TOO_LATE): the option can only be set before the client is used
 *
 * After a failure nothing has changed.
 * @note Name and value are copied. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsyncExt_setOption(MQTTAsync handle, const char *name, const char *value, char *errstr,
    size_t size);

/**
 * Returns the value of an option of a client as text. docs/options.md lists all options.
 *
 * @param handle the client
 * @param name name of the option
 * @param buffer set to the value, zero-terminated; NULL to get only its size
 * @param size before the call the size of buffer in bytes; set to the size of the value, with the
 *   zero at its end
 * @return
 * - 0 (MQTTEXT_SUCCESS): buffer and *size are set
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -6 (MQTTEXT_NULL_PARAMETER): name or size is NULL
 * - -45 (MQTTEXT_UNKNOWN_OPTION): there is no option of this name
 * - -48 (MQTTEXT_BUFFER_TOO_SMALL): buffer holds the beginning of the value, zero-terminated unless
 *   *size was 0; *size is what the value needs
 *
 * @note May be called in callbacks.
 */
LIBMQTT_API int MQTTAsyncExt_getOption(MQTTAsync handle, const char *name, char *buffer, size_t *size);

/**
 * Returns numbers about a client: what it has sent and received, its connections and how they
 * ended, what it has to do, the times of the last connect, and what the server has announced.
 *
 * @param handle the client
 * @param statistics initialized with MQTTExt_statistics_initializer; set to the numbers at this
 *   moment. They count from the creation of the client on, over all its connections
 * @return
 * - 0 (MQTTEXT_SUCCESS): the structure was filled
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -6 (MQTTEXT_NULL_PARAMETER): statistics is NULL
 * - -8 (MQTTEXT_BAD_STRUCTURE): struct_id or struct_version is invalid
 *
 * @note Does not use the network. May be called on any thread, also in callbacks.
 */
LIBMQTT_API int MQTTAsyncExt_getStatistics(MQTTAsync handle, MQTTExt_statistics *statistics);

/**
 * Returns why the last connect failed or the last connection was lost.
 *
 * The text is the one that the log has at the level ERROR. It is copied and stays as it is when the
 * client connects again, until the next failure.
 *
 * @param handle the client
 * @param code set to 0 if nothing has failed yet. A positive code is that with which the server has
 *   refused the connection, or the reason code of its DISCONNECT; -3 (MQTTEXT_DISCONNECTED): an
 *   established connection ended; -2, or the code of the application's function: the store could
 *   not be cleared; -1 (MQTTEXT_FAILURE): no connection was made for another reason. May be NULL
 * @param buffer set to the reason in words, zero-terminated; to an empty string if nothing has
 *   failed yet. May be NULL
 * @param size size of buffer in bytes
 * @return
 * - 0 (MQTTEXT_SUCCESS): code and buffer are set
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -48 (MQTTEXT_BUFFER_TOO_SMALL): code is set, and buffer holds the beginning of the text,
 *   zero-terminated unless size is 0
 *
 * @note May be called on any thread, also in callbacks, for example connectionLost.
 */
LIBMQTT_API int MQTTAsyncExt_getLastError(MQTTAsync handle, int *code, char *buffer, size_t size);

/**
 * Acknowledges a received message, when the client has the option "acknowledgement" set to "manual".
 *
 * The server sends a message of QoS 1 or 2 again on the next connection until it is acknowledged.
 * Messages may be acknowledged in any order; the acknowledgements are sent in the order in which
 * the messages came, so that one waits for those before it.
 *
 * @code{.c}
 * if (save(message) == 0)
 *     MQTTAsyncExt_acknowledge(handle, message->msgid);
 * @endcode
 *
 * @param handle the client
 * @param msgid field msgid of the message
 * @return
 * - 0 (MQTTEXT_SUCCESS): the message is acknowledged
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -49 (MQTTEXT_AUTOMATIC_ACKNOWLEDGEMENT): the client is connected without that option
 * - -50 (MQTTEXT_NO_ACKNOWLEDGEMENT): msgid is 0, that of a message of QoS 0
 * - -51 (MQTTEXT_UNKNOWN_MESSAGE): no message has this msgid, or it was acknowledged before
 * - -52 (MQTTEXT_EARLIER_CONNECTION): the connection of the message has ended. The server sends it
 *   again with another msgid, unless the session has ended as well
 *
 * After a failure nothing has changed.
 * @note May be called on any thread, also in callbacks. Does not wait for the network. See
 *   docs/manual-acknowledgement.md.
 */
LIBMQTT_API int MQTTAsyncExt_acknowledge(MQTTAsync handle, int msgid);

/**
 * Sets the callback with which a client authenticates itself by a method that needs more than a
 * password (MQTT 5.0, enhanced authentication), and the method.
 *
 * Each CONNECT packet then has this authentication method and the data of the callback's first
 * answer, in place of those among the connect properties. The server's AUTH packets are given to
 * the callback, and its answers are sent back, within the time limit of the connect.
 *
 * @code{.c}
 * static int authenticate(void *context, MQTTExt_authentication *step)
 * {
 *     if (step->step == MQTTEXT_AUTHENTICATION_BEGIN) {
 *         step->answer = context;
 *         step->answerLength = (int)strlen(context);
 *     }
 *     return 0;
 * }
 *
 * MQTTAsyncExt_setAuthentication(handle, "TOKEN", token, authenticate);
 * @endcode
 *
 * @param handle the client
 * @param method the authentication method; it is copied
 * @param context passed to the callback
 * @param callback the callback; NULL for none, as at first
 * @return
 * - 0 (MQTTEXT_SUCCESS): the callback was set. It is used from the next attempt to connect on
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -5 (MQTTEXT_BAD_UTF8_STRING): method is not UTF-8 or is longer than 65535 bytes
 * - -6 (MQTTEXT_NULL_PARAMETER): method is NULL, and callback is not
 *
 * @note May be called in callbacks. See docs/authentication.md, with SCRAM-SHA-256 as an example.
 */
LIBMQTT_API int MQTTAsyncExt_setAuthentication(MQTTAsync handle, const char *method, void *context,
    MQTTExt_authenticate *callback);

/**
 * Authenticates a connected client again, with the method of its connection (MQTT 5.0).
 *
 * The callback gives the first data, on the calling thread, and is then called for each AUTH packet
 * of the server: with MQTTEXT_AUTHENTICATION_COMPLETE when the server has accepted the client. A
 * server that does not accept it ends the connection.
 *
 * @param handle the client
 * @return
 * - 0 (MQTTEXT_SUCCESS): the authentication has begun
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -3 (MQTTEXT_DISCONNECTED): the client is not connected
 * - -53 (MQTTEXT_NO_AUTHENTICATION): the connection was made without the callback or not with
 *   MQTT 5.0
 * - -54 (MQTTEXT_AUTHENTICATION_IN_PROGRESS): an earlier one is not complete
 * - -55 (MQTTEXT_AUTHENTICATION_REFUSED): the callback refused, or its answer is too long,
 *   also for the Maximum Packet Size of the server. The connection remains
 *
 * @note Does not wait for the server. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsyncExt_reauthenticate(MQTTAsync handle);

/**
 * Sets the callback that completes the request which turns a connection into a WebSocket ("ws://" and
 * "wss://"): a path with a signature, or headers, that are valid for a short time only.
 *
 * @code{.c}
 * static int sign(void *context, MQTTExt_upgrade *upgrade)
 * {
 *     static char path[1024];
 *     snprintf(path, sizeof path, "%s?token=%s", upgrade->path, next_token(context));
 *     upgrade->path = path;
 *     return 0;
 * }
 *
 * MQTTAsyncExt_setUpgrade(handle, tokens, sign);
 * @endcode
 *
 * @param handle the client
 * @param context passed to the callback
 * @param callback the callback; NULL for none, as at first
 * @return
 * - 0 (MQTTEXT_SUCCESS): the callback was set. It is used from the next call of a connect function on,
 *   for each request, also those of automatic reconnects
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 *
 * @note May be called in callbacks. The headers of the connect options are sent as well, before those
 *   of the callback.
 */
LIBMQTT_API int MQTTAsyncExt_setUpgrade(MQTTAsync handle, void *context, MQTTExt_prepareUpgrade *callback);

/**
 * Sets the SSL_CTX of OpenSSL with which connections with TLS are made, in place of one that the library
 * makes from the connect options: for keys in hardware, certificates in memory, or whatever else the
 * options cannot say.
 *
 * The SSL options remain necessary, but only their members enableServerCertAuth and verify, and the
 * error function, count. enableServerCertAuth 1 demands a trusted certificate of the server; with 0 the
 * context decides.
 *
 * @param handle the client
 * @param sslContext the SSL_CTX, of the OpenSSL library that this library is linked with. A reference
 *   is taken, and released when another one is set or the client and its connections have ended. It
 *   must not be changed any more. NULL for none, as at first
 * @return
 * - 0 (MQTTEXT_SUCCESS): it is used from the next call of a connect function on
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
 * - -59 (MQTTEXT_NOT_SUPPORTED): this library is one without TLS
 *
 * @note May be called in callbacks. Sessions of such connections are not resumed by the library.
 */
LIBMQTT_API int MQTTAsyncExt_setSSLContext(MQTTAsync handle, void *sslContext);

/**
 * Returns the descriptor of a client that an event loop of the application drives. The option event.loop
 * of such a client is "external"; docs/event-loop.md has complete programs.
 *
 * The descriptor is readable while MQTTAsyncExt_process() has something to do. It is to be watched for
 * reading only, by select(), poll(), epoll, kqueue or a library that uses them, and is never read, written
 * or closed by the application. It stays the same until the client is destroyed.
 *
 * @param handle the client; it need not be connected
 * @param descriptor set to the descriptor
 * @return
 * - 0 (MQTTEXT_SUCCESS): descriptor was set
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle, or the system gives no descriptor
 * - -6 (MQTTEXT_NULL_PARAMETER): descriptor is NULL
 * - -56 (MQTTEXT_NO_EVENT_LOOP): the option event.loop of the client is not "external"
 *
 * @note The client is in use from this call on. In a forked child it has another descriptor.
 */
LIBMQTT_API int MQTTAsyncExt_getDescriptor(MQTTAsync handle, int *descriptor);

/**
 * Returns how long MQTTAsyncExt_process() has nothing to do, unless the descriptor becomes readable
 * before: until the next ping or reconnect, for instance.
 *
 * @param handle the client
 * @param milliseconds set to the time until MQTTAsyncExt_process() has to be called, 0 if at once; to -1
 *   if nothing is waited for but the descriptor
 * @return
 * - 0 (MQTTEXT_SUCCESS): milliseconds was set
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle, or the system gives no descriptor
 * - -6 (MQTTEXT_NULL_PARAMETER): milliseconds is NULL
 * - -56 (MQTTEXT_NO_EVENT_LOOP): the option event.loop of the client is not "external"
 *
 * @note It changes with each call of MQTTAsyncExt_process(), and when the descriptor becomes readable.
 */
LIBMQTT_API int MQTTAsyncExt_nextDeadline(MQTTAsync handle, int *milliseconds);

/**
 * Does what a client has to do now, and runs its callbacks: reads what has come, writes what waits, and
 * does what is due. It does not wait. One call runs some hundred callbacks at most: if more are due, the
 * descriptor stays readable.
 *
 * @param handle the client
 * @return
 * - 0 (MQTTEXT_SUCCESS): it was done
 * - -1 (MQTTEXT_FAILURE): handle is not a valid client handle, or the system gives no descriptor
 * - -56 (MQTTEXT_NO_EVENT_LOOP): the option event.loop of the client is not "external"
 * - -57 (MQTTEXT_BUSY): it is being done already, by the caller of this callback
 *
 * @note The callbacks of this client run only here, and in calls that wait: MQTTAsync_destroy() and
 * MQTTAsync_waitForCompletion(). All functions may be called in them, also MQTTAsync_destroy().
 */
LIBMQTT_API int MQTTAsyncExt_process(MQTTAsync handle);

#if defined(__cplusplus)
}
#endif

#endif /* MQTTASYNCEXT_H */
