// SPDX-License-Identifier: MIT
/*
 * Of string.h what compilers call by themselves, and lwIP: by words where both sides are aligned.
 * The linker leaves out what nobody calls.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *one, const void *other, size_t n);

typedef uint32_t __attribute__((may_alias)) word;

/* Keeps a compiler from making a loop a call of the function that the loop is in. */
#define AS_IT_IS() __asm__ volatile("" : : : "memory")

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    if ((((uintptr_t)t | (uintptr_t)f) & 3) == 0) {
        for (; n >= 4; n -= 4, t += 4, f += 4) {
            *(word *)(void *)t = *(const word *)(const void *)f;
            AS_IT_IS();
        }
    }
    while (n--) {
        *t++ = *f++;
        AS_IT_IS();
    }
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    if ((uintptr_t)t - (uintptr_t)f >= n)
        return memcpy(to, from, n);
    while (n--) {
        t[n] = f[n];
        AS_IT_IS();
    }
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    uint8_t *t = to;

    while (n--) {
        *t++ = (uint8_t)byte;
        AS_IT_IS();
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t n)
{
    const uint8_t *a = one, *b = other;

    for (; n; n--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}
