// SPDX-License-Identifier: MIT
/* What a kernel without a C library's headers may name as CSUMOFF_TYPES_H: no more than is needed.
 */
#ifndef TYPES_H
#define TYPES_H

#define NULL ((void *)0)
#define true 1
#define false 0

typedef _Bool bool;
typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;

#endif
