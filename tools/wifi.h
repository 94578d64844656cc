// SPDX-License-Identifier: MIT
/* IEEE 802.11, by itself and behind the headers in which receivers tell of it. */
#ifndef WIFI_H
#define WIFI_H

#include <stdbool.h>
#include <stddef.h>

struct packet;

/*
 * Each function reads the header at p->l3, moves p->l3 behind it and sets p->ethertype, which
 * remains 0 where the frame holds nothing to be read: no data, or encrypted, fragmented or
 * aggregated ones. At least 2 bytes are there for the first one, and 8 for the others.
 *
 *   len        the bytes there are, from p->bytes on
 *   is_padded  the receiver has made the header's length a multiple of 4
 *
 * Each returns false if the packet ends before that.
 */
bool wifi_read(struct packet *p, size_t len, bool is_padded);
bool wifi_read_radiotap(struct packet *p, size_t len);
/* The header of the Prism chips' drivers; some of them write the one of AVS in its place. */
bool wifi_read_prism(struct packet *p, size_t len);
/* The header of the linux-wlan project's capture format, known by the company AVS. */
bool wifi_read_avs(struct packet *p, size_t len);

#endif
