// SPDX-License-Identifier: MIT
/* Compressed captures: gzip by zlib, and zstd, lz4, xz and bzip2 by libarchive. */
#ifndef UNPACK_H
#define UNPACK_H

#include "stream.h"

enum {
    PACKING_MAGIC = 4 /* bytes that tell how a file is compressed */
};

struct packing;

/* The compression that the first bytes of a file tell of; NULL: none that is known here. */
const struct packing *packing_find(const uint8_t magic[PACKING_MAGIC]);
/* Complains of a capture that has to be decompressed by somebody else first. */
void packing_refuse(const struct packing *packing, const char *name);

/* Has stream_fill() give the decompressed bytes of a file, of which the first ones were read and
 * none taken. False: that is not possible, and a complaint was made. */
bool unpack_open(struct stream *in);
void unpack_close(struct stream *in);

#endif
