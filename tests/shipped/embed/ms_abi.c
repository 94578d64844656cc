// SPDX-License-Identifier: MIT
/* A program under -mabi=ms: the library tests itself. gcc calls memcpy() where it doesn't optimize,
 * and the libc's expects its arguments elsewhere. */
#include <csumoff.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    volatile uint8_t *t = to;
    const uint8_t *f = from;

    while (n--)
        *t++ = *f++;
    return to;
}

int main(void)
{
    return csumoff_selftest();
}
