/* See rows.h. */
#define _GNU_SOURCE

#include "rows.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

char payload[PAYLOAD_SIZE];
static atomic_long allocations;

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static void note(void)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

void* malloc(size_t size) { note(); return __libc_malloc(size); }
void* calloc(size_t count, size_t size) { note(); return __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { note(); return __libc_realloc(old, size); }
void* aligned_alloc(size_t alignment, size_t size) { note(); return __libc_memalign(alignment, size); }
int posix_memalign(void** block, size_t alignment, size_t size)
{
    note();
    *block = __libc_memalign(alignment, size);
    return *block == NULL;
}

/* ---- Time, which passes only while the program rests: what the library does never depends on the machine's load. ---- */

static atomic_long milliseconds = 1000000;

int clock_gettime(clockid_t clock, struct timespec* time)
{
    long now = atomic_load(&milliseconds);

    (void)clock;
    time->tv_sec = now / 1000;
    time->tv_nsec = now % 1000 * 1000000;
    return 0;
}

int poll(struct pollfd* list, nfds_t count, int timeout)
{
    return (int)syscall(SYS_poll, list, count, timeout == 0 ? 0 : -1);
}

int epoll_pwait(int epoll, struct epoll_event* events, int count, int timeout, const sigset_t* mask)
{
    return (int)syscall(SYS_epoll_pwait, epoll, events, count, timeout == 0 ? 0 : -1, mask, 8);
}

/* Callgrind begins a new part here, and the system call separates the others in Valgrind's log. */
void __attribute__((noinline)) next_part(void)
{
    syscall(SYS_getppid);
}

void begin_counting(void)
{
    atomic_store(&allocations, 0);
    next_part();
}

void end_counting(const char* row, long messages)
{
    long counted = atomic_load(&allocations);

    next_part();
    fprintf(stderr, "row %s %ld %ld\n", row, messages, counted);
}

void rest(void)
{
    char byte = 0;

    if (write(1, &byte, 1) != 1 || read(0, &byte, 1) != 1)
        exit(1);
    atomic_fetch_add(&milliseconds, 2);
}

void must(int code, const char* what)
{
    if (code != 0) {
        fprintf(stderr, "%s: %d\n", what, code);
        exit(1);
    }
}
