/* A small file system of the program's own, which can be filled and made read-only. Nobody else sees it. */

#ifndef SMALL_DISK_H
#define SMALL_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Gives 0, or the number of the error: not every system lets a program do this. */
static int mount_small_disk(const char *directory)
{
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return errno;
    }
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("small", directory, "tmpfs", 0, "size=256k") != 0) {
        return errno;
    }
    return 0;
}

static int make_read_only(const char *directory, int read_only)
{
    return mount("small", directory, "tmpfs", MS_REMOUNT | (read_only ? MS_RDONLY : 0), "size=256k") == 0 ? 0 : errno;
}

/* Leaves no room (1), or gives it back (0). */
static int fill(const char *directory, int full)
{
    static const char block[4096];
    char path[512];
    snprintf(path, sizeof path, "%s/filler", directory);
    if (!full) {
        return unlink(path) == 0 ? 0 : errno;
    }
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    while (write(file, block, sizeof block) > 0) {
    }
    int error = errno;
    close(file);
    return error == ENOSPC ? 0 : error;
}

/* Obeys a command of this file; 0: it is none. */
static int obey_about_disk(const char *command, const char *directory, int value)
{
    int error;
    if (strcmp(command, "mount") == 0) {
        error = mount_small_disk(directory);
    } else if (strcmp(command, "readonly") == 0) {
        error = make_read_only(directory, value);
    } else if (strcmp(command, "fill") == 0) {
        error = fill(directory, value);
    } else {
        return 0;
    }
    printf("%s %d\n", command, error);
    fflush(stdout);
    return 1;
}

#endif
