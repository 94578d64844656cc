// SPDX-License-Identifier: MIT
/* IP addresses as text. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdint.h>

/* Writes an address of IPv4 (ip_version 4) or IPv6 as inet_ntop() does, which is slower. */
void address_format(char text[INET6_ADDRSTRLEN], unsigned ip_version, const uint8_t *address);

#endif
