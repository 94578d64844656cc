// SPDX-License-Identifier: MIT
/* What explain says of checksums in words, with the sources. */
#ifndef LESSON_H
#define LESSON_H

#include "judge.h"

/* Prints a paragraph as wide as a terminal is, indented by two columns. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Where a protocol's checksum is defined: "RFC 768"; "" where that is not known here. */
const char *lesson_source(unsigned l4_proto, unsigned ip_version);
/* What is meant by the verdict on an IPv4 header, and on the checksum of level i. */
void lesson_header(const struct judgement *judgement);
void lesson_verdict(const struct judged *judged, size_t i);
/* Why the checksum of level i is not judged. `flow`: of that level, with its texts. */
void lesson_unjudged(const struct packet *packet, const struct judged *judged, size_t i,
                     const struct flow *flow);

#endif
