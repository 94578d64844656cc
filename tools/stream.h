// SPDX-License-Identifier: MIT
/* The bytes of a capture, from a file or standard input, decompressed where they are compressed. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct unpack;

struct stream {
    const char *name; /* as complaints call it */
    int fd;
    long long size;  /* of the file; -1: not known */
    uint64_t taken;  /* bytes of the file that were read */
    uint64_t offset; /* of the next byte, in the capture as it is decompressed */

    /* Bytes that were read and not yet taken are buffer[at] to buffer[end]. */
    uint8_t *buffer;
    size_t room, at, end;

    /* Reads up to `most` bytes. Returns how many; 0: the end; -1: none, and a complaint was made.
     */
    ssize_t (*read)(struct stream *in, uint8_t *to, size_t most);
    struct unpack *unpack; /* NULL: not compressed */
    bool is_ended, is_broken;
};

enum {
    STREAM_BUFFER = 128 << 10 /* what is read at once: still in the CPU's cache when looked at */
};

/* "-" is standard input. False: it can't be read, and a complaint was made. */
bool stream_open(struct stream *in, const char *path);
void stream_close(struct stream *in);

/* Makes at least `len` bytes available in the buffer, and reads no more than has to be waited for.
 * False: there are fewer, or, if is_broken is set, they can't be read and a complaint was made. */
bool stream_fill(struct stream *in, size_t len);

/* Returns the next `len` bytes, which are there until the next call; NULL as stream_fill(). */
static inline const uint8_t *stream_peek(struct stream *in, size_t len)
{
    if (in->end - in->at < len && !stream_fill(in, len))
        return NULL;
    return in->buffer + in->at;
}

/* Takes bytes that stream_peek() returned; they stay where they are until its next call. */
static inline void stream_take(struct stream *in, size_t len)
{
    in->at += len;
    in->offset += len;
}

/* How many bytes there are that nobody has to wait for. */
static inline size_t stream_ready(const struct stream *in)
{
    return in->end - in->at;
}

/* How much of the file was read, from 0 to 1; -1: not known. */
double stream_share(const struct stream *in);

/* Reads the file itself, as stream->read does where it is not compressed. */
ssize_t stream_read_file(struct stream *in, uint8_t *to, size_t most);

#endif
