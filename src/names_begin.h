// SPDX-License-Identifier: MIT
/*
 * Kernels made from one body call their types and functions by the same plain names. All sources
 * may be compiled as one: so from here to names_end.h each name gets that of its KERNEL before it.
 */
/* What vector.h asks for. */
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
/* What some kernels make these of. */
#define memory CSUMOFF_OWN(memory)
#define lanes  CSUMOFF_OWN(lanes)
/* What vector.h makes of it. */
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
/* What avx512/body.h asks for, and what it makes of it. */
#define dot         CSUMOFF_OWN(dot)
#define first       CSUMOFF_OWN(first)
#define take_masked CSUMOFF_OWN(take_masked)
#define add_pairs   CSUMOFF_OWN(add_pairs)
#define one         CSUMOFF_OWN(one)
#define small       CSUMOFF_OWN(small)
#define medium      CSUMOFF_OWN(medium)
#define large       CSUMOFF_OWN(large)
#define body        CSUMOFF_OWN(body)
