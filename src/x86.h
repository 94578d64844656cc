// SPDX-License-Identifier: MIT
/*
 * Includes the intrinsics of x86. This header has no guard: where all sources are one file, a part
 * that includes it can be left out, so each part includes it again.
 *
 * immintrin.h includes mm_malloc.h, which needs the headers of a C library. The kernel of an
 * operating system may not have them, so mm_malloc.h is kept out by defining its guard.
 */
#if !defined(_MM_MALLOC_H_INCLUDED) && !defined(__MM_MALLOC_H)
#define _MM_MALLOC_H_INCLUDED /* gcc */
#define __MM_MALLOC_H         /* clang */
#include <immintrin.h>
#undef _MM_MALLOC_H_INCLUDED
#undef __MM_MALLOC_H
#else
#include <immintrin.h>
#endif
