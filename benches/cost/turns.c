/*
 * Runs a program against a server that takes strict turns with it, so that each run of the program does exactly the same.
 *
 *   turns COMMAND ARGUMENT...
 *
 * The command gets the server's URI as its last argument. The server reads and answers only while every thread of the
 * program sleeps. A program that has nothing to wait for writes a byte to its standard output and reads one from its
 * standard input: it comes when all threads sleep and the server has nothing more to send.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../compare/peer.h"

#define LIMIT_SECONDS 120

static pid_t program;
static int to_program, from_program, status;

/* One thread: whether it sleeps; adds to `switches` how often it was taken off a processor. */
static int sleeps(const char* thread, long* switches)
{
    char path[300], text[4096], *line;
    int file;
    ssize_t length;

    snprintf(path, sizeof path, "/proc/%ld/task/%s/status", (long)program, thread);
    file = open(path, O_RDONLY | O_CLOEXEC);
    length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return 0;
    text[length] = 0;
    for (line = text; (line = strstr(line, "voluntary_ctxt_switches:")) != NULL; line += 24)
        *switches += strtol(line + 24, NULL, 10);
    return strstr(text, "State:\tS") != NULL;
}

/* -1 if a thread does not sleep; else a number that changes whenever one has run. */
static long all_sleep(void)
{
    char path[32];
    struct dirent* entry;
    long switches = 0, threads = 0;
    int asleep = 1;
    DIR* list;

    snprintf(path, sizeof path, "/proc/%ld/task", (long)program);
    list = opendir(path);
    if (list == NULL)
        return -1;
    while (asleep && (entry = readdir(list)) != NULL)
        if (entry->d_name[0] != '.') {
            asleep = sleeps(entry->d_name, &switches);
            threads++;
        }
    closedir(list);
    return asleep ? switches * 64 + threads : -1;
}

static int await_rest(void)
{
    const struct timespec pause = {0, 50000};
    long before = -1, after;

    while (waitpid(program, &status, WNOHANG) == 0) {
        after = all_sleep();
        if (after >= 0 && after == before)
            return 1;
        before = after;
        nanosleep(&pause, NULL);
    }
    return 0;
}

static void wake(void)
{
    char byte;

    if (read(from_program, &byte, 1) == 1 && write(to_program, &byte, 1) != 1)
        kill(program, SIGKILL);
}

static void start(char** command)
{
    int in[2], out[2];

    if (pipe(in) != 0 || pipe(out) != 0 || (program = fork()) < 0)
        exit(2);
    if (program == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[0]), close(in[1]), close(out[0]), close(out[1]);
        alarm(LIMIT_SECONDS);
        execvp(command[0], command);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    to_program = in[1];
    from_program = out[0];
    fcntl(from_program, F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char** argv)
{
    int port, listener = listen_on_loopback(&port);
    char* command[64] = {NULL};
    char uri[40];

    if (argc < 2 || argc > 60 || listener < 0)
        return 2;
    fcntl(listener, F_SETFD, FD_CLOEXEC);
    memcpy(command, argv + 1, (size_t)(argc - 1) * sizeof *command);
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", port);
    command[argc - 1] = uri;
    start(command);
    serve_in_turns(listener, await_rest, wake);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
