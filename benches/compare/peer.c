/* See peer.h. One thread for each connection; whatever one read gives is answered by one write. */
#define _GNU_SOURCE

#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOURCE_WINDOW 100
#define READ_SIZE (256u << 10)
#define BURST (16u << 10) /* of the source when it takes turns */

static size_t enough_queued = 128u << 10; /* the source pauses above this */

struct bytes {
    unsigned char* data;
    size_t length, capacity;
};

struct peer {
    int socket;
    struct bytes in, out;
    size_t written; /* of `out` */
    int source_qos, source_size, unacknowledged;
    uint16_t next_id;
    int source_on;
};

static unsigned char* grow(struct bytes* bytes, size_t more)
{
    if (bytes->length + more > bytes->capacity) {
        bytes->capacity = (bytes->length + more) * 2;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (bytes->data == NULL)
            abort();
    }
    return bytes->data + bytes->length;
}

static void append(struct peer* peer, const void* data, size_t length)
{
    memcpy(grow(&peer->out, length), data, length);
    peer->out.length += length;
}

static void append_header(struct peer* peer, unsigned char first, size_t remaining)
{
    append(peer, &first, 1);
    do {
        unsigned char byte = remaining & 0x7f;
        remaining >>= 7;
        if (remaining > 0)
            byte |= 0x80;
        append(peer, &byte, 1);
    } while (remaining > 0);
}

static void append_short(struct peer* peer, unsigned value)
{
    unsigned char bytes[2] = {(unsigned char)(value >> 8), (unsigned char)value};
    append(peer, bytes, 2);
}

static void answer(struct peer* peer, unsigned char first, unsigned id)
{
    append_header(peer, first, 2);
    append_short(peer, id);
}

static void send_message(struct peer* peer, int qos, const unsigned char* payload, size_t length)
{
    static const char topic[] = "from/peer";
    size_t topic_length = sizeof topic - 1;

    append_header(peer, (unsigned char)(0x30 | qos << 1), 2 + topic_length + (qos ? 2 : 0) + length);
    append_short(peer, (unsigned)topic_length);
    append(peer, topic, topic_length);
    if (qos > 0) {
        peer->next_id = peer->next_id == 65535 ? 1 : (uint16_t)(peer->next_id + 1);
        append_short(peer, peer->next_id);
        peer->unacknowledged++;
    }
    append(peer, payload, length);
}

static void run_source(struct peer* peer)
{
    static const unsigned char zeros[1 << 20];

    while (peer->source_on && peer->out.length - peer->written < enough_queued &&
           (peer->source_qos == 0 || peer->unacknowledged < SOURCE_WINDOW))
        send_message(peer, peer->source_qos, zeros, (size_t)peer->source_size);
}

static void on_publish(struct peer* peer, unsigned char first, const unsigned char* body, size_t length)
{
    int qos = first >> 1 & 3;
    size_t topic = (size_t)body[0] << 8 | body[1];
    size_t head = 2 + topic + (qos ? 2 : 0);

    if (head > length)
        return;
    if (qos > 0)
        answer(peer, qos == 1 ? 0x40 : 0x50, (unsigned)body[2 + topic] << 8 | body[3 + topic]);
    if (topic == 4 && memcmp(body + 2, "echo", 4) == 0)
        send_message(peer, qos, body + head, length - head);
}

static void on_subscribe(struct peer* peer, const unsigned char* body, size_t length)
{
    char filter[64] = "";
    size_t filter_length = (size_t)body[2] << 8 | body[3];

    if (filter_length < sizeof filter && 4 + filter_length < length)
        memcpy(filter, body + 4, filter_length);
    append_header(peer, 0x90, 3);
    append(peer, body, 2);
    append(peer, body + length - 1, 1);
    if (sscanf(filter, "source/%d/%d", &peer->source_qos, &peer->source_size) == 2)
        peer->source_on = peer->source_size <= 1 << 20;
}

static void on_packet(struct peer* peer, unsigned char first, const unsigned char* body, size_t length)
{
    static const unsigned char accepted[] = {0x20, 2, 0, 0}, alive[] = {0xd0, 0};
    unsigned id = length >= 2 ? (unsigned)body[0] << 8 | body[1] : 0;

    switch (first >> 4) {
    case 1: append(peer, accepted, sizeof accepted); break;
    case 3: on_publish(peer, first, body, length); break;
    case 4: peer->unacknowledged--; break;
    case 5: answer(peer, 0x62, id); break; /* PUBREC */
    case 6: answer(peer, 0x70, id); break; /* PUBREL */
    case 7: peer->unacknowledged--; break;
    case 8: on_subscribe(peer, body, length); break;
    case 12: append(peer, alive, sizeof alive); break;
    default: break;
    }
}

/* Handles the first packet in `data`; gives its length, 0 when it is not complete. */
static size_t take_packet(struct peer* peer, const unsigned char* data, size_t length)
{
    size_t remaining = 0, at = 1;
    int shift = 0;

    do {
        if (at >= length)
            return 0;
        remaining |= (size_t)(data[at] & 0x7f) << shift;
        shift += 7;
    } while (data[at++] & 0x80);
    if (at + remaining > length)
        return 0;
    on_packet(peer, data[0], data + at, remaining);
    return at + remaining;
}

/* 0 when the connection is over. */
static int read_packets(struct peer* peer)
{
    ssize_t count = recv(peer->socket, grow(&peer->in, READ_SIZE), READ_SIZE, MSG_DONTWAIT);
    size_t taken = 0, one;

    if (count <= 0)
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    peer->in.length += (size_t)count;
    while ((one = take_packet(peer, peer->in.data + taken, peer->in.length - taken)) > 0)
        taken += one;
    memmove(peer->in.data, peer->in.data + taken, peer->in.length - taken);
    peer->in.length -= taken;
    return 1;
}

static int write_answers(struct peer* peer)
{
    ssize_t count;

    if (peer->written == peer->out.length)
        return 1;
    count = send(peer->socket, peer->out.data + peer->written, peer->out.length - peer->written,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    peer->written += (size_t)count;
    if (peer->written == peer->out.length)
        peer->written = peer->out.length = 0;
    return 1;
}

static void* serve(void* argument)
{
    struct peer peer = {0};
    struct pollfd wait = {0};
    int open = 1, yes = 1;

    peer.socket = wait.fd = (int)(intptr_t)argument;
    setsockopt(peer.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    while (open) {
        run_source(&peer);
        open = write_answers(&peer);
        wait.events = POLLIN | (peer.out.length > 0 || peer.source_on ? POLLOUT : 0);
        if (peer.out.length == 0 && peer.source_qos > 0 && peer.unacknowledged >= SOURCE_WINDOW)
            wait.events = POLLIN;
        if (open && poll(&wait, 1, -1) > 0 && wait.revents & (POLLIN | POLLERR | POLLHUP))
            open = read_packets(&peer);
    }
    close(peer.socket);
    free(peer.in.data);
    free(peer.out.data);
    return NULL;
}

void serve_peers(int listener)
{
    for (;;) {
        pthread_t thread;
        int socket = accept(listener, NULL, NULL);

        if (socket < 0)
            continue;
        if (pthread_create(&thread, NULL, serve, (void*)(intptr_t)socket) == 0)
            pthread_detach(thread);
        else
            close(socket);
    }
}

/* Begins to serve the next connection, if one waits. */
static int accept_next(struct peer* peer, int listener)
{
    int yes = 1;

    peer->socket = accept(listener, NULL, NULL);
    if (peer->socket >= 0)
        setsockopt(peer->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return peer->socket >= 0;
}

static void end_connection(struct peer* peer)
{
    close(peer->socket);
    free(peer->in.data);
    free(peer->out.data);
    *peer = (struct peer){.socket = -1};
}

/* Reads all that has come and answers it; 0 if there was nothing to do. */
static int take_turn(struct peer* peer, int listener)
{
    int open = 1, answers;

    if (peer->socket < 0)
        return accept_next(peer, listener);
    open = read_packets(peer);
    run_source(peer);
    answers = peer->out.length > 0;
    if (open && write_answers(peer))
        return answers;
    end_connection(peer);
    return 1;
}

void serve_in_turns(int listener, int (*await_rest)(void), void (*wake)(void))
{
    struct peer peer = {.socket = -1};

    enough_queued = BURST;
    fcntl(listener, F_SETFL, O_NONBLOCK);
    while (await_rest())
        if (!take_turn(&peer, listener))
            wake();
}

int listen_on_loopback(int* port)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0 || getsockname(listener, (struct sockaddr*)&address, &length) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return listener;
}
