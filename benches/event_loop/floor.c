/*
 * What c_examples/async_event_loop.c does, with plain sockets: the least that a program in one thread has to do.
 *
 *     floor PORT CLIENTS ROUNDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define TIME_LIMIT_MS 60000L

struct client {
    int socket;
    int topic_length;
    char topic[64];
    unsigned char in[256];
    int length; /* of what has come of a packet */
    int received;
};

static struct client* clients;
static int client_count, rounds;
static int connected, subscribed, finished, failed;

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* `head`, two bytes of length, `text`, `rest`. */
static void send_packet(struct client* client, const char* head, int head_length, const char* text, const char* rest,
                        int rest_length)
{
    char packet[200];
    int text_length = (int)strlen(text), length = 0;

    packet[length++] = head[0];
    packet[length++] = (char)(head_length - 1 + 2 + text_length + rest_length);
    memcpy(packet + length, head + 1, (size_t)head_length - 1), length += head_length - 1;
    packet[length++] = 0;
    packet[length++] = (char)text_length;
    memcpy(packet + length, text, (size_t)text_length), length += text_length;
    memcpy(packet + length, rest, (size_t)rest_length), length += rest_length;
    if (send(client->socket, packet, (size_t)length, MSG_NOSIGNAL) != length)
        failed = 1;
}

static void send_message(struct client* client)
{
    send_packet(client, "\x30", 1, client->topic, "hello", 5);
}

static void take(struct client* client, int type)
{
    if (type == 2) {
        connected++;
        send_packet(client, "\x82\0\1", 3, client->topic, "\0", 1);
    } else if (type == 9) {
        subscribed++;
    } else if (type == 3 && ++client->received < rounds) {
        send_message(client);
    } else if (type == 3) {
        finished++;
    }
}

/* All packets are shorter than 128 bytes. */
static void read_packets(struct client* client)
{
    ssize_t count = recv(client->socket, client->in + client->length, sizeof(client->in) - (size_t)client->length,
                         MSG_DONTWAIT);
    int begin = 0;

    if (count <= 0) {
        failed = 1;
        return;
    }
    client->length += (int)count;
    while (client->length - begin >= 2 && client->length - begin >= 2 + client->in[begin + 1]) {
        take(client, client->in[begin] >> 4);
        begin += 2 + client->in[begin + 1];
    }
    client->length -= begin;
    memmove(client->in, client->in + begin, (size_t)client->length);
}

static int run_until(int epoll, const int* number)
{
    struct epoll_event events[EVENTS];
    long begin = now_ms();
    int i, count;

    while (!failed && *number < client_count && now_ms() - begin < TIME_LIMIT_MS) {
        count = epoll_wait(epoll, events, EVENTS, 1000);
        for (i = 0; i < count; i++)
            read_packets(events[i].data.ptr);
    }
    return *number == client_count;
}

static int start(struct client* client, int number, int port, int epoll)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    char id[40];
    int on = 1;

    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    snprintf(id, sizeof(id), "loop%ld-%d", (long)getpid(), number);
    snprintf(client->topic, sizeof(client->topic), "event-loop/%s", id);
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(client->socket, (struct sockaddr*)&address, sizeof(address)) != 0)
        return 0;
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    send_packet(client, "\x10\0\4MQTT\4\2\0\74", 11, id, "", 0);
    return epoll_ctl(epoll, EPOLL_CTL_ADD, client->socket, &event) == 0;
}

int main(int argc, char** argv)
{
    int i, epoll = epoll_create1(EPOLL_CLOEXEC), ok = 0;
    long begin;

    if (argc != 4)
        return 2;
    client_count = atoi(argv[2]);
    rounds = atoi(argv[3]);
    clients = calloc((size_t)client_count + 1, sizeof(*clients));
    for (i = 0; i < client_count && !failed; i++)
        if (!start(&clients[i], i, atoi(argv[1]), epoll))
            failed = 1;
    if (run_until(epoll, &connected) && run_until(epoll, &subscribed)) {
        begin = now_ms();
        for (i = 0; i < client_count; i++)
            send_message(&clients[i]);
        ok = run_until(epoll, &finished);
        if (ok)
            printf("%d clients in one thread: %d messages sent and received, %.1f us each\n", client_count,
                   client_count * rounds, (double)(now_ms() - begin) * 1000 / client_count / rounds);
    }
    return ok ? 0 : 1;
}
