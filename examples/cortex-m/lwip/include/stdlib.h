/* SPDX-License-Identifier: MIT */
/* Of stdlib.h what lwIP asks for, in a function that the example does not call. */
#ifndef STDLIB_H
#define STDLIB_H

int atoi(const char *text);

#endif
