// SPDX-License-Identifier: MIT
/*
 * The intrinsics of x86, for as often as they are asked for: in one source with everything, the
 * first to ask may be left out. immintrin.h brings mm_malloc.h along, which wants a C library. A
 * kernel of an operating system doesn't even have its headers, so that one is said to be there.
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
