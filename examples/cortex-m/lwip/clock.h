/* SPDX-License-Identifier: MIT */
/* Time, by the CPU's own timer, SysTick. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Of the CPU's clock on an MPS2 board, which has 25 MHz. */
#define TICKS_IN_MS 25000u

void clock_start(void);

/*
 * Returns the ticks since clock_start(), modulo 2^32. Is to be called within 2^24 ticks of the last
 * call, after which SysTick begins again.
 */
uint32_t clock_ticks(void);

#endif
