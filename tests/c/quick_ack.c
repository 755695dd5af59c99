/* Loaded before the C library: counts how often the kernel is asked for an acknowledgement that it delays. */

#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_ulong count;

unsigned long quick_acks(void)
{
    return atomic_load(&count);
}

int setsockopt(int socket, int level, int name, const void *value, socklen_t length)
{
    int code = (int)syscall(SYS_setsockopt, socket, level, name, value, length);

    if (level == IPPROTO_TCP && name == TCP_QUICKACK)
        atomic_fetch_add(&count, 1);
    return code;
}
