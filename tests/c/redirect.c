/* Preloaded into programs that know only one server, on the Internet: they get the test's broker instead.
 *
 * Every host name is resolved to 127.0.0.1, and connections to port 1883 go to the port in REDIRECT_PORT. Standard
 * output is written line by line, so that a test can wait for it. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int redirect_port(void)
{
    const char *text = getenv("REDIRECT_PORT");
    return text ? atoi(text) : 0;
}

__attribute__((constructor)) static void write_lines(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    return next(node && redirect_port() ? "127.0.0.1" : node, service, hints, result);
}

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    int (*next)(int, const struct sockaddr *, socklen_t);
    struct sockaddr_in changed;
    *(void **)&next = dlsym(RTLD_NEXT, "connect");
    if (redirect_port() && address->sa_family == AF_INET && length >= sizeof(changed)) {
        memcpy(&changed, address, sizeof(changed));
        if (ntohs(changed.sin_port) == 1883) {
            changed.sin_port = htons((unsigned short)redirect_port());
            return next(socket, (struct sockaddr *)&changed, sizeof(changed));
        }
    }
    return next(socket, address, length);
}
