// SPDX-License-Identifier: MIT
/* How every command prints: exit codes, text on stdout, complaints. */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EXIT_FINE = 0,
    EXIT_WRONG = 1,
    EXIT_UNUSABLE = 2
};

/* Flushes stdout, prints "csumoff: ..." as a line on stderr, and returns EXIT_UNUSABLE. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints to stdout as printf() does, but faster, because it is called for every packet. A line
 * reaches stdout when its end is printed, so nothing else may print a part of that line.
 *
 * The conversions are %c, %d, %s, %u and %x, with the flags - and 0, widths, *, and the lengths l,
 * ll and z. Any other conversion is a mistake of the caller and ends the program.
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a text in lines of at most `width` columns, each indented by `indent` of them. */
void print_wrapped(const char *text, size_t indent, size_t width);

/* Prints `len` bytes as they are. */
void print_bytes(const char *bytes, size_t len);

/* Returns how many columns the line takes so far. Colours take none. */
int print_width(void);
/* Removes the spaces at the end of the line. */
void print_trim(void);

/* Gives stdout a large buffer. It is flushed after each line if stdout is a terminal or by_line is
 * true. Must be called before anything is printed. */
void stdout_open(bool by_line);
/* Returns whether writing to stdout has failed. Commands that print a lot ask, and stop. */
bool stdout_failed(void);
/* Flushes stdout. Returns `code`, or EXIT_UNUSABLE after a complaint if any output was lost. */
int stdout_close(int code);

#endif
