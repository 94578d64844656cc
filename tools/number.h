// SPDX-License-Identifier: MIT
/* Numbers on the command line. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdlib.h>

/* Returns the number that the text is, in decimal digits alone. Returns 0 if it is no such number
 * or more than `most`, which is below ULONG_MAX. */
static inline unsigned long number_read(const char *text, unsigned long most)
{
    unsigned long number;
    char *end;

    if (*text < '0' || *text > '9')
        return 0;
    number = strtoul(text, &end, 10);
    return *end || number > most ? 0 : number;
}

#endif
