// SPDX-License-Identifier: MIT
/* ^C and SIGTERM while packets are read. The results so far are still printed. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM only ends the input; a second one ends the program. A
 * signal that is ignored remains ignored. */
void interrupt_catch(void);

/* Says which descriptor is being read, or -1. After a signal it is at its end, even for a read that
 * waits already. Nothing else may use the descriptor. */
void interrupt_reading(int descriptor);

/* Returns whether a signal came. Reading stops then, without a complaint. */
bool interrupted(void);

/* If a signal came, ends the program by it, so that the shell sees the signal. All output must have
 * been written. */
void interrupt_raise(void);

#endif
