/* A server that answers late, never, wrongly, twice or rightly, in pieces, cuts connections and floods, in a process of its own.
 * What it does on a connection comes from the seed, the client identifier and how often that client has connected. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 400
#define LONGEST (1 << 20)
#define COUNTERS 65536

struct piece {
    struct piece *next;
    uint64_t due;
    size_t length, sent;
    int ends; /* 1: close after it, 2: reset */
    unsigned char bytes[];
};

struct connection {
    int socket, version, is_open;
    unsigned faults; /* one in so many answers is none that a good server gives; 0: none */
    struct dice dice;
    unsigned char *input;
    size_t length, room;
    struct piece *first, *last;
    uint64_t due, ends, reads_from;
    unsigned next_id;
};

static struct connection connections[CONNECTIONS];
static uint16_t counters[COUNTERS];
static uint64_t seed, now;

static void put(struct connection *c, const void *bytes, size_t length, unsigned delay, int ends)
{
    struct piece *piece = malloc(sizeof *piece + length);
    uint64_t due = now + delay;
    c->due = due > c->due ? due : c->due;
    *piece = (struct piece){NULL, c->due, length, 0, ends};
    memcpy(piece->bytes, bytes, length);
    *(c->last == NULL ? &c->first : &c->last->next) = piece;
    c->last = piece;
}

static void put_split(struct connection *c, const unsigned char *bytes, size_t length, unsigned delay)
{
    while (length > 1 && !once_in(&c->dice, 3)) {
        size_t part = 1 + pick(&c->dice, (unsigned)length - 1);
        put(c, bytes, part, delay, 0);
        bytes += part, length -= part, delay += pick(&c->dice, 8);
    }
    put(c, bytes, length, delay, 0);
}

static void close_now(struct connection *c, int resets)
{
    struct linger linger = {1, 0};
    if (resets)
        setsockopt(c->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(c->socket);
    while (c->first != NULL) {
        struct piece *next = c->first->next;
        free(c->first);
        c->first = next;
    }
    free(c->input);
    memset(c, 0, sizeof *c);
}

static void put_garbage(struct connection *c)
{
    unsigned char bytes[64];
    unsigned length = 1 + pick(&c->dice, sizeof bytes);
    for (unsigned i = 0; i < length; i++)
        bytes[i] = (unsigned char)pick(&c->dice, 256);
    put(c, bytes, length, 0, 0);
}

static void put_message(struct connection *c, unsigned most)
{
    static unsigned char bytes[120000];
    unsigned payload = pick(&c->dice, most), qos = pick(&c->dice, 3), topic = 6, at = 0;
    unsigned rest = 2 + topic + (qos > 0 ? 2 : 0) + (c->version == 5 ? 1 : 0) + payload;
    bytes[at++] = (unsigned char)(0x30 | qos << 1);
    do {
        bytes[at++] = (unsigned char)(rest % 128 | (rest > 127 ? 128 : 0));
        rest /= 128;
    } while (rest > 0);
    bytes[at++] = 0, bytes[at++] = (unsigned char)topic;
    memcpy(bytes + at, "fuzz/a", topic);
    at += topic;
    if (qos > 0) {
        c->next_id = c->next_id % 65535 + 1;
        bytes[at++] = (unsigned char)(c->next_id >> 8), bytes[at++] = (unsigned char)c->next_id;
    }
    if (c->version == 5)
        bytes[at++] = 0;
    memset(bytes + at, 'y', payload);
    put(c, bytes, at + payload, 0, 0);
}

static void put_stray(struct connection *c)
{
    static const unsigned char types[] = {0x40, 0x50, 0x62, 0x70, 0x90, 0xB0};
    unsigned char bytes[5] = {types[pick(&c->dice, 6)], 2, 0, (unsigned char)pick(&c->dice, 30), 0};
    if (bytes[0] == 0x90)
        bytes[1] = 3;
    put(c, bytes, 2u + bytes[1], 0, 0);
}

/* An answer, or what a bad server does in its place. `code`: where a reason code could stand, or 0. */
static void answer(struct connection *c, unsigned char *bytes, size_t length, size_t code)
{
    struct dice *dice = &c->dice;
    unsigned fault = c->faults > 0 && once_in(dice, c->faults) ? 1 + pick(dice, 14) : 0;
    unsigned char disconnect[] = {0xE0, 1, 0x8B};
    switch (fault) {
    case 0:
        if (once_in(dice, 8))
            put_split(c, bytes, length, 0);
        else
            put(c, bytes, length, 0, 0);
        break;
    case 1: case 2: break;
    case 3: put_split(c, bytes, length, 10 + pick(dice, 300)); break;
    case 4: put(c, bytes, length, 500 + pick(dice, 1500), 0); break;
    case 5: put(c, bytes, pick(dice, (unsigned)length), pick(dice, 20), 1 + (int)pick(dice, 2)); break;
    case 6: put(c, bytes, length, 0, 1 + (int)pick(dice, 2)); break;
    case 7:
        if (length > 3)
            bytes[3] = (unsigned char)pick(dice, 256);
        put(c, bytes, length, 0, 0);
        break;
    case 8:
        bytes[0] = (unsigned char)(pick(dice, 16) << 4);
        put(c, bytes, length, 0, 0);
        break;
    case 9:
        put(c, bytes, length, 0, 0);
        put(c, bytes, length, pick(dice, 50), 0);
        break;
    case 10:
        if (code > 0)
            bytes[code] = (unsigned char)(0x80 + pick(dice, 0x20));
        put(c, bytes, length, 0, 0);
        break;
    case 11: put_garbage(c); break;
    case 12:
        if (c->version == 5)
            put(c, disconnect, sizeof disconnect, pick(dice, 20), once_in(dice, 2));
        break;
    case 13:
        c->reads_from = now + pick(dice, 700);
        put(c, bytes, length, 0, 0);
        break;
    default:
        put(c, bytes, length, 0, 0);
        for (unsigned i = 0, count = pick(dice, 100); i < count; i++)
            put_message(c, 500);
        put_stray(c);
    }
}

static uint64_t text_number(const unsigned char *bytes, size_t length)
{
    uint64_t number = length;
    for (size_t i = 0; i < length; i++)
        number = mix(number, bytes[i]);
    return number;
}

/* The method of those clients that authenticate. */
static void put_auth(struct connection *c)
{
    unsigned char bytes[] = {0xF0, 9, once_in(&c->dice, 3) ? 0 : 0x18, 7, 21, 0, 1, 'M', 22, 0, 0};
    answer(c, bytes, sizeof bytes, 2);
}

static void on_connect(struct connection *c, const unsigned char *body, size_t length)
{
    size_t name = length > 1 ? (size_t)body[1] : 0, at = 2 + name + 4;
    if (length < at + 3)
        return;
    c->version = body[2 + name];
    int is_clean = body[3 + name] & 2;
    if (c->version == 5)
        at += 1u + (body[at] < 128 ? body[at] : 0);
    size_t id = length > at + 2 ? (size_t)body[at] << 8 | body[at + 1] : 0;
    uint64_t number = at + 2 + id <= length ? text_number(body + at + 2, id) : 0;
    c->dice.state = mix(mix(seed, number), counters[number % COUNTERS]++);
    static const unsigned faults[] = {0, 0, 60, 25, 6};
    c->faults = faults[pick(&c->dice, 5)];
    c->ends = now + 200 + pick(&c->dice, 3500);
    c->is_open = 1;
    unsigned char good[16] = {0x20, 2, (unsigned char)(!is_clean && once_in(&c->dice, 2)), 0, 0};
    size_t size = 4;
    if (c->version == 5) {
        good[1] = 3, size = 5;
        if (once_in(&c->dice, 3)) { /* Receive Maximum, Topic Alias Maximum */
            const unsigned char properties[] = {6, 0x21, 0, (unsigned char)(1 + pick(&c->dice, 8)), 0x22, 0, 5};
            memcpy(good + 4, properties, sizeof properties);
            good[1] = 2 + sizeof properties, size = 4 + sizeof properties;
        }
    }
    if (once_in(&c->dice, 12)) {
        good[2] = 0, good[3] = c->version == 5 ? 0x88 : (unsigned char)(1 + pick(&c->dice, 5));
        put(c, good, size, 0, 1);
        return;
    }
    if (c->version == 5 && once_in(&c->dice, 4))
        put_auth(c);
    answer(c, good, size, 3);
    for (unsigned i = once_in(&c->dice, 4) ? pick(&c->dice, 8) : 0; i > 0; i--)
        put_message(c, 300);
}

/* PUBACK, PUBREC, PUBREL, PUBCOMP. */
static void acknowledge(struct connection *c, unsigned type, const unsigned char *id)
{
    unsigned char bytes[8] = {(unsigned char)type, 2, id[0], id[1], 0};
    size_t length = 4;
    if (c->version == 5 && once_in(&c->dice, 3))
        bytes[1] = 3, length = 5;
    answer(c, bytes, length, length == 5 ? 4 : 0);
}

static void on_publish(struct connection *c, unsigned flags, const unsigned char *body, size_t length)
{
    size_t topic = length < 2 ? 0 : (size_t)body[0] << 8 | body[1];
    unsigned qos = flags >> 1 & 3;
    if (length < 4 + topic)
        return;
    if (qos > 0)
        acknowledge(c, qos == 1 ? 0x40 : 0x50, body + 2 + topic);
    if (topic == 9)
        put_message(c, once_in(&c->dice, 30) ? 100000 : 300);
}

static void on_subscribe(struct connection *c, const unsigned char *body, size_t length, int unsubscribes)
{
    unsigned char bytes[32] = {unsubscribes ? 0xB0 : 0x90, 0, body[0], body[1], 0};
    size_t at = 2, size = 4, codes;
    if (c->version == 5)
        at += 1u + body[2], size++;
    codes = size;
    for (; at + 2 < length && size < sizeof bytes; size++)
        at += 2u + body[at + 1] + !unsubscribes, bytes[size] = (unsigned char)(unsubscribes ? 0 : pick(&c->dice, 3));
    if (unsubscribes && c->version != 5)
        size = 4;
    bytes[1] = (unsigned char)(size - 2);
    answer(c, bytes, size, size > codes ? codes : 0);
    for (unsigned i = unsubscribes ? 0 : pick(&c->dice, once_in(&c->dice, 20) ? 300 : 6); i > 0; i--)
        put_message(c, 300);
}

static void handle(struct connection *c, unsigned char first, const unsigned char *body, size_t length)
{
    unsigned char pong[] = {0xD0, 0};
    unsigned type = first >> 4;
    if (type == 1)
        on_connect(c, body, length);
    else if (!c->is_open)
        c->ends = now;
    else if (type == 3)
        on_publish(c, first, body, length);
    else if (type == 12)
        answer(c, pong, sizeof pong, 0);
    else if (type == 15)
        put_auth(c);
    else if (type == 14)
        c->ends = now + pick(&c->dice, 20);
    else if (length >= 2 && (type == 8 || type == 10))
        on_subscribe(c, body, length, type == 10);
    else if (length >= 2 && type == 5)
        acknowledge(c, 0x62, body);
    else if (length >= 2 && type == 6)
        acknowledge(c, 0x70, body);
}

/* All whole packets that are there. */
static void take_packets(struct connection *c)
{
    size_t at = 0;
    for (;;) {
        size_t rest = 0, here = at + 1;
        unsigned shift = 0;
        do {
            if (here >= c->length || shift > 21)
                goto out;
            rest |= (size_t)(c->input[here] & 127) << shift;
            shift += 7;
        } while (c->input[here++] & 128);
        if (here + rest > c->length)
            goto out;
        handle(c, c->input[at], c->input + here, rest);
        at = here + rest;
    }
out:
    memmove(c->input, c->input + at, c->length - at);
    c->length -= at;
}

static void read_some(struct connection *c)
{
    if (c->room - c->length < 65536)
        c->input = realloc(c->input, c->room = c->length + 131072);
    ssize_t count = recv(c->socket, c->input + c->length, c->room - c->length, MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) || c->length > LONGEST) {
        close_now(c, 0);
    } else if (count > 0) {
        c->length += (size_t)count;
        take_packets(c);
    }
}

static void write_some(struct connection *c)
{
    while (c->first != NULL && c->first->due <= now) {
        struct piece *piece = c->first;
        ssize_t count = send(c->socket, piece->bytes + piece->sent, piece->length - piece->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN)
            return;
        piece->sent += count > 0 ? (size_t)count : 0;
        if (count >= 0 && piece->sent < piece->length)
            return;
        if (count < 0 || piece->ends > 0) {
            close_now(c, piece->ends == 2);
            return;
        }
        if ((c->first = piece->next) == NULL)
            c->last = NULL;
        free(piece);
    }
}

static void take_connection(int listener)
{
    int on = 1, small = 4096, socket = accept(listener, NULL, NULL);
    if (socket < 0)
        return;
    for (int i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        if (c->socket != 0)
            continue;
        *c = (struct connection){.socket = socket, .ends = now + 3000};
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        return;
    }
    close(socket);
}

static void turn(int listener)
{
    struct pollfd polled[CONNECTIONS + 1] = {{listener, POLLIN, 0}};
    uint64_t wakes = now + 1000;
    for (int i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        polled[i + 1] = (struct pollfd){c->socket > 0 ? c->socket : -1, 0, 0};
        if (c->socket == 0)
            continue;
        if (c->reads_from <= now)
            polled[i + 1].events |= POLLIN;
        else
            wakes = c->reads_from < wakes ? c->reads_from : wakes;
        if (c->first != NULL && c->first->due <= now)
            polled[i + 1].events |= POLLOUT;
        else if (c->first != NULL)
            wakes = c->first->due < wakes ? c->first->due : wakes;
        wakes = c->ends < wakes ? c->ends : wakes;
    }
    poll(polled, CONNECTIONS + 1, wakes > now ? (int)(wakes - now) : 0);
    now = now_ms();
    for (int i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        if (c->socket > 0 && (polled[i + 1].revents & (POLLIN | POLLERR | POLLHUP)))
            read_some(c);
        if (c->socket > 0)
            write_some(c);
        if (c->socket > 0 && c->ends <= now)
            close_now(c, once_in(&c->dice, 3));
    }
    if (polled[0].revents & POLLIN)
        take_connection(listener);
}

int server_start(uint64_t its_seed)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 256) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        seed = its_seed;
        for (now = now_ms();;)
            turn(listener);
    }
    close(listener);
    return ntohs(address.sin_port);
}
