// SPDX-License-Identifier: MIT
/*
 * One word, read and changed by several threads. Where the CPU can't compare and swap (Cortex-M0,
 * RISC-V without A, Arm before version 6, i386) compilers would call a library that guests don't
 * have: accesses are plain ones there. Such a CPU has one core and scalar alone, so all that an
 * interrupt between two of them can lose is a policy or a limit that it set itself. Code that was
 * compiled for a 386 and runs on several cores may lose one that two of them set at once.
 * CSUMOFF_NO_ATOMICS makes them plain for any CPU that runs one thread of the library at a time.
 */
#ifndef CSUMOFF_ATOMIC_H
#define CSUMOFF_ATOMIC_H

#include "../include/csumoff.h"
#include "compiler.h"

#if !defined(CSUMOFF_NO_ATOMICS) && defined(__GCC_ATOMIC_INT_LOCK_FREE) &&                         \
    __GCC_ATOMIC_INT_LOCK_FREE < 2
#define CSUMOFF_NO_ATOMICS
#endif

/* What is seen of other words is in no order. */
CSUMOFF_INLINE uint32_t csumoff_load_relaxed(const uint32_t *word)
{
#if defined(CSUMOFF_NO_ATOMICS)
    return *(const volatile uint32_t *)word;
#else
    return __atomic_load_n(word, __ATOMIC_RELAXED);
#endif
}

CSUMOFF_INLINE void csumoff_store_relaxed(uint32_t *word, uint32_t value)
{
#if defined(CSUMOFF_NO_ATOMICS)
    *(volatile uint32_t *)word = value;
#else
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
#endif
}

CSUMOFF_INLINE uint32_t csumoff_load_in_order(const uint32_t *word)
{
#if defined(CSUMOFF_NO_ATOMICS)
    return *(const volatile uint32_t *)word;
#else
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
#endif
}

/* Whether the word was *old and is `wanted` now; else *old is what it is. */
CSUMOFF_INLINE bool csumoff_swap(uint32_t *word, uint32_t *old, uint32_t wanted)
{
#if defined(CSUMOFF_NO_ATOMICS)
    const uint32_t is = csumoff_load_relaxed(word);
    const bool same = is == *old;

    *old = is;
    if (same)
        csumoff_store_relaxed(word, wanted);
    return same;
#else
    return __atomic_compare_exchange_n(word, old, wanted, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
#endif
}

#endif
