// SPDX-License-Identifier: MIT
/*
 * Kernels that share a body use the same plain names for their types and functions. All sources may
 * be compiled as one, so between this header and names_end.h each of these names is prefixed with
 * the name of the KERNEL.
 */
/* The names that a kernel defines for vector.h. */
#define vec       CSUMOFF_OWN(vec)
#define load      CSUMOFF_OWN(load)
#define store     CSUMOFF_OWN(store)
#define both      CSUMOFF_OWN(both)
#define acc       CSUMOFF_OWN(acc)
#define zero      CSUMOFF_OWN(zero)
#define constants CSUMOFF_OWN(constants)
#define hold      CSUMOFF_OWN(hold)
#define add_words CSUMOFF_OWN(add_words)
#define join      CSUMOFF_OWN(join)
#define total     CSUMOFF_OWN(total)
/* The names that some kernels use in those definitions. */
#define memory CSUMOFF_OWN(memory)
#define lanes  CSUMOFF_OWN(lanes)
/* The names that vector.h defines. */
#define way          CSUMOFF_OWN(way)
#define begin        CSUMOFF_OWN(begin)
#define skip         CSUMOFF_OWN(skip)
#define take1        CSUMOFF_OWN(take1)
#define take2        CSUMOFF_OWN(take2)
#define take4        CSUMOFF_OWN(take4)
#define take         CSUMOFF_OWN(take)
#define take_next    CSUMOFF_OWN(take_next)
#define take_if_left CSUMOFF_OWN(take_if_left)
#define joined       CSUMOFF_OWN(joined)
#define take_whole   CSUMOFF_OWN(take_whole)
#define tail_of      CSUMOFF_OWN(tail_of)
#define sum_medium   CSUMOFF_OWN(sum_medium)
#define sum_aligned  CSUMOFF_OWN(sum_aligned)
#define copy_aligned CSUMOFF_OWN(copy_aligned)
#define sum_long     CSUMOFF_OWN(sum_long)
/* The names that a kernel defines for avx512/body.h (dot), and those that the header defines. */
#define dot         CSUMOFF_OWN(dot)
#define first       CSUMOFF_OWN(first)
#define take_masked CSUMOFF_OWN(take_masked)
#define add_pairs   CSUMOFF_OWN(add_pairs)
#define one         CSUMOFF_OWN(one)
#define small       CSUMOFF_OWN(small)
#define medium      CSUMOFF_OWN(medium)
#define large       CSUMOFF_OWN(large)
#define body        CSUMOFF_OWN(body)
