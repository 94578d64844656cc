// SPDX-License-Identifier: MIT
/* ^C and SIGTERM while packets are read: what was counted so far is still said. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM only ends what is read; a second one ends the program.
 * Those that are ignored remain ignored. */
void interrupt_catch(void);

/* Tells what is being read: a descriptor, or -1. After a signal it is at its end, even for a read
 * that waits already. Nobody else may use the descriptor. */
void interrupt_reading(int descriptor);

/* Returns whether one of them came: whoever reads packets stops, without a complaint. */
bool interrupted(void);

/* Ends the program as the signal would have done, if one came, so that a shell sees what happened.
 * Everything must have been written. */
void interrupt_raise(void);

#endif
