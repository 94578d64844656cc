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
    char *path, *temporary; /* NULL: the file is written in place (a pipe, a device) */
    uint8_t *buffer;
    size_t room, used;
    int error; /* errno of the first failure; 0: none */
};

/* Returns false after a complaint: there can be no file of this name, or it is a symbolic link
 * whose target does not exist, and which a file would replace. */
bool output_may_be(const char *path);

/* Returns whether the path names standard output: "-", or the pipe that it is, as /dev/stdout. Then
 * nothing else may be printed there. */
bool output_is_stdout(const char *path);

/* Opens a file for writing; "-" is standard output. Returns false after a complaint. */
bool output_open(struct output *out, const char *path);

/* Returns whether the output is written into the regular file that `fd` has open. */
bool output_is(const struct output *out, int fd);

/* Returns room for the next `len` bytes, or NULL if nothing more can be written. The caller fills
 * it and calls output_add(). */
uint8_t *output_room(struct output *out, size_t len);
void output_add(struct output *out, size_t len);
bool output_write(struct output *out, const uint8_t *bytes, size_t len);
/* Passes all bytes on to the file. */
bool output_flush(struct output *out);

/* Replaces bytes that were written before. Does nothing where that is impossible, as in a pipe. */
void output_overwrite(struct output *out, size_t at, const uint8_t *bytes, size_t len);

/* Both free everything. output_commit() puts the file in its place; it returns false after a
 * complaint: the file could not be written. output_discard() leaves the place as it was. */
bool output_commit(struct output *out);
void output_discard(struct output *out);

#endif
