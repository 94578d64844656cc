// SPDX-License-Identifier: MIT
/* The sentences of explain, with their sources. */
#ifndef LESSON_H
#define LESSON_H

#include "judge.h"

/* Prints a paragraph of lines of 80 columns, indented by two. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns the document that defines a protocol's checksum, "RFC 768", or "" if it is not known. */
const char *lesson_source(unsigned l4_proto, unsigned ip_version);
/* Explain the verdict on an IPv4 header, and on the L4 checksum of level i. */
void lesson_header(const struct judgement *judgement);
void lesson_verdict(const struct judged *judged, size_t i);
/* Explains why the checksum of level i is not judged. `flow` is that level's, with its texts. */
void lesson_unjudged(const struct packet *packet, const struct judged *judged, size_t i,
                     const struct flow *flow);

#endif
