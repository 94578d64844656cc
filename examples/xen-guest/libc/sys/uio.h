// SPDX-License-Identifier: MIT
/* The pieces of ../../../xen-netfront/ring.h. */
#ifndef SYS_UIO_H
#define SYS_UIO_H

#include <stddef.h>

struct iovec {
    void *iov_base;
    size_t iov_len;
};

#endif
