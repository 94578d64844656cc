/* SPDX-License-Identifier: MIT */
/* Of string.h what lwIP asks for. ../../memory.c has what of it the example calls. */
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *one, const void *other, size_t n);
size_t strlen(const char *text);
int strncmp(const char *one, const char *other, size_t n);

#endif
