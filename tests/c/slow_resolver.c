/* Preloaded into a test: a resolver that does not answer until it is told to.
 *
 * Look-ups of slow.invalid open the pipe RESOLVER_BEGUN for writing, so that whoever reads it knows, and end when
 * somebody opens the pipe RESOLVER_RELEASE for writing. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (node && strcmp(node, "slow.invalid") == 0) {
        close(open(getenv("RESOLVER_BEGUN"), O_WRONLY));
        close(open(getenv("RESOLVER_RELEASE"), O_RDONLY));
        return EAI_AGAIN;
    }
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    return next(node, service, hints, result);
}
