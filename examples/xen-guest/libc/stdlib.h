// SPDX-License-Identifier: MIT
/* Of the C library, lwIP asks for this, in a function that nobody calls. */
#ifndef STDLIB_H
#define STDLIB_H

int atoi(const char *text);

#endif
