// SPDX-License-Identifier: MIT
/* The command `csumoff finish`: copies a capture and completes checksums that were left to a
 * device. */
#include "capture.h"
#include "command.h"
#include "filter.h"
#include "hashes.h"
#include "levels.h"
#include "output.h"
#include "print.h"

#include <inttypes.h>
#include <string.h>

struct counts {
    uint64_t finished, recomputed, changed, left, snapped, fragments, wrong, filtered;
    uint64_t hashes_made, hashes_removed;
    uint32_t longest; /* captured of a packet */
};

static bool is_wrong(const struct levels *levels)
{
    for (size_t i = 0; i < levels->count; i++)
        if (levels->of[i].report.l3 == CSUMOFF_BAD || levels->of[i].report.l4 == CSUMOFF_BAD)
            return true;
    return false;
}

/* `bytes` is a copy of the packet, which is written to. */
static void finish_packet(const struct packet *p, uint8_t *bytes, bool all, struct counts *counts)
{
    size_t have = p->header->caplen - p->start;
    struct levels levels;
    bool is_done;

    levels_read_packet(&levels, p);
    if (all) {
        is_done = levels_fill(&levels, bytes + p->start, have);
        if (memcmp(bytes, p->bytes, p->header->caplen) != 0) {
            is_done = true;
            counts->changed++;
        }
        counts->recomputed += is_done;
    } else {
        is_done = levels_finish(&levels, bytes + p->start, have);
        counts->wrong += is_wrong(&levels);
        counts->finished += is_done;
    }
    counts->left += !is_done;
    counts->snapped += !is_done && p->is_snapped;
    counts->fragments += !is_done && !p->is_snapped && levels.of[0].status == CSUMOFF_EFRAG;
}

/* A pcapng block has options that depend on the packet. */
static void update_block(const struct packet *p, uint8_t *block, struct counts *counts)
{
    struct hashes hashes;

    if (memcmp(block + p->record->start, p->bytes, p->header->caplen) == 0)
        return;
    hashes = hashes_update(p->record, block);
    counts->hashes_made += hashes.made;
    counts->hashes_removed += hashes.removed;
}

static bool keep(void *out, const uint8_t *bytes, size_t len)
{
    return output_write(out, bytes, len);
}

/* Copies a packet. Completes its checksums if `matches` is true. Returns false if it cannot be
 * written. */
static bool copy_packet(const struct capture *in, struct output *out, const struct packet *p,
                        bool all, bool matches, struct counts *counts)
{
    const struct record *record = p->record;
    uint8_t *copy = output_room(out, record->len);

    if (!copy)
        return false;
    memcpy(copy, record->bytes, record->len);
    if (matches) {
        finish_packet(p, copy + record->start, all, counts);
        if (in->is_pcapng)
            update_block(p, copy, counts);
    } else {
        counts->filtered++;
    }
    if (record->caplen > counts->longest)
        counts->longest = record->caplen;
    output_add(out, record->len);
    /* The reader of a pipe gets the packets so far before more input has to be waited for. */
    return out->temporary || !capture_waits(in) || output_flush(out);
}

/* Copies the capture, changing only checksums. Returns false if it is damaged. */
static bool copy_packets(struct capture *in, struct output *out, bool all, struct filter *filter,
                         struct counts *counts)
{
    struct packet packet;
    int got, matches = 1;

    in->keep = keep;
    in->keep_to = out;
    while ((got = capture_next(in, &packet)) == 1) {
        matches = filter_matches(filter, in, &packet);
        if (matches < 0 || !copy_packet(in, out, &packet, all, matches, counts))
            break;
    }
    return (got != -1 && matches >= 0) || out->error;
}

/* Many programs cut packets to the snaplen of the file's header, which the program that wrote the
 * file may have ignored. */
static void raise_snaplen(const struct capture *in, struct output *out, uint32_t longest)
{
    uint8_t snaplen[CLASSIC_SNAPLEN_SIZE];

    if (in->is_pcapng || longest <= in->classic.interface.snaplen)
        return;
    classic_put_snaplen(&in->classic, snaplen, longest);
    output_overwrite(out, CLASSIC_SNAPLEN, snaplen, sizeof snaplen);
}

static void print_counts(FILE *to, const char *name, const struct counts *n, bool all,
                         bool is_packed)
{
    const char *open = " (", *close = "";

    fprintf(to, "%s: ", name);
    if (all)
        fprintf(to, "%" PRIu64 " recomputed (%" PRIu64 " changed)", n->recomputed, n->changed);
    else
        fprintf(to, "%" PRIu64 " finished", n->finished);
    fprintf(to, ", %" PRIu64 " left as %s", n->left, n->left == 1 ? "it was" : "they were");
    if (n->snapped) {
        fprintf(to, "%s%" PRIu64 " snapped", open, n->snapped);
        open = ", ", close = ")";
    }
    if (n->fragments) {
        fprintf(to, "%s%" PRIu64 " fragment%s", open, n->fragments, n->fragments == 1 ? "" : "s");
        open = ", ", close = ")";
    }
    if (n->wrong) {
        fprintf(to, "%s%" PRIu64 " wrong", open, n->wrong);
        close = ")";
    }
    fprintf(to, "%s", close);
    if (n->filtered)
        fprintf(to, ", %" PRIu64 " left by the filter", n->filtered);
    if (n->hashes_made)
        fprintf(to, "; hashes of packets made again: %" PRIu64, n->hashes_made);
    if (n->hashes_removed)
        fprintf(to, "; hashes of packets removed: %" PRIu64, n->hashes_removed);
    fprintf(to, "%s\n", is_packed ? "; not compressed" : "");
}

static void print_json(FILE *to, const struct counts *n, bool all)
{
    if (all)
        fprintf(to, "{\"recomputed\":%" PRIu64 ",\"changed\":%" PRIu64 ",", n->recomputed,
                n->changed);
    else
        fprintf(to, "{\"finished\":%" PRIu64 ",\"wrong\":%" PRIu64 ",", n->finished, n->wrong);
    fprintf(to,
            "\"left\":%" PRIu64 ",\"snapped\":%" PRIu64 ",\"fragments\":%" PRIu64
            ",\"filtered\":%" PRIu64,
            n->left, n->snapped, n->fragments, n->filtered);
    fprintf(to, ",\"hashes_made\":%" PRIu64 ",\"hashes_removed\":%" PRIu64 "}\n", n->hashes_made,
            n->hashes_removed);
}

/* Opens the output. Returns false after a complaint. What is appended to the input would be read
 * again without end. */
static bool open_output(struct output *out, const char *path, const struct capture *in)
{
    if (!output_open(out, path))
        return false;
    if (!output_is(out, in->stream.fd))
        return true;
    complain("%s: is the input and the output at once", in->name);
    output_discard(out);
    return false;
}

int command_finish(const struct options *o, int count, char **in_out)
{
    struct capture in;
    struct output out;
    struct counts counts = {0};
    struct filter filter = {.expression = o->filter};
    FILE *to = output_is_stdout(in_out[1]) ? stderr : stdout;
    bool is_done, is_packed;

    (void)count;
    if (!capture_open(&in, in_out[0]))
        return EXIT_UNUSABLE;
    if (!filter_open(&filter, &in) || !open_output(&out, in_out[1], &in)) {
        filter_close(&filter);
        capture_close(&in);
        return EXIT_UNUSABLE;
    }
    is_packed = in.stream.unpack != NULL;
    is_done = copy_packets(&in, &out, o->all, &filter, &counts);
    raise_snaplen(&in, &out, counts.longest);
    filter_close(&filter);
    capture_close(&in);
    if (!is_done)
        output_discard(&out);
    else
        is_done = output_commit(&out);
    if (!is_done)
        return EXIT_UNUSABLE;
    if (o->json)
        print_json(to, &counts, o->all);
    else
        print_counts(to, out.name, &counts, o->all, is_packed);
    return EXIT_FINE;
}
