// SPDX-License-Identifier: MIT
/* What compilers call on their own account, libc or none (gcc's manual, -ffreestanding). */
#include "memory.h"

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    void *d = to;

    __asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(len) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *d = (uint8_t *)to + len - 1;
    const uint8_t *s = (const uint8_t *)from + len - 1;

    if ((uintptr_t)to - (uintptr_t)from >= len)
        return memcpy(to, from, len);
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(d), "+S"(s), "+c"(len) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t len)
{
    void *d = to;

    __asm__ volatile("rep stosb" : "+D"(d), "+c"(len) : "a"(value) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *p = (const uint8_t *)a, *q = (const uint8_t *)b;

    for (; len; len--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}
