// SPDX-License-Identifier: MIT
#include "ticks.h"

enum {
    TENS = 20, /* powers of 10 that fit in 64 bits, with that of 0 */
    NANO = 1000000000,
    MICRO = 1000000
};

static uint64_t ten_to_the(unsigned power)
{
    uint64_t value = 1;

    for (; power; power--)
        value *= 10;
    return value;
}

/* Adds an offset to seconds. A result that does not fit becomes the nearest one that does. */
static int64_t add_offset(uint64_t seconds, int64_t offset)
{
    uint64_t back = offset < 0 ? ~(uint64_t)offset + 1 : 0;

    if (offset >= 0)
        return seconds > (uint64_t)(INT64_MAX - offset) ? INT64_MAX : (int64_t)seconds + offset;
    if (seconds < back)
        return -(int64_t)(back - seconds - 1) - 1;
    seconds -= back;
    return seconds > INT64_MAX ? INT64_MAX : (int64_t)seconds;
}

/* Ticks that are a power of 2 of a second. */
static uint64_t split_binary(uint64_t ticks, unsigned bits, uint32_t *nanoseconds)
{
    uint64_t seconds = bits < 64 ? ticks >> bits : 0;
    uint64_t rest = bits < 64 ? ticks & (((uint64_t)1 << bits) - 1) : ticks;

    /* 32 bits of the fraction are enough for nanoseconds. */
    if (bits > 32) {
        rest = bits - 32 < 64 ? rest >> (bits - 32) : 0;
        bits = 32;
    }
    *nanoseconds = (uint32_t)(rest * NANO >> bits);
    return seconds;
}

/* Ticks that are a power of 10 of a second. */
static uint64_t split_decimal(uint64_t ticks, unsigned digits, uint32_t *nanoseconds)
{
    uint64_t seconds = digits < TENS ? ticks / ten_to_the(digits) : 0;
    uint64_t rest = digits < TENS ? ticks % ten_to_the(digits) : ticks;

    if (digits <= TICKS_NANO)
        rest *= ten_to_the(TICKS_NANO - digits);
    else
        rest = digits - TICKS_NANO < TENS ? rest / ten_to_the(digits - TICKS_NANO) : 0;
    *nanoseconds = (uint32_t)rest;
    return seconds;
}

void ticks_set(struct record *r, const struct interface *i, uint64_t ticks)
{
    uint64_t seconds;

    r->has_time = true;
    /* Nearly all files have one of these. Divisions by constants are several times as fast as by a
     * variable. */
    if (!i->is_binary && i->resolution == TICKS_MICRO) {
        seconds = ticks / MICRO;
        r->fraction = (uint32_t)(ticks % MICRO) * (NANO / MICRO);
    } else if (!i->is_binary && i->resolution == TICKS_NANO) {
        seconds = ticks / NANO;
        r->fraction = (uint32_t)(ticks % NANO);
    } else if (i->is_binary) {
        seconds = split_binary(ticks, i->resolution, &r->fraction);
    } else {
        seconds = split_decimal(ticks, i->resolution, &r->fraction);
    }
    r->seconds = add_offset(seconds, i->time_offset);
}
