// SPDX-License-Identifier: MIT
/* What is asked of the compiler. */
#ifndef CSUMOFF_COMPILER_H
#define CSUMOFF_COMPILER_H

#if !defined(__GNUC__)
#error "the library needs GNU C: gcc, clang or a compiler that follows them"
#endif

#ifndef CSUMOFF_INLINE /* measuring coverage wants each function once */
/* A function that is compiled into its callers. Not all sources use all those of a header. */
#define CSUMOFF_INLINE static inline __attribute__((always_inline, unused))
#endif

/* Before a function: all inline functions that it calls are compiled into it. */
#define CSUMOFF_FLAT __attribute__((flatten))

#endif
