/* See floor.h. */
#define _GNU_SOURCE

#include "floor.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE (64u << 10)

enum { PUBLISH = 3, PUBACK = 4, PUBREC = 5, PUBREL = 6, PUBCOMP = 7 };

struct floor {
    int socket, is_web_socket;
    SSL* tls;                     /* NULL: plain; reads and writes memory */
    pthread_mutex_t lock;         /* of `tls` and of what is written */
    atomic_int heard;             /* something was read since the last write */
    unsigned char in[SIZE];       /* MQTT packets */
    size_t length;
    unsigned char header[14];     /* of a WebSocket frame */
    size_t header_length, frame_left;
    uint16_t next_id;
};

static void send_all(struct floor* floor, const void* bytes, size_t length)
{
    atomic_store(&floor->heard, 0);
    if (send(floor->socket, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        shutdown(floor->socket, SHUT_RDWR);
}

static void send_records(struct floor* floor)
{
    unsigned char records[4096];
    int length;

    while ((length = BIO_read(SSL_get_wbio(floor->tls), records, sizeof records)) > 0)
        send_all(floor, records, (size_t)length);
}

static void send_bytes(struct floor* floor, const void* bytes, size_t length)
{
    pthread_mutex_lock(&floor->lock);
    if (floor->tls == NULL)
        send_all(floor, bytes, length);
    else if (SSL_write(floor->tls, bytes, (int)length) > 0)
        send_records(floor);
    pthread_mutex_unlock(&floor->lock);
}

/* All of ours are shorter than 126 bytes. The mask may be zero. */
static void send_packet(struct floor* floor, const void* packet, size_t length)
{
    unsigned char frame[6 + 125] = {0x82, (unsigned char)(0x80 | length), 0, 0, 0, 0};

    memcpy(frame + 6, packet, length);
    if (floor->is_web_socket)
        send_bytes(floor, frame, 6 + length);
    else
        send_bytes(floor, packet, length);
}

static void keep(struct floor* floor, const unsigned char* bytes, size_t length)
{
    if (length > SIZE - floor->length)
        abort();
    memcpy(floor->in + floor->length, bytes, length);
    floor->length += length;
}

/* Takes the frames off. */
static void keep_frames(struct floor* floor, const unsigned char* bytes, size_t length)
{
    while (length > 0) {
        size_t need = 2, part = length < floor->frame_left ? length : floor->frame_left;

        keep(floor, bytes, part);
        floor->frame_left -= part;
        bytes += part, length -= part;
        if (length == 0)
            return;
        floor->header[floor->header_length++] = *bytes++;
        length--;
        if (floor->header_length >= 2 && floor->header[1] == 126)
            need = 4;
        if (floor->header_length == need) {
            floor->frame_left = need == 2 ? floor->header[1] : floor->header[2] * 256u + floor->header[3];
            floor->header_length = 0;
        }
    }
}

static void keep_by_kind(struct floor* floor, const unsigned char* bytes, size_t length)
{
    if (floor->is_web_socket)
        keep_frames(floor, bytes, length);
    else
        keep(floor, bytes, length);
}

/* One read of the socket; 0 at its end. */
static int receive(struct floor* floor, unsigned char* bytes, size_t* length)
{
    int on = 1;
    ssize_t count;

    if (atomic_exchange(&floor->heard, 0))
        setsockopt(floor->socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    count = recv(floor->socket, bytes, SIZE, 0);
    atomic_store(&floor->heard, 1);
    *length = count > 0 ? (size_t)count : 0;
    return count > 0;
}

static int read_more(struct floor* floor)
{
    unsigned char bytes[SIZE];
    size_t length;
    int count;

    if (!receive(floor, bytes, &length))
        return 0;
    if (floor->tls == NULL) {
        keep_by_kind(floor, bytes, length);
        return 1;
    }
    pthread_mutex_lock(&floor->lock);
    BIO_write(SSL_get_rbio(floor->tls), bytes, (int)length);
    while ((count = SSL_read(floor->tls, bytes, sizeof bytes)) > 0)
        keep_by_kind(floor, bytes, (size_t)count);
    pthread_mutex_unlock(&floor->lock);
    return 1;
}

static void answer(struct floor* floor, int type, const unsigned char* id)
{
    unsigned char packet[] = {(unsigned char)(type << 4 | (type == PUBREL ? 2 : 0)), 2, id[0], id[1]};

    send_packet(floor, packet, sizeof packet);
}

/* 1: it is a message to hand out. */
static int take(struct floor* floor, const unsigned char* packet, size_t header)
{
    const unsigned char* body = packet + header;
    int qos = packet[0] >> 1 & 3;

    switch (packet[0] >> 4) {
    case PUBLISH:
        body += 2 + body[0] * 256 + body[1];
        if (qos > 0)
            answer(floor, qos == 1 ? PUBACK : PUBREC, body);
        return qos < 2;
    case PUBREC:
        answer(floor, PUBREL, body);
        return 0;
    case PUBREL:
        answer(floor, PUBCOMP, body);
        return 1;
    default:
        return 0;
    }
}

/* The length of the packet at the beginning, 0 if it is not whole; `header`: of its first part. */
static size_t whole(const unsigned char* in, size_t length, size_t* header)
{
    size_t remaining = 0, at = 1;
    int shift = 0;

    do {
        if (at >= length)
            return 0;
        remaining |= (size_t)(in[at] & 0x7f) << shift;
        shift += 7;
    } while (in[at++] & 0x80);
    *header = at;
    return at + remaining <= length ? at + remaining : 0;
}

/* The type of the next packet, or 0 at the end; `is_message`: what `take` said. */
static int next_packet(struct floor* floor, int* is_message)
{
    size_t length, header;
    int type;

    while ((length = whole(floor->in, floor->length, &header)) == 0)
        if (!read_more(floor))
            return 0;
    type = floor->in[0] >> 4;
    *is_message = take(floor, floor->in, header);
    floor->length -= length;
    memmove(floor->in, floor->in + length, floor->length);
    return type;
}

int floor_next_message(struct floor* floor)
{
    int is_message = 0;

    while (!is_message)
        if (next_packet(floor, &is_message) == 0)
            return 0;
    return 1;
}

void floor_publish(struct floor* floor, const char* topic, int qos)
{
    unsigned char packet[125] = {(unsigned char)(PUBLISH << 4 | qos << 1)};
    size_t length = strlen(topic), at = 4 + length;

    packet[3] = (unsigned char)length;
    memcpy(packet + 4, topic, length);
    if (qos > 0) {
        floor->next_id = floor->next_id == UINT16_MAX ? 1 : floor->next_id + 1;
        packet[at++] = (unsigned char)(floor->next_id >> 8);
        packet[at++] = (unsigned char)floor->next_id;
    }
    memcpy(packet + at, "ping", 4);
    packet[1] = (unsigned char)(at + 2);
    send_packet(floor, packet, at + 4);
}

static int shake_hands(struct floor* floor)
{
    unsigned char bytes[SIZE];
    size_t length;
    int result;

    floor->tls = SSL_new(SSL_CTX_new(TLS_client_method()));
    SSL_set_bio(floor->tls, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    while ((result = SSL_connect(floor->tls)) != 1) {
        send_records(floor);
        if (SSL_get_error(floor->tls, result) != SSL_ERROR_WANT_READ || !receive(floor, bytes, &length))
            return 0;
        BIO_write(SSL_get_rbio(floor->tls), bytes, (int)length);
    }
    send_records(floor);
    return 1;
}

static int upgrade(struct floor* floor)
{
    static const char request[] = "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

    send_bytes(floor, request, sizeof request - 1);
    while (memmem(floor->in, floor->length, "\r\n\r\n", 4) == NULL)
        if (!read_more(floor))
            return 0;
    floor->length = 0;
    floor->is_web_socket = 1;
    return 1;
}

static int log_in(struct floor* floor, const char* filter, int qos)
{
    unsigned char packet[125] = {0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60};
    size_t length = strlen(filter);
    int is_message;

    packet[1] = 12;
    send_packet(floor, packet, 14);
    if (next_packet(floor, &is_message) != 2)
        return 0;
    memcpy(packet, (unsigned char[]){0x82, (unsigned char)(5 + length), 0, 1, 0, (unsigned char)length}, 6);
    memcpy(packet + 6, filter, length);
    packet[6 + length] = (unsigned char)qos;
    send_packet(floor, packet, 7 + length);
    return next_packet(floor, &is_message) == 9;
}

struct floor* floor_start(const char* uri, const char* filter, int qos)
{
    struct floor* floor = calloc(1, sizeof *floor);
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(strrchr(uri, ':') + 1))};
    int on = 1;

    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pthread_mutex_init(&floor->lock, NULL);
    floor->socket = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(floor->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(floor->socket, (struct sockaddr*)&server, sizeof server) != 0 ||
        (strncmp(uri, "ssl", 3) == 0 && !shake_hands(floor)) ||
        (strncmp(uri, "ws", 2) == 0 && !upgrade(floor)) || !log_in(floor, filter, qos)) {
        floor_stop(floor);
        return NULL;
    }
    return floor;
}

void floor_stop(struct floor* floor)
{
    send_packet(floor, "\xe0\0", 2);
    close(floor->socket);
    /* The process ends now: nothing else is given back. */
}
