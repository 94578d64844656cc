// SPDX-License-Identifier: MIT
/* HTML in which no text can be anything but text. */
#ifndef HTML_H
#define HTML_H

#include "output.h"

/* What can't be seen, or turns the text around it, is shown as ⟨U+202E⟩; what is no UTF-8 as
 * U+FFFD. */
void html_text(struct output *out, const char *text);

/* Writes HTML as it is. */
void html_add(struct output *out, const char *html);

/*
 * Writes HTML. Of the conversions, %s writes text as html_text() does, %u a number as it is, and
 * PRIu64 one with its thousands apart. Any other is a mistake of the caller's and ends the program.
 */
void html_print(struct output *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
