// SPDX-License-Identifier: MIT
/* Of the C library, ../../xen-netfront and lwIP ask for this. What memory.h does not have is for
 * functions that nobody calls. */
#ifndef STRING_H
#define STRING_H

#include "memory.h"

size_t strlen(const char *text);
int strncmp(const char *a, const char *b, size_t len);

#endif
