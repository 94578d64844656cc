// SPDX-License-Identifier: MIT
#include "unpack.h"

#include "interrupt.h"
#include "print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

/* A compression, and the function that makes a struct unpack for it. NULL: this program was built
 * without it. */
struct packing {
    uint8_t magic[PACKING_MAGIC];
    size_t len; /* of magic */
    const char *name, *advice;
    bool (*open)(struct stream *in);
};

struct unpack {
    const struct packing *packing;
    uint8_t *raw; /* what was read of the file */
    size_t len;   /* of that; 0: it is used up */
#ifdef HAVE_ZLIB
    z_stream zlib;
    bool is_between; /* a member has ended; another one may follow */
    const char *why; /* the data are damaged behind what was given */
#endif
#ifdef HAVE_LIBARCHIVE
    struct archive *archive;
    const uint8_t *block; /* decompressed bytes that are not taken yet */
    size_t block_len;
    bool is_given;   /* `raw` was; the next bytes are to be read */
    bool is_refused; /* reading the file failed, after a complaint */
#endif
};

#if defined HAVE_ZLIB || defined HAVE_LIBARCHIVE
static ssize_t complain_of(const struct stream *in, const char *why)
{
    if (!interrupted())
        complain("%s: the %s data are damaged at byte %" PRIu64 " of them or before: %s", in->name,
                 in->unpack->packing->name, in->taken, why);
    return -1;
}

/* Reads the next bytes of the file. Returns false at the end, or if reading failed: *is_broken is
 * set then, after a complaint. */
static bool refill(struct stream *in, bool *is_broken)
{
    ssize_t got = stream_read_file(in, in->unpack->raw, STREAM_BUFFER);

    *is_broken = got < 0;
    in->unpack->len = got > 0 ? (size_t)got : 0;
    return got > 0;
}
#endif

/* ---- gzip ---------------------------------------------------------------------------------- */

/* libarchive reads gzip, too, but does not check each member's CRC and length. */
#ifdef HAVE_ZLIB
/* Makes bytes of the file available to zlib. Returns 1, or 0 at an end of the file where one may
 * be, or -1 after a complaint. */
static int gzip_feed(struct stream *in)
{
    struct unpack *u = in->unpack;
    bool is_broken = false;

    for (;;) {
        /* Files that were written in blocks, as to a tape, end in zeros. */
        while (u->is_between && u->zlib.avail_in && *u->zlib.next_in == 0) {
            u->zlib.next_in++;
            u->zlib.avail_in--;
        }
        if (u->zlib.avail_in)
            break;
        if (!refill(in, &is_broken)) {
            if (u->is_between || is_broken)
                return is_broken ? -1 : 0;
            complain_of(in, "they end too early");
            return -1;
        }
        u->zlib.next_in = u->raw;
        u->zlib.avail_in = (uInt)u->len;
    }
    if (u->is_between)
        inflateReset(&u->zlib);
    u->is_between = false;
    return 1;
}

static ssize_t gzip_read(struct stream *in, uint8_t *to, size_t most)
{
    z_stream *z = &in->unpack->zlib;
    const uInt room = (uInt)(most < STREAM_BUFFER ? most : STREAM_BUFFER);

    if (in->unpack->why)
        return complain_of(in, in->unpack->why);
    z->next_out = to;
    z->avail_out = room;
    while (z->avail_out == room) {
        int fed = gzip_feed(in), status;

        if (fed <= 0)
            return fed;
        status = inflate(z, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            in->unpack->is_between = true;
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            in->unpack->why = z->msg ? z->msg : "no gzip data";
            break;
        }
    }
    return z->avail_out < room ? (ssize_t)(room - z->avail_out) : complain_of(in, in->unpack->why);
}

static bool gzip_open(struct stream *in)
{
    z_stream *z = &in->unpack->zlib;

    if (inflateInit2(z, 15 + 16) != Z_OK) { /* the largest window, and gzip's header */
        complain("%s: %s", in->name, z->msg ? z->msg : strerror(ENOMEM));
        return false;
    }
    z->next_in = in->unpack->raw;
    z->avail_in = (uInt)in->unpack->len;
    in->read = gzip_read;
    return true;
}
#else
#define gzip_open NULL
#endif

/* ---- The others ---------------------------------------------------------------------------- */

#ifdef HAVE_LIBARCHIVE
static la_ssize_t archive_feed(struct archive *a, void *from, const void **bytes)
{
    struct stream *in = from;
    struct unpack *u = in->unpack;

    *bytes = u->raw;
    if (u->is_given && !refill(in, &u->is_refused)) {
        if (u->is_refused)
            archive_set_error(a, EIO, "can't be read");
        return u->is_refused ? ARCHIVE_FATAL : 0;
    }
    u->is_given = true;
    return (la_ssize_t)u->len;
}

static ssize_t archive_failed(const struct stream *in)
{
    const char *why = archive_error_string(in->unpack->archive);

    return in->unpack->is_refused ? -1 : complain_of(in, why ? why : "unknown error");
}

/* Otherwise bytes behind the compressed data would be ignored. */
static ssize_t archive_end(struct stream *in, uint8_t *to, size_t most)
{
    uint64_t used = (uint64_t)archive_filter_bytes(in->unpack->archive, -1);

    (void)to;
    (void)most;
    return used < in->taken ? complain_of(in, "something else follows them") : 0;
}

static ssize_t archive_read(struct stream *in, uint8_t *to, size_t most)
{
    struct unpack *u = in->unpack;
    size_t len;

    while (u->block_len == 0) {
        const void *block;
        la_int64_t offset;
        int status = archive_read_data_block(u->archive, &block, &u->block_len, &offset);

        if (status == ARCHIVE_EOF)
            return archive_end(in, to, most);
        if (status != ARCHIVE_OK)
            return archive_failed(in);
        u->block = block;
    }
    len = most < u->block_len ? most : u->block_len;
    memcpy(to, u->block, len);
    u->block += len;
    u->block_len -= len;
    return (ssize_t)len;
}

/* ARCHIVE_WARN would mean that another program would be run. */
static bool archive_prepare(struct archive *a)
{
    return archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
           archive_read_support_filter_lz4(a) == ARCHIVE_OK &&
           archive_read_support_filter_xz(a) == ARCHIVE_OK &&
           archive_read_support_filter_bzip2(a) == ARCHIVE_OK &&
           archive_read_support_format_raw(a) == ARCHIVE_OK &&
           archive_read_support_format_empty(a) == ARCHIVE_OK;
}

static bool archive_open(struct stream *in)
{
    struct archive *a = in->unpack->archive = archive_read_new();
    struct archive_entry *entry;
    int status;

    if (!a || !archive_prepare(a)) {
        packing_refuse(in->unpack->packing, in->name);
        return false;
    }
    status = archive_read_open(a, in, NULL, archive_feed, NULL);
    if (status == ARCHIVE_OK)
        status = archive_read_next_header(a, &entry);
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF) {
        archive_failed(in);
        return false;
    }
    in->read = status == ARCHIVE_EOF ? archive_end : archive_read;
    return true;
}
#else
#define archive_open NULL
#endif

/* ---- All of them --------------------------------------------------------------------------- */

static const struct packing packings[] = {
    {{0x1F, 0x8B}, 2, "gzip", "gunzip -c", gzip_open},
    {{0x28, 0xB5, 0x2F, 0xFD}, 4, "zstd", "zstd -dc", archive_open},
    {{0x04, 0x22, 0x4D, 0x18}, 4, "lz4", "lz4 -dc", archive_open},
    {{0xFD, '7', 'z', 'X'}, 4, "xz", "xz -dc", archive_open},
    {{'B', 'Z', 'h'}, 3, "bzip2", "bzip2 -dc", archive_open},
};

const struct packing *packing_find(const uint8_t magic[PACKING_MAGIC])
{
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++)
        if (memcmp(magic, packings[i].magic, packings[i].len) == 0)
            return &packings[i];
    return NULL;
}

void packing_refuse(const struct packing *packing, const char *name)
{
    complain("%s: compressed with %s: decompress it first: %s FILE | csumoff verify -", name,
             packing->name, packing->advice);
}

bool unpack_open(struct stream *in, const struct packing *packing)
{
    struct unpack *u;

    if (!packing->open) {
        packing_refuse(packing, in->name);
        return false;
    }
    u = in->unpack = calloc(1, sizeof *u);
    if (!u) {
        complain("%s: %s", in->name, strerror(errno));
        return false;
    }
    u->packing = packing;
    u->raw = in->buffer;
    u->len = in->end;
    in->buffer = NULL;
    in->room = in->end = 0;
    return packing->open(in);
}

void unpack_close(struct stream *in)
{
    struct unpack *u = in->unpack;

#ifdef HAVE_ZLIB
    inflateEnd(&u->zlib);
#endif
#ifdef HAVE_LIBARCHIVE
    archive_read_free(u->archive);
#endif
    free(u->raw);
    free(u);
    in->unpack = NULL;
}
