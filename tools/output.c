// SPDX-License-Identifier: MIT
#include "output.h"

#include "print.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUFFER = 128 << 10 /* what is written at once */
};

static char *volatile unfinished;

static void remove_unfinished(int number)
{
    if (unfinished)
        unlink(unfinished);
    signal(number, SIG_DFL);
    raise(number);
}

/* Opens a file beside the one to be replaced, with its permissions. It is removed if a signal ends
 * the program. */
static int open_beside(struct output *out, const struct stat *old)
{
    static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    size_t len = strlen(out->path);
    mode_t mask = umask(0), mode = old ? old->st_mode & 0777 : 0666 & ~mask;
    struct sigaction is;
    char *temporary = malloc(len + sizeof ".XXXXXX");
    int fd;

    umask(mask);
    if (!temporary)
        return -1;
    memcpy(temporary, out->path, len);
    memcpy(temporary + len, ".XXXXXX", sizeof ".XXXXXX");
    fd = mkstemp(temporary);
    if (fd < 0) {
        free(temporary);
        return -1;
    }
    out->temporary = unfinished = temporary;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN) /* as by nohup */
            signal(fatal[i], remove_unfinished);
    if (fchmod(fd, mode) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_path(struct output *out, const char *path)
{
    struct stat st;
    bool is_there = stat(path, &st) == 0;

    if (strcmp(path, "-") == 0)
        return dup(STDOUT_FILENO);
    /* A device or a pipe is written in place, and of a symbolic link the target is replaced. */
    if (is_there && !S_ISREG(st.st_mode))
        return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    out->path = is_there ? realpath(path, NULL) : strdup(path);
    return out->path ? open_beside(out, is_there ? &st : NULL) : -1;
}

bool output_may_be(const char *path)
{
    struct stat st;

    if (!*path)
        complain("the name of the output is empty");
    else if (stat(path, &st) != 0 && lstat(path, &st) == 0)
        complain("%s: a symbolic link to a file that does not exist", path);
    else
        return true;
    return false;
}

bool output_is_stdout(const char *path)
{
    struct stat a, b;

    return strcmp(path, "-") == 0 || (stat(path, &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 &&
                                      (S_ISFIFO(a.st_mode) || S_ISSOCK(a.st_mode)) &&
                                      a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

bool output_is(const struct output *out, int fd)
{
    struct stat a, b;

    return fstat(out->fd, &a) == 0 && fstat(fd, &b) == 0 && S_ISREG(a.st_mode) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool output_open(struct output *out, const char *path)
{
    bool is_stdout = strcmp(path, "-") == 0;

    *out = (struct output){.name = is_stdout ? "standard output" : path, .fd = -1};
    if (is_stdout && isatty(STDOUT_FILENO)) {
        complain("a capture is not for a terminal to show");
        return false;
    }
    if (!output_may_be(path))
        return false;
    out->fd = open_path(out, path);
    if (out->fd >= 0)
        return true;
    complain("%s: %s", out->name, strerror(errno));
    output_discard(out);
    return false;
}

bool output_flush(struct output *out)
{
    size_t done = 0;

    while (!out->error && done < out->used) {
        ssize_t written = write(out->fd, out->buffer + done, out->used - done);

        if (written >= 0)
            done += (size_t)written;
        else if (errno != EINTR)
            out->error = errno;
    }
    out->used = 0;
    return !out->error;
}

uint8_t *output_room(struct output *out, size_t len)
{
    uint8_t *buffer;

    if (len > out->room - out->used && !output_flush(out))
        return NULL;
    if (len > out->room || !out->buffer) {
        size_t room = len > BUFFER ? len : BUFFER;

        buffer = realloc(out->buffer, room);
        if (!buffer) {
            out->error = errno;
            return NULL;
        }
        out->buffer = buffer;
        out->room = room;
    }
    return out->error ? NULL : out->buffer + out->used;
}

void output_add(struct output *out, size_t len)
{
    out->used += len;
}

bool output_write(struct output *out, const uint8_t *bytes, size_t len)
{
    uint8_t *room = output_room(out, len);

    if (!room)
        return false;
    memcpy(room, bytes, len);
    output_add(out, len);
    return true;
}

void output_overwrite(struct output *out, size_t at, const uint8_t *bytes, size_t len)
{
    if (!out->temporary || !output_flush(out))
        return;
    if (pwrite(out->fd, bytes, len, (off_t)at) != (ssize_t)len)
        out->error = errno ? errno : EIO;
}

void output_discard(struct output *out)
{
    if (out->fd >= 0)
        close(out->fd);
    if (out->temporary)
        unlink(out->temporary);
    unfinished = NULL;
    free(out->buffer);
    free(out->temporary);
    free(out->path);
}

/* All bytes are on the disk before the old file is replaced. */
bool output_commit(struct output *out)
{
    bool is_written = output_flush(out);

    if (is_written && out->temporary)
        is_written = fsync(out->fd) == 0 && rename(out->temporary, out->path) == 0;
    if (!is_written)
        complain("%s: %s", out->name, strerror(out->error ? out->error : errno));
    if (is_written && out->temporary) {
        unfinished = NULL;
        free(out->temporary);
        out->temporary = NULL;
    }
    output_discard(out);
    return is_written;
}
