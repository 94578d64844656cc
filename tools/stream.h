// SPDX-License-Identifier: MIT
/* The bytes of a capture, from a file or standard input. Compressed ones are decompressed. */
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
    uint64_t offset; /* of the next byte, in the decompressed capture */

    /* buffer[at] to buffer[end - 1] were read and are not taken yet. */
    uint8_t *buffer;
    size_t room, at, end;

    /* Reads up to `most` bytes. Returns how many, or 0 at the end, or -1 after a complaint. */
    ssize_t (*read)(struct stream *in, uint8_t *to, size_t most);
    struct unpack *unpack; /* NULL: not compressed */
    bool is_ended, is_broken;
};

enum {
    STREAM_BUFFER = 128 << 10 /* bytes read at once, which then are in the CPU's cache */
};

/* Opens a file; "-" is standard input. Returns false after a complaint. */
bool stream_open(struct stream *in, const char *path);
void stream_close(struct stream *in);

/* Makes at least `len` bytes available in the buffer, and does not wait for more. Returns false if
 * the stream has fewer, or if reading failed; `is_broken` is set then, after a complaint. */
bool stream_fill(struct stream *in, size_t len);

/* Returns the next `len` bytes, which are valid until the next call, or NULL where stream_fill()
 * returns false. */
static inline const uint8_t *stream_peek(struct stream *in, size_t len)
{
    if (in->end - in->at < len && !stream_fill(in, len))
        return NULL;
    return in->buffer + in->at;
}

/* Takes bytes that stream_peek() returned. They stay valid until its next call. */
static inline void stream_take(struct stream *in, size_t len)
{
    in->at += len;
    in->offset += len;
}

/* Returns how many bytes can be had without waiting. */
static inline size_t stream_ready(const struct stream *in)
{
    return in->end - in->at;
}

/* Returns the share of the file that was read, from 0 to 1, or -1 if it is not known. */
double stream_share(const struct stream *in);

/* Reads the bytes of the file as they are: stream->read for a file that is not compressed. */
ssize_t stream_read_file(struct stream *in, uint8_t *to, size_t most);

#endif
