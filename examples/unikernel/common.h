// SPDX-License-Identifier: MIT
/* What the main functions of two guests have in common, this one's and ../xen-guest's. */
#ifndef COMMON_H
#define COMMON_H

#include <stdbool.h>

/* Whether the word stands in the line, between blanks. The line may be NULL. */
bool has_word(const char *line, const char *word);

/* Every usable kernel meets a bytewise reference; the console names the one in use. */
void check_kernels(void);

/* What was received and sent, a line for each count. */
void print_counts(void);

#endif
