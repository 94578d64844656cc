// SPDX-License-Identifier: MIT
#include "stream.h"

#include "interrupt.h"
#include "print.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ssize_t stream_read_file(struct stream *in, uint8_t *to, size_t most)
{
    ssize_t got;

    do
        got = read(in->fd, to, most);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        complain("%s: %s", in->name, strerror(errno));
    else
        in->taken += (size_t)got;
    return got;
}

/* Makes room for `len` bytes and for those that are read along with them. */
static bool make_room(struct stream *in, size_t len)
{
    size_t room = len + STREAM_BUFFER;
    uint8_t *buffer;

    if (len <= in->room && in->buffer)
        return true;
    buffer = realloc(in->buffer, room);
    if (!buffer) {
        complain("%s: %s", in->name, strerror(errno));
        in->is_broken = true;
        return false;
    }
    in->buffer = buffer;
    in->room = room;
    return true;
}

bool stream_fill(struct stream *in, size_t len)
{
    size_t have = in->end - in->at;

    if (have && in->at)
        memmove(in->buffer, in->buffer + in->at, have);
    in->at = 0;
    in->end = have;
    if (in->is_broken || !make_room(in, len))
        return false;
    while (in->end < len && !in->is_ended) {
        ssize_t got = in->read(in, in->buffer + in->end, in->room - in->end);

        /* An end that a signal made is no error. */
        if (got < 0 || interrupted()) {
            in->is_broken = true;
            return false;
        }
        in->is_ended = got == 0;
        in->end += (size_t)got;
    }
    return in->end >= len;
}

bool stream_open(struct stream *in, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const struct packing *packing;
    const uint8_t *magic;
    struct stat st;

    *in = (struct stream){
        .name = is_stdin ? "standard input" : path, .size = -1, .read = stream_read_file};
    in->fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) {
        complain("%s: %s", in->name, strerror(errno));
        return false;
    }
    interrupt_reading(in->fd);
    if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode))
        in->size = st.st_size;
    magic = stream_peek(in, PACKING_MAGIC);
    packing = magic ? packing_find(magic) : NULL;
    if (!magic && !in->is_broken && in->end == 0)
        complain("%s: an empty file", in->name);
    else if (!in->is_broken && (!packing || unpack_open(in, packing)))
        return true;
    stream_close(in);
    return false;
}

void stream_close(struct stream *in)
{
    if (in->unpack)
        unpack_close(in);
    interrupt_reading(-1);
    if (in->fd >= 0)
        close(in->fd);
    free(in->buffer);
    in->buffer = NULL;
    in->fd = -1;
}

double stream_share(const struct stream *in)
{
    return in->size > 0 ? (double)in->taken / (double)in->size : -1;
}
