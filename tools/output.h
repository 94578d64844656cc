// SPDX-License-Identifier: MIT
/* A file that is written as a whole or not at all, unless it is a pipe or a device. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output {
    const char *name; /* as complaints call it */
    int fd;
    char *path, *temporary; /* NULL: what is there is written to as it stands (pipe, device) */
    uint8_t *buffer;
    size_t room, used;
    int error; /* errno of what failed first; 0: nothing did */
};

/* "-" is standard output. False: it can't be written, and a complaint was made. */
bool output_open(struct output *out, const char *path);

/* Returns room for `len` bytes that are to be written next, once output_add() has been told; NULL:
 * nothing more can be written. */
uint8_t *output_room(struct output *out, size_t len);
void output_add(struct output *out, size_t len);
bool output_write(struct output *out, const uint8_t *bytes, size_t len);
/* Hands on what was written so far. */
bool output_flush(struct output *out);

/* Writes over what is there already. Nothing happens where that is impossible, in a pipe. */
void output_overwrite(struct output *out, size_t at, const uint8_t *bytes, size_t len);

/* Both release everything. False: it could not be written, which a complaint tells. */
bool output_commit(struct output *out);
void output_discard(struct output *out);

#endif
