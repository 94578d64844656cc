// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

void interrupt_catch(void)
{
    static const int asked[] = {SIGINT, SIGTERM};
    struct sigaction old, action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};

    /* Without SA_RESTART a read that waits for a pipe returns. */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (sigaction(asked[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(asked[i], &action, NULL);
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
