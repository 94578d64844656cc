// SPDX-License-Identifier: MIT
/* What lwIP asks of a compiler and of the libraries that are not there. */
#ifndef CC_H
#define CC_H

#include "console.h"

#include <limits.h>

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H    1
#define LWIP_NO_UNISTD_H   1

/* unistd.h's; limits.h may have the macro. */
typedef long ssize_t;
#define SSIZE_MAX LONG_MAX

/* Formats of messages that nobody prints. */
#define X8_F  "02x"
#define U16_F "hu"
#define S16_F "hd"
#define X16_F "hx"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "zu"

#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message) panic(message)

#endif
