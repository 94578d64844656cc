// SPDX-License-Identifier: MIT
/* What the library requires of the compiler, and the attributes that it uses. */
#ifndef CSUMOFF_COMPILER_H
#define CSUMOFF_COMPILER_H

#if !defined(__GNUC__) && !defined(__clang__)
#error "the library needs GNU C: gcc, clang or a compiler that follows them"
#endif

#if defined(__SIZEOF_INT__) && __SIZEOF_INT__ < 4
#error "the library needs an int of 32 bits: shifts and sums of bytes are made of it"
#endif

/* Code for size declares more functions inline than gcc inlines, which is not worth a warning. */
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Winline"
#endif

/* CSUMOFF_SCALAR and CSUMOFF_PLAIN (embed/README.md) as constants, for conditions in C: all of the
 * code is compiled in any case, and the compiler drops what a false condition excludes. */
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

/* CSUMOFF_INLINE_ALWAYS declares a function that is compiled into each of its callers. It may be
 * unused: few sources use all such functions of a header. A build that measures coverage defines
 * CSUMOFF_INLINE, in order to have each function once. */
#if defined(CSUMOFF_INLINE)
#define CSUMOFF_INLINE_ALWAYS CSUMOFF_INLINE
#else
#define CSUMOFF_INLINE_ALWAYS static inline __attribute__((always_inline, unused))
/* CSUMOFF_INLINE does the same, except in code for size, which may have the function once. */
#if defined(CSUMOFF_SCALAR)
#define CSUMOFF_INLINE static inline __attribute__((unused))
#else
#define CSUMOFF_INLINE CSUMOFF_INLINE_ALWAYS
#endif
#endif

/* Declares a function that is never inlined. Linux defines a macro noinline, so the name of the
 * attribute is written with underscores. */
#define CSUMOFF_NOINLINE __attribute__((__noinline__))

/* Declares a function into which every function that it calls is inlined, except in code for
 * size. */
#if defined(CSUMOFF_SCALAR)
#define CSUMOFF_FLAT
#else
#define CSUMOFF_FLAT __attribute__((flatten))
#endif

#endif
