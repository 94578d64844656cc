// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t caught, reading = -1, nothing = -1;

/* A flag could be set between the last look at it and a read that then waits for ever. Signals may
 * not interrupt all calls, because writes must complete. Therefore SA_RESTART is set, and the
 * handler replaces the descriptor, so that the read that begins again is at the end. */
static void end_reading(int number)
{
    const int before = errno;

    caught = number;
    if (reading >= 0 && nothing >= 0)
        dup2(nothing, reading);
    errno = before;
}

void interrupt_catch(void)
{
    static const int asked[] = {SIGINT, SIGTERM};
    struct sigaction old,
        action = {.sa_handler = end_reading, .sa_flags = SA_RESTART | (int)SA_RESETHAND};

    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (sigaction(asked[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(asked[i], &action, NULL);
}

void interrupt_reading(int descriptor)
{
    reading = descriptor;
    if (caught)
        end_reading(caught);
}

bool interrupted(void)
{
    return caught != 0;
}

void interrupt_raise(void)
{
    if (!caught)
        return;
    signal(caught, SIG_DFL);
    raise(caught);
}
