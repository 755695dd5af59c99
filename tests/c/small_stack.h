/* Runs functions on threads with a stack of 16 KiB, or the least that the system allows where that is more, and prints how much of
   it each needs. */

#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { GUARD = 65536, PAINT = 0xA5 };

static size_t stack_size;

/* Whole pages. */
static void choose_stack_size(void)
{
    long least = sysconf(_SC_THREAD_STACK_MIN), page = sysconf(_SC_PAGESIZE);
    if (least < 16384)
        least = 16384;
    stack_size = (least + page - 1) / page * page;
}

static const char *failed_call;

static void check(const char *call, int is_right)
{
    if (!is_right && !failed_call)
        failed_call = call;
}

#define CHECK(call) check(#call, call)

static void *start(void *function)
{
    (*(void (**)(void))function)();
    return NULL;
}

/* What threads get of which nothing else is said, as those of the library. */
static void make_small_stacks_usual(void)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    if (pthread_setattr_default_np(&attributes) != 0)
        exit(3);
    pthread_attr_destroy(&attributes);
}

/* A thread that needs more ends the program. */
static void on_small_stack(const char *name, void (*function)(void))
{
    pthread_t thread;
    pthread_attr_t attributes;
    size_t unused = 0;
    unsigned char *start_of_guard = mmap(NULL, GUARD + stack_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *stack = start_of_guard + GUARD;
    printf("%s:", name);
    fflush(stdout);
    if (start_of_guard == MAP_FAILED || mprotect(stack, stack_size, PROT_READ | PROT_WRITE) != 0)
        exit(3);
    memset(stack, PAINT, stack_size);
    pthread_attr_init(&attributes);
    if (pthread_attr_setstack(&attributes, stack, stack_size) != 0
        || pthread_create(&thread, &attributes, start, &function) != 0)
        exit(3);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    while (unused < stack_size && stack[unused] == PAINT)
        unused++;
    printf(" %lu bytes\n", (unsigned long)(stack_size - unused));
    if (failed_call)
    {
        printf("not right: %s\n", failed_call);
        exit(2);
    }
    munmap(start_of_guard, GUARD + stack_size);
}

#define RUN(function) on_small_stack(#function, function)

static sem_t happened;

static int await(void)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 30;
    return sem_timedwait(&happened, &limit) == 0;
}

/* Arguments: a name of its own, the server, the file with the authority of its certificate ("" for none), a directory for the
   store. */
static const char *id, *uri, *authority, *directory;
static int version, keeps;

static int is_encrypted(void)
{
    return *authority != 0;
}

static char payload[1000];
static char topic[100];

static void take_arguments(int count, char **arguments)
{
    if (count != 5)
        exit(1);
    id = arguments[1];
    uri = arguments[2];
    authority = arguments[3];
    directory = arguments[4];
    snprintf(topic, sizeof topic, "small/%s", id);
    choose_stack_size();
    make_small_stacks_usual();
    sem_init(&happened, 0, 0);
}
