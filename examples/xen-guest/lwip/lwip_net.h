// SPDX-License-Identifier: MIT
/* What net.c of this folder has beyond ../../unikernel/net.h. */
#ifndef LWIP_NET_H
#define LWIP_NET_H

#include <stdbool.h>

/* A mistake: what was received is handed to lwIP as if it had come over a wire. */
extern bool net_is_blind;

#endif
