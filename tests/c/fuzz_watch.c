/* What each thread is doing, and what is done when something is wrong. */
#include "fuzz.h"

#include <execinfo.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 512
#define DEPTH 16
#define HISTORY 12

struct activity {
    int used, thread;
    const char *kind;
    uint64_t owner, number;
    int depth;
    const char *calls[DEPTH];
    uint64_t since[DEPTH];
    const char *history[HISTORY];
    unsigned latest;
};

static struct activity activities[THREADS];
static __thread struct activity *mine;
static pthread_key_t ends;
static const char *phase = "start";
static uint64_t phase_since;
static int found;

uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void give_back(void *activity)
{
    SET(((struct activity *)activity)->used, 0);
}

static struct activity *me(void)
{
    if (mine != NULL)
        return mine;
    for (int i = 0; i < THREADS; i++) {
        int unused = 0;
        if (__atomic_compare_exchange_n(&activities[i].used, &unused, 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            mine = &activities[i];
            SET(mine->thread, (int)syscall(SYS_gettid));
            SET(mine->depth, 0);
            SET(mine->kind, "none");
            pthread_setspecific(ends, mine);
            return mine;
        }
    }
    finding("the process has more than %d threads", THREADS);
}

void watch_step(const char *kind, uint64_t owner, uint64_t number)
{
    struct activity *activity = me();
    SET(activity->kind, kind);
    SET(activity->owner, owner);
    SET(activity->number, number);
}

void watch_enter(const char *call)
{
    struct activity *activity = me();
    int depth = GET(activity->depth);
    if (depth < DEPTH) {
        SET(activity->since[depth], now_ms());
        SET(activity->calls[depth], call);
    }
    SET(activity->depth, depth + 1);
    SET(activity->history[GET(activity->latest) % HISTORY], call);
    SET(activity->latest, GET(activity->latest) + 1);
    ADD(figures.calls, 1);
}

void watch_leave(void)
{
    struct activity *activity = me();
    SET(activity->depth, GET(activity->depth) - 1);
}

void watch_phase(const char *name)
{
    SET(phase_since, now_ms());
    SET(phase, name);
}

static void describe(const struct activity *activity)
{
    uint64_t now = now_ms();
    fprintf(stderr, "  thread %d, %s %llx/%llu, calls:", GET(activity->thread), GET(activity->kind),
            (unsigned long long)GET(activity->owner), (unsigned long long)GET(activity->number));
    for (int i = 0; i < GET(activity->depth) && i < DEPTH; i++)
        fprintf(stderr, " %s (for %llu ms)", GET(activity->calls[i]), (unsigned long long)(now - GET(activity->since[i])));
    fprintf(stderr, " after");
    unsigned latest = GET(activity->latest);
    for (unsigned i = latest > HISTORY ? latest - HISTORY : 0; i < latest; i++)
        fprintf(stderr, " %s", GET(activity->history[i % HISTORY]));
    fprintf(stderr, "\n");
}

static void print_own_stack(int signal)
{
    (void)signal;
    void *frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), 2);
}

/* The debugger sees the library's threads, too, which block all signals. */
static int stacks_by_debugger(void)
{
    char process[32];
    int status;
    snprintf(process, sizeof process, "%d", getpid());
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(2, 1);
        execlp("gdb", "gdb", "-p", process, "-batch", "-nx", "-ex", "set print frame-arguments none", "-ex",
               "thread apply all bt 40", (char *)NULL);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void stacks(void)
{
    if (getenv("FUZZ_NO_STACKS") != NULL || stacks_by_debugger())
        return;
    signal(SIGUSR1, print_own_stack);
    for (int i = 0; i < THREADS; i++) {
        if (GET(activities[i].used)) {
            struct timespec pause = {0, 100000000};
            fprintf(stderr, "stack of thread %d\n", GET(activities[i].thread));
            syscall(SYS_tgkill, getpid(), GET(activities[i].thread), SIGUSR1);
            nanosleep(&pause, NULL);
        }
    }
}

void finding(const char *format, ...)
{
    va_list arguments;
    if (__atomic_exchange_n(&found, 1, __ATOMIC_RELAXED))
        for (;;)
            pause();
    va_start(arguments, format);
    fprintf(stderr, "FINDING: ");
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nseed %llu, %s; this thread is %d\n", (unsigned long long)settings.seed, GET(phase),
            (int)syscall(SYS_gettid));
    for (int i = 0; i < THREADS; i++)
        if (GET(activities[i].used))
            describe(&activities[i]);
    stacks();
    fflush(stderr);
    _exit(1);
}

static void look(void)
{
    uint64_t now = now_ms(), limit = settings.patience * 1000ull;
    for (int i = 0; i < THREADS; i++) {
        struct activity *activity = &activities[i];
        int depth = GET(activity->depth);
        if (!GET(activity->used) || depth < 1 || depth > DEPTH)
            continue;
        const char *call = GET(activity->calls[depth - 1]);
        uint64_t since = GET(activity->since[depth - 1]);
        /* Looked at once more, because the thread is still running. */
        if (now > since + limit && GET(activity->depth) == depth && GET(activity->since[depth - 1]) == since)
            finding("%s of thread %d has not returned for %llu ms", call, GET(activity->thread),
                    (unsigned long long)(now - since));
    }
    requests_age(limit);
    uint64_t since = GET(phase_since);
    if (strcmp(GET(phase), "work") != 0 && now > since + 3 * limit)
        finding("the run makes no progress");
}

static void *watch(void *argument)
{
    uint64_t before = now_ms();
    for (;;) {
        struct timespec second = {1, 0};
        nanosleep(&second, NULL);
        /* Where this thread did not get the processor either, the others' times say nothing. */
        if (now_ms() < before + 5000)
            look();
        before = now_ms();
    }
    return argument;
}

void watch_start(unsigned patience)
{
    pthread_t thread;
    settings.patience = patience;
    watch_phase("start");
    pthread_key_create(&ends, give_back);
    pthread_create(&thread, NULL, watch, NULL);
    pthread_detach(thread);
}
