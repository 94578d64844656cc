// SPDX-License-Identifier: MIT
/* IEEE 802.11 frames, by themselves and behind the headers that receivers put in front. */
#ifndef WIFI_H
#define WIFI_H

#include <stdbool.h>
#include <stddef.h>

struct packet;

/*
 * Each function reads the header at p->l3, moves p->l3 behind it and sets p->ethertype, which
 * remains 0 if the frame has no data, or encrypted, fragmented or aggregated ones. wifi_read()
 * needs 2 bytes at p->l3, the others need 8.
 *
 *   len        how many bytes of the packet were captured
 *   is_padded  whether the receiver has padded the header to a multiple of 4
 *
 * Each returns false if the packet ends in its headers.
 */
bool wifi_read(struct packet *p, size_t len, bool is_padded);
bool wifi_read_radiotap(struct packet *p, size_t len);
/* The header of the Prism chips' drivers; some of them write the one of AVS in its place. */
bool wifi_read_prism(struct packet *p, size_t len);
/* The header of the linux-wlan project's capture format, known by the company AVS. */
bool wifi_read_avs(struct packet *p, size_t len);

#endif
