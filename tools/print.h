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

/* "csumoff: ..." on stderr, after what stdout holds; returns EXIT_UNUSABLE. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints to stdout as printf() does, at a fraction of the cost: for what is printed once a packet.
 * A line reaches stdout when its end is printed, so nothing else may print a part of that line.
 *
 * The conversions are %c, %d, %s, %u and %x, with the flags - and 0, widths, *, and the lengths l,
 * ll and z. Any other is a mistake of the caller's and ends the program.
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a sentence in lines of at most `width` columns, each behind `indent` of them. */
void print_wrapped(const char *text, size_t indent, size_t width);

/* Prints `len` bytes as they are. */
void print_bytes(const char *bytes, size_t len);

/* Returns how many columns the line takes so far. Colours take none. */
int print_width(void);
/* Removes the spaces at the end of the line. */
void print_trim(void);

/* Gives stdout a large buffer; it is written line by line to a terminal, and where asked for. Must
 * come before anything is printed. */
void stdout_open(bool by_line);
/* Whether stdout takes no more: whoever prints a lot asks now and then, and stops. */
bool stdout_failed(void);
/* Flushes stdout; complains and returns EXIT_UNUSABLE where anything got lost, else `code`. */
int stdout_close(int code);

#endif
