/*
 * Checks the library it is linked with against a server, and prints a line for each check:
 *
 *     interop_client URI VERSION PREFIX [CHECK...]
 *     interop_client tcp://127.0.0.1:1883 4 test "QoS 1" will
 *
 *     QoS 1: ok
 *     will: failed: "gone" did not arrive
 *
 * VERSION is 3 (MQTT 3.1), 4 (3.1.1) or 5. PREFIX is for topics and client identifiers, at most 8 letters and digits; two
 * runs at the same time need different ones. Linked once with peer_client.c (interop_client) and once with
 * peer_async.c (interop_async).
 *
 * Each check is a process of its own with a time limit: when the library crashes or hangs, only that check fails. The
 * exit code is 1 if a check has failed, 3 if there is no connection with this version at all.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* A check that has not ended by then is stuck: each of its waits is much shorter. */
#define LIMIT 25

static const struct check *const groups[] = {message_checks, session_checks, topic_checks, v5_checks};

static sigset_t original_signals;

/* ---- In the check's process ---- */

static void leave(struct run *run)
{
    for (int i = 0; i < run->peer_count; i++)
        peer_destroy(run->peers[i]);
}

/* Writes the result, without its name, to `output`. "-" means that the check does not concern this interface. */
static void run_check(const struct check *check, struct run *run, int output)
{
    char line[600];
    const char *reason = check->run(run);
    int length;

    if (reason && strcmp(reason, "-") == 0)
        length = snprintf(line, sizeof line, "-");
    else if (reason)
        length = snprintf(line, sizeof line, "failed: %s", reason);
    else
        length = snprintf(line, sizeof line, "ok%s%s", run->note[0] ? ": " : "", run->note);
    leave(run);
    if (write(output, line, (size_t)length) != length)
        _exit(2);
    _exit(0);
}

/* ---- In the parent, which never calls the library ---- */

/* Waits for the child; false if it had to be killed. SIGCHLD is blocked, so it is waited for with a limit. */
static bool wait_for(pid_t child, int *status)
{
    struct timespec limit = {.tv_sec = LIMIT};
    sigset_t ended;

    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    while (waitpid(child, status, WNOHANG) == 0) {
        if (sigtimedwait(&ended, NULL, &limit) < 0 && errno == EAGAIN) {
            kill(child, SIGKILL);
            waitpid(child, status, 0);
            return false;
        }
    }
    return true;
}

/* The result as text, "" if it does not concern this interface. */
static const char *result(const struct check *check, struct run *run)
{
    static char line[600];
    int output[2], status = 0;
    ssize_t length;
    pid_t child;
    bool ended;

    if (pipe(output) != 0 || (child = fork()) < 0)
        return "failed: no process for it";
    if (child == 0) {
        close(output[0]);
        sigprocmask(SIG_SETMASK, &original_signals, NULL);
        run_check(check, run, output[1]);
    }
    close(output[1]);
    ended = wait_for(child, &status);
    length = read(output[0], line, sizeof line - 1);
    close(output[0]);
    line[length > 0 ? length : 0] = 0;
    if (!ended)
        snprintf(line, sizeof line, "failed: still running after %d s", LIMIT);
    else if (WIFSIGNALED(status))
        snprintf(line, sizeof line, "failed: ended by signal %d", WTERMSIG(status));
    else if (length <= 0)
        snprintf(line, sizeof line, "failed: exit code %d", WEXITSTATUS(status));
    return strcmp(line, "-") == 0 ? "" : line;
}

static bool is_wanted(const char *name, char **names)
{
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct run run = {0};
    sigset_t ended;
    int failures = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: %s URI VERSION PREFIX [CHECK...]\n", argv[0]);
        return 2;
    }
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, &original_signals);
    run.uri = argv[1];
    run.version = atoi(argv[2]);
    run.prefix = argv[3];
    for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
        for (const struct check *check = groups[group]; check->name; check++) {
            const char *line;

            run.number++;
            if (!(check->versions & (1u << run.version)) || !is_wanted(check->name, argv + 4))
                continue;
            line = result(check, &run);
            if (!*line)
                continue;
            printf("%s: %s\n", check->name, line);
            fflush(stdout);
            failures += strncmp(line, "ok", 2) != 0;
            if (run.number == 1 && failures > 0)
                return 3;
        }
    }
    return failures > 0;
}
