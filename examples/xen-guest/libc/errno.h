// SPDX-License-Identifier: MIT
/* Statuses of ../../xen-netfront/ring.h, which are positive. */
#ifndef ERRNO_H
#define ERRNO_H

enum {
    EAGAIN = 11,
    ENODEV = 19,
    EINVAL = 22,
    EMSGSIZE = 90,
    ETIMEDOUT = 110
};

#endif
