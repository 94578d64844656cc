// SPDX-License-Identifier: MIT
/* The IP header of a packet whose L4 checksum the library cannot locate. */
#ifndef HEADER_H
#define HEADER_H

#include "capture.h"

#include <csumoff.h>

/*
 * Finds the outermost IP header of a frame.
 *
 *   head, have   the bytes of the frame that were captured
 *   len          the length of the whole frame
 *   link         what it begins with
 *   status       why csumoff_locate_head() did not locate a checksum, or CSUMOFF_OK if it did
 *   at           receives the layout of what there is; its ip_version is 0 where there is no whole
 *                IP header
 *
 * Returns `status`, or CSUMOFF_OK for a protocol whose checksum the command knows and the library
 * does not.
 */
int header_locate(const uint8_t *head, size_t have, size_t len, enum csumoff_link link, int status,
                  struct csumoff_layout *at);

#endif
