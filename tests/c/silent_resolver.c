/* Loaded before the C library: a name server that never answers for one name. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict result)
{
    union { void *symbol; resolver *function; } next;

    while (name != NULL && strcmp(name, "never.example") == 0)
        pause();
    next.symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    return next.function(name, service, hints, result);
}
