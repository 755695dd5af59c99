/*
 * Compares two libraries with the Paho C API: the same work by both, in turns, and the ratio of the medians.
 *
 *     compare BASE.so OTHER.so [ROUNDS [SECONDS]]
 *
 * Each run is a process of its own. A ratio above 1 means that OTHER is better. On a busy machine single figures
 * vary by a factor of two; the ratios vary less, because the two take turns.
 */
#define _GNU_SOURCE

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "workloads.h"

#define MAXIMUM_ROUNDS 50

static char uri[64];

/* The figure of one run in a process of its own; negative when it failed or hung. */
static double run(const char* library, const struct workload* workload, double seconds)
{
    double figure = -1;
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        alarm((unsigned)seconds + 30);
        if (load_library(library) == 0)
            figure = workload->run(uri, seconds);
        _exit(write(ends[1], &figure, sizeof figure) != (ssize_t)sizeof figure);
    }
    close(ends[1]);
    if (read(ends[0], &figure, sizeof figure) != (ssize_t)sizeof figure)
        figure = -1;
    close(ends[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return figure;
}

static int compare_numbers(const void* left, const void* right)
{
    double a = *(const double*)left, b = *(const double*)right;

    return (a > b) - (a < b);
}

static double median(double* values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_numbers);
    return values[0] < 0 ? -1 : (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* A B, B A, A B, ...; 0 when all runs went well. */
static int compare(char* libraries[2], const struct workload* workload, int rounds, double seconds)
{
    double figures[2][MAXIMUM_ROUNDS], base, other;
    int round, turn;

    for (round = 0; round < rounds; round++)
        for (turn = 0; turn < 2; turn++) {
            int which = (round + turn) % 2;
            figures[which][round] = run(libraries[which], workload, seconds);
        }
    base = median(figures[0], rounds);
    other = median(figures[1], rounds);
    printf("%-14s %14.1f %14.1f  %-11s", workload->name, base, other, workload->unit);
    if (base < 0 || other < 0)
        printf("FAILED\n");
    else
        printf("%9.2f\n", workload->less_is_better ? base / other : other / base);
    fflush(stdout);
    return base < 0 || other < 0;
}

int main(int argc, char* argv[])
{
    int rounds = argc > 3 ? atoi(argv[3]) : 5;
    double seconds = argc > 4 ? atof(argv[4]) : 0.5;
    int port, listener, i, failures = 0;
    pid_t peer;

    if (argc < 3 || rounds < 1 || rounds > MAXIMUM_ROUNDS || (listener = listen_on_loopback(&port)) < 0) {
        fprintf(stderr, "usage: %s BASE.so OTHER.so [ROUNDS [SECONDS]]\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", port);
    peer = fork();
    if (peer == 0)
        serve_peers(listener);
    close(listener);

    printf("base:  %s\nother: %s\n\n", argv[1], argv[2]);
    printf("%-14s %14s %14s  %-11s%9s\n", "workload", "base", "other", "unit", "ratio");
    for (i = 0; i < workload_count; i++)
        failures += compare(argv + 1, &workloads[i], rounds, seconds);
    kill(peer, SIGTERM);
    waitpid(peer, NULL, 0);
    return failures > 0;
}
