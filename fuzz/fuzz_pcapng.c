// SPDX-License-Identifier: MIT
/*
 * Any bytes as a pcapng file: what is read lies within its block, times are what 128 bits make of
 * them; what is written again is the same, byte by byte, and with other packets in it is read as
 * the same blocks.
 *
 * Input: the file.
 */
#include "../tools/hashes.h"
#include "../tools/pcapng.h"
#include "../tools/pcapng_options.h"
#include "../tools/print.h"
#include "blocks.h"

enum {
    LARGEST = 1 << 20 /* of an input; its memory is allocated once */
};

static unsigned complaints;

/* The tool is compiled to call this (meson.build), which is faster than printing. */
int fuzz_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

int fuzz_complain(const char *format, ...)
{
    complaints++;
    return format ? EXIT_UNUSABLE : EXIT_FINE;
}

/* ---- Input from memory --------------------------------------------------------------------- */

static const uint8_t *source;
static size_t source_len, chunk;
static struct stream
    memory; /* its buffer is kept for all inputs, because allocating it takes longest */

static ssize_t read_memory(struct stream *in, uint8_t *to, size_t most)
{
    size_t len = source_len;

    (void)in;
    len = len < most ? len : most;
    len = len < chunk ? len : chunk;
    if (len)
        memcpy(to, source, len);
    source += len;
    source_len -= len;
    return (ssize_t)len;
}

/* Opens a stream that reads `bytes` in pieces of up to `size` bytes. */
static struct stream *open_memory(const uint8_t *bytes, size_t len, size_t size)
{
    source = bytes;
    source_len = len;
    chunk = size;
    memory = (struct stream){.name = "memory",
                             .fd = -1,
                             .size = -1,
                             .read = read_memory,
                             .buffer = memory.buffer,
                             .room = memory.room};
    return &memory;
}

/* ---- Reading ------------------------------------------------------------------------------- */

/* How many blocks of an input are read. */
enum {
    BLOCKS = 4096
};

static struct seen first[BLOCKS];
static size_t blocks;

/* Reads everything again and compares it with the first reading. Returns what the last call
 * returned. */
static int read_again(const uint8_t *bytes, size_t len, size_t size)
{
    struct stream *in = open_memory(bytes, len, size);
    struct pcapng ng = {.count = 0};
    struct record record;
    size_t count = 0;
    int got;

    while ((got = pcapng_next(&ng, in, &record)) == 1 && count < blocks) {
        struct seen seen = summary(&record);

        check_record(&record);
        must_be_alike(&seen, &first[count]);
        count++;
    }
    MUST(count == blocks);
    pcapng_close(&ng);
    return got;
}

/* Reads each block from memory of its own, so that a sanitizer sees accesses behind it. */
static void read_apart(const uint8_t *bytes)
{
    struct pcapng ng = {.count = 0};
    struct record record;
    size_t i;

    for (i = 0; i < blocks; i++) {
        size_t len = first[i].len;
        struct stream in = {.name = "block", .fd = -1, .room = len, .end = len, .is_ended = true};
        struct seen seen;

        in.buffer = malloc(len);
        MUST(in.buffer);
        memcpy(in.buffer, bytes, len);
        MUST(pcapng_next(&ng, &in, &record) == 1 && stream_ready(&in) == 0);
        seen = summary(&record);
        must_be_alike(&seen, &first[i]);
        stream_close(&in);
        bytes += len;
    }
    pcapng_close(&ng);
}

/* ---- Writing ------------------------------------------------------------------------------- */

/* Computes the CRC from the highest bit on; the tool begins at the lowest. */
static uint32_t crc32_slow(const uint8_t *bytes, size_t len)
{
    uint32_t crc = 0xFFFFFFFF, reversed = 0;
    size_t i;
    int bit;

    for (i = 0; i < 8 * len; i++) {
        uint32_t in = bytes[i / 8] >> i % 8 & 1;

        crc = crc << 1 ^ ((crc >> 31 ^ in) ? 0x04C11DB7 : 0);
    }
    for (bit = 0; bit < 32; bit++)
        reversed |= (crc >> bit & 1) << (31 - bit);
    return ~reversed;
}

/* The hashes of a changed packet must be right. Those that cannot be computed must be gone. */
static void check_hashes(const struct record *r, const uint8_t *block)
{
    struct pcapng_options o = pcapng_packet_options(r, block);
    const uint8_t *packet = block + r->start;
    struct pcapng_option option;

    while (pcapng_option_next(&o, &option)) {
        uint8_t made[8] = {0};
        size_t size = option.len - 1, i;
        uint32_t crc;

        if (option.code != PACKET_HASH)
            continue;
        MUST(option.len > 1 && size <= sizeof made);
        MUST(option.value[0] == 1 || (option.value[0] == 2 && size == 4));
        for (i = 0; i < r->caplen; i++)
            made[i % size] ^= packet[i];
        crc = crc32_slow(packet, r->caplen);
        if (option.value[0] == 1)
            MUST(memcmp(made, option.value + 1, size) == 0);
        else
            MUST(get32(false, option.value + 1) == crc || get32(true, option.value + 1) == crc);
    }
}

/* Puts another packet into a block. Only the packet and its hashes may change. */
static void change_block(const struct record *r, uint8_t *to)
{
    uint8_t *block = malloc(r->len);
    struct hashes hashes = {0, 0};
    size_t i, behind = r->start + r->caplen;

    MUST(block);
    memcpy(block, r->bytes, r->len);
    for (i = 0; i < r->caplen && r->interface; i++)
        block[r->start + i] ^= (uint8_t)(i + 1);
    if (r->interface && r->caplen)
        hashes = hashes_update(r, block);
    MUST(memcmp(block, r->bytes, r->start) == 0);
    if (!hashes.made && !hashes.removed && r->interface)
        MUST(memcmp(block + behind, r->bytes + behind, r->len - behind) == 0);
    if (r->has_time && r->caplen)
        check_hashes(r, block);
    memcpy(to, block, r->len);
    free(block);
}

/* Reads a file for the first time and writes it twice: unchanged, and with other packets. */
static int read_first(const uint8_t *data, size_t size, uint8_t *other)
{
    static uint8_t same_again[LARGEST];
    struct stream *in = open_memory(data, size, 1 + size % 61);
    struct pcapng ng = {.count = 0};
    struct record record;
    size_t at = 0;
    int got;

    blocks = 0;
    while ((got = pcapng_next(&ng, in, &record)) == 1 && blocks < BLOCKS) {
        check_record(&record);
        first[blocks++] = summary(&record);
        MUST(record.len <= size - at && in->offset == at + record.len);
        memcpy(same_again + at, record.bytes, record.len);
        change_block(&record, other + at);
        at += record.len;
    }
    MUST(same(same_again, data, at));
    MUST(got != 0 || at == size);
    pcapng_close(&ng);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t other[LARGEST];
    size_t written = 0, i;
    int end;

    if (size > LARGEST)
        return 0;
    complaints = 0;
    end = read_first(data, size, other);
    MUST(complaints == (end == -1));
    for (i = 0; i < blocks; i++)
        written += first[i].len;
    MUST(read_again(data, size, size + 1) == end);
    read_apart(data);
    complaints = 0;
    MUST(read_again(other, written, 4096) == 0 || blocks == BLOCKS);
    MUST(complaints == 0);
    return 0;
}
