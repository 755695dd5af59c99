/*
 * Compares two libraries with the Paho C API: the same work by both, in turns, and the ratio of the medians.
 *
 *     compare BASE.so OTHER.so [ROUNDS [SECONDS]]                    against a peer of its own
 *     compare BASE.so OTHER.so ROUNDS SECONDS NAME=URI...           request and answer through a broker
 *
 * Each run is a process of its own. A ratio above 1 means that OTHER is better. On a busy machine single figures
 * vary by a factor of two; the ratios vary less, because the libraries take turns. With a broker the same exchange with
 * plain sockets takes its turn too; its ratio is how many times as long OTHER takes.
 */
#define _GNU_SOURCE

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exchanges.h"
#include "library.h"
#include "peer.h"
#include "workloads.h"

#define MAXIMUM_ROUNDS 50

enum { BASE, OTHER, FLOOR };

/* One row of a table. */
struct row {
    const char* uri;
    const struct workload* workload; /* or, if NULL: */
    const struct exchange* exchange;
    int qos;
};

static char* libraries[2];
static int rounds = 5;
static double seconds = 0.5;

static double measure(const struct row* row, int which)
{
    if (which != FLOOR && load_library(libraries[which]) != 0)
        return -1;
    if (row->workload != NULL)
        return row->workload->run(row->uri, seconds);
    return row->exchange->run(row->uri, row->qos, seconds, which == FLOOR);
}

/* The figure of one run in a process of its own; negative when it failed or hung. */
static double run(const struct row* row, int which)
{
    double figure = -1;
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        alarm((unsigned)seconds + 30);
        figure = measure(row, which);
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

/* A B C, B C A, ...: the medians of `count` candidates. 0 when all runs went well. */
static int measure_in_turns(const struct row* row, int count, double medians[])
{
    double figures[3][MAXIMUM_ROUNDS];
    int round, turn, failed = 0;

    for (round = 0; round < rounds; round++)
        for (turn = 0; turn < count; turn++) {
            int which = (round + turn) % count;
            figures[which][round] = run(row, which);
        }
    for (turn = 0; turn < count; turn++) {
        medians[turn] = median(figures[turn], rounds);
        failed |= medians[turn] < 0;
    }
    return failed;
}

static int compare_workload(const char* uri, const struct workload* workload)
{
    struct row row = {uri, workload, NULL, 0};
    double medians[2];
    int failed = measure_in_turns(&row, 2, medians);

    printf("%-14s %14.1f %14.1f  %-11s", workload->name, medians[BASE], medians[OTHER], workload->unit);
    if (failed)
        printf("FAILED\n");
    else
        printf("%9.2f\n", workload->less_is_better ? medians[BASE] / medians[OTHER] : medians[OTHER] / medians[BASE]);
    fflush(stdout);
    return failed;
}

static int compare_exchange(const char* name, const char* uri, const struct exchange* exchange, int qos)
{
    struct row row = {uri, NULL, exchange, qos};
    double medians[3];
    int failed = measure_in_turns(&row, 3, medians);

    printf("%-9s q%d %-6s %10.1f %10.1f %10.1f", exchange->name, qos, name, medians[BASE], medians[OTHER], medians[FLOOR]);
    if (failed)
        printf("  FAILED\n");
    else
        printf(" %9.2f %12.2f\n", medians[BASE] / medians[OTHER], medians[OTHER] / medians[FLOOR]);
    fflush(stdout);
    return failed;
}

static int compare_with_own_peer(void)
{
    char uri[64];
    int port, i, failures = 0, listener = listen_on_loopback(&port);
    pid_t peer = listener < 0 ? -1 : fork();

    if (peer < 0)
        return 1;
    if (peer == 0)
        serve_peers(listener);
    close(listener);
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", port);
    printf("%-14s %14s %14s  %-11s%9s\n", "workload", "base", "other", "unit", "ratio");
    for (i = 0; i < workload_count; i++)
        failures += compare_workload(uri, &workloads[i]);
    kill(peer, SIGTERM);
    waitpid(peer, NULL, 0);
    return failures;
}

/* `brokers`: NAME=URI, changed. */
static int compare_with_brokers(char* brokers[], int count)
{
    int broker, i, qos, failures = 0;

    printf("%-19s %10s %10s %10s %9s %12s\n", "exchange (us)", "base", "other", "floor", "ratio", "times floor");
    for (broker = 0; broker < count; broker++) {
        char* uri = strchr(brokers[broker], '=');
        if (uri == NULL)
            return 1;
        *uri++ = 0;
        for (i = 0; i < exchange_count; i++)
            for (qos = 0; qos < 3; qos++)
                failures += compare_exchange(brokers[broker], uri, &exchanges[i], qos);
    }
    return failures;
}

int main(int argc, char* argv[])
{
    if (argc > 3)
        rounds = atoi(argv[3]);
    if (argc > 4)
        seconds = atof(argv[4]);
    if (argc < 3 || rounds < 1 || rounds > MAXIMUM_ROUNDS) {
        fprintf(stderr, "usage: %s BASE.so OTHER.so [ROUNDS [SECONDS [NAME=URI...]]]\n", argv[0]);
        return 2;
    }
    libraries[BASE] = argv[1];
    libraries[OTHER] = argv[2];
    signal(SIGPIPE, SIG_IGN);
    printf("base:  %s\nother: %s\n\n", argv[1], argv[2]);
    return (argc > 5 ? compare_with_brokers(argv + 5, argc - 5) : compare_with_own_peer()) > 0;
}
