// SPDX-License-Identifier: MIT
/* Writes HTML. No text can become markup. */
#ifndef HTML_H
#define HTML_H

#include "output.h"

/* Writes a text. Characters that are invisible or change the direction of text are written as
 * ⟨U+202E⟩, bytes that are not UTF-8 as U+FFFD. */
void html_text(struct output *out, const char *text);

/* Writes HTML as it is. */
void html_add(struct output *out, const char *html);

/*
 * Writes HTML as printf() does. %s writes a text as html_text() does, %u a number, and PRIu64 a
 * number with its thousands separated. Any other conversion is a mistake of the caller and ends the
 * program.
 */
void html_print(struct output *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
