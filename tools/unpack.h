// SPDX-License-Identifier: MIT
/* Compressed captures: gzip by zlib, and zstd, lz4, xz and bzip2 by libarchive. */
#ifndef UNPACK_H
#define UNPACK_H

#include "stream.h"

enum {
    PACKING_MAGIC = 4 /* the first bytes of a file, which tell its compression */
};

struct packing;

/* Returns the compression that the first bytes of a file tell, or NULL if they tell none. */
const struct packing *packing_find(const uint8_t magic[PACKING_MAGIC]);
/* Complains that the capture must be decompressed first, and says how. */
void packing_refuse(const struct packing *packing, const char *name);

/* Makes stream_fill() decompress the file, whose first bytes were read, not taken, and tell this
 * compression. Returns false after a complaint. */
bool unpack_open(struct stream *in, const struct packing *packing);
void unpack_close(struct stream *in);

#endif
