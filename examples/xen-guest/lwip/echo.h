// SPDX-License-Identifier: MIT
/* Echoes by lwIP's raw interface. They know nothing of checksums. */
#ifndef ECHO_H
#define ECHO_H

#include <stdint.h>

/* Sends back what comes to this port, UDP and TCP, IPv4 and IPv6. */
void echo_start(uint16_t port);

#endif
