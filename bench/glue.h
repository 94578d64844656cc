// SPDX-License-Identifier: MIT
/*
 * Compares the glue with hand-written code for one kind of frame (straight_glue.h). Names are
 * glue/WHAT/WHO/BYTES.
 */
#ifndef GLUE_H
#define GLUE_H

/* Compares the results of all contenders, and registers all rows. If results differ, the program
 * ends. */
void glue_add(void);

#endif
