// SPDX-License-Identifier: MIT
/* What is asked of the compiler. */
#ifndef CSUMOFF_COMPILER_H
#define CSUMOFF_COMPILER_H

#if !defined(__GNUC__) && !defined(__clang__)
#error "the library needs GNU C: gcc, clang or a compiler that follows them"
#endif

#if defined(__SIZEOF_INT__) && __SIZEOF_INT__ < 4
#error "the library needs an int of 32 bits: shifts and sums of bytes are made of it"
#endif

/* Where code is for size, compilers inline less than what is declared to be; they need not say so.
 */
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Winline"
#endif

/* What embed/README.md lets be left out, as constants: all of the code is compiled in any case, and
 * the compiler drops what is behind a condition that is never true. */
#if defined(CSUMOFF_SCALAR)
#define CSUMOFF_IS_SCALAR true
#else
#define CSUMOFF_IS_SCALAR false
#endif
#if defined(CSUMOFF_PLAIN)
#define CSUMOFF_IS_PLAIN true
#else
#define CSUMOFF_IS_PLAIN false
#endif

/* A function that is compiled into its callers. Not all sources use all those of a header. */
#if defined(CSUMOFF_INLINE) /* measuring coverage wants each function once */
#define CSUMOFF_INLINE_ALWAYS CSUMOFF_INLINE
#else
#define CSUMOFF_INLINE_ALWAYS static inline __attribute__((always_inline, unused))
/* The same, but that code for size may have it once. */
#if defined(CSUMOFF_SCALAR)
#define CSUMOFF_INLINE static inline __attribute__((unused))
#else
#define CSUMOFF_INLINE CSUMOFF_INLINE_ALWAYS
#endif
#endif

/* Before a function that stays one of its own. Linux has a macro noinline: hence the underscores.
 */
#define CSUMOFF_NOINLINE __attribute__((__noinline__))

/* Before a function: all inline functions that it calls are compiled into it. */
#if defined(CSUMOFF_SCALAR)
#define CSUMOFF_FLAT
#else
#define CSUMOFF_FLAT __attribute__((flatten))
#endif

#endif
