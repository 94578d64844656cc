// SPDX-License-Identifier: MIT
#include "clock.h"

#include <lwip/sys.h>

#define SYSTICK   ((volatile uint32_t *)0xE000E010u)
#define MOST      0xFFFFFFu
#define ENABLE    1u
#define CPU_CLOCK 4u

enum {
    CONTROL,
    RELOAD,
    VALUE
};

static uint32_t total, last;

void clock_start(void)
{
    SYSTICK[RELOAD] = MOST;
    SYSTICK[VALUE] = 0;
    SYSTICK[CONTROL] = ENABLE | CPU_CLOCK;
    last = SYSTICK[VALUE];
}

uint32_t clock_ticks(void)
{
    const uint32_t now = SYSTICK[VALUE]; /* counts down */

    total += (last - now) & MOST;
    last = now;
    return total;
}

/* lwIP's time, in milliseconds. */
u32_t sys_now(void)
{
    static uint32_t ms, counted;

    for (const uint32_t now = clock_ticks(); now - counted >= TICKS_IN_MS; ms++)
        counted += TICKS_IN_MS;
    return ms;
}
