// SPDX-License-Identifier: MIT
/*
 * Access to one word that several threads read and change.
 *
 * Some CPUs have no compare-and-swap: Cortex-M0, RISC-V without A, Arm before version 6, i386.
 * Compilers would call a runtime library there, which a guest may not have, so the accesses are
 * plain ones. Such a CPU has one core and one kernel, scalar. An interrupt between two accesses can
 * therefore only lose a policy or a limit that the interrupt handler set itself. Code that was
 * compiled for a 386 but runs on several cores can lose one that two cores set at the same time.
 *
 * CSUMOFF_NO_ATOMICS selects plain accesses for any CPU that runs one thread of the library at a
 * time.
 */
#ifndef CSUMOFF_ATOMIC_H
#define CSUMOFF_ATOMIC_H

#include "../include/csumoff.h"
#include "compiler.h"

#if !defined(CSUMOFF_NO_ATOMICS) && defined(__GCC_ATOMIC_INT_LOCK_FREE) &&                         \
    __GCC_ATOMIC_INT_LOCK_FREE < 2
#define CSUMOFF_NO_ATOMICS
#endif

/* Reads the word, without any order between it and other words. */
CSUMOFF_INLINE uint32_t csumoff_load_relaxed(const uint32_t *word)
{
#if defined(CSUMOFF_NO_ATOMICS)
    return *(const volatile uint32_t *)word;
#else
    return __atomic_load_n(word, __ATOMIC_RELAXED);
#endif
}

/* Writes the word, without any order between it and other words. */
CSUMOFF_INLINE void csumoff_store_relaxed(uint32_t *word, uint32_t value)
{
#if defined(CSUMOFF_NO_ATOMICS)
    *(volatile uint32_t *)word = value;
#else
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
#endif
}

/* Reads the word, in one order with all calls of this function and of csumoff_swap(). */
CSUMOFF_INLINE uint32_t csumoff_load_in_order(const uint32_t *word)
{
#if defined(CSUMOFF_NO_ATOMICS)
    return *(const volatile uint32_t *)word;
#else
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
#endif
}

/* Writes `wanted` if the word is *old, and returns true. Otherwise it sets *old to the word and
 * returns false. */
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
