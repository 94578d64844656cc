// SPDX-License-Identifier: MIT
/* csumoff finish */
#include "capture.h"
#include "command.h"
#include "filter.h"
#include "levels.h"
#include "print.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUFFER = 128 << 10 /* what is written at once */
};

struct counts {
    uint64_t finished, recomputed, changed, left, snapped, fragments, wrong, filtered;
};

/* ---- The file written --------------------------------------------------------------------- */

struct output {
    const char *name;
    char *buffer;           /* of the file; NULL: stdio's own */
    char *path, *temporary; /* NULL: what is there is written to as it stands (pipe, device) */
    pcap_dumper_t *dumper;
};

static char *volatile unfinished;

static void remove_unfinished(int number)
{
    if (unfinished)
        unlink(unfinished);
    signal(number, SIG_DFL);
    raise(number);
}

/* A file beside the one to be replaced, with its permissions, removed if we are stopped. */
static FILE *open_beside(struct output *out, const struct stat *old)
{
    static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    size_t len = strlen(out->path);
    mode_t mask = umask(0), mode = old ? old->st_mode & 0777 : 0666 & ~mask;
    struct sigaction is;
    char *temporary = malloc(len + sizeof ".XXXXXX");
    int fd;

    umask(mask);
    if (!temporary)
        return NULL;
    memcpy(temporary, out->path, len);
    memcpy(temporary + len, ".XXXXXX", sizeof ".XXXXXX");
    fd = mkstemp(temporary);
    if (fd < 0) {
        free(temporary);
        return NULL;
    }
    out->temporary = unfinished = temporary;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN) /* as by nohup */
            signal(fatal[i], remove_unfinished);
    if (fchmod(fd, mode) != 0) {
        close(fd);
        return NULL;
    }
    return fdopen(fd, "wb");
}

static FILE *open_path(struct output *out, const char *path)
{
    struct stat st;
    bool is_there = stat(path, &st) == 0;

    if (strcmp(path, "-") == 0)
        return fdopen(dup(STDOUT_FILENO), "wb");
    /* To replace a device, a pipe or a symbolic link by a file would be a nasty surprise. */
    if (is_there && !S_ISREG(st.st_mode))
        return fopen(path, "wb");
    out->path = is_there ? realpath(path, NULL) : strdup(path);
    return out->path ? open_beside(out, is_there ? &st : NULL) : NULL;
}

static void output_discard(struct output *out)
{
    if (out->dumper)
        pcap_dump_close(out->dumper);
    if (out->temporary)
        unlink(out->temporary);
    unfinished = NULL;
    free(out->buffer);
    free(out->temporary);
    free(out->path);
}

static bool output_open(struct output *out, const char *path, const struct capture *capture)
{
    pcap_t *kind;
    FILE *file;

    *out = (struct output){.name = strcmp(path, "-") == 0 ? "standard output" : path};
    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO)) {
        complain("a capture is not for a terminal to show");
        return false;
    }
    file = open_path(out, path);
    out->buffer = file ? malloc(BUFFER) : NULL;
    if (out->buffer)
        setvbuf(file, out->buffer, _IOFBF, BUFFER);
    kind = file ? capture_kind(capture) : NULL;
    if (kind)
        out->dumper = pcap_dump_fopen(kind, file);
    if (!out->dumper)
        complain("%s: %s", out->name, kind ? pcap_geterr(kind) : strerror(errno));
    if (kind)
        pcap_close(kind); /* its stream is the dumper's, or closed where there is none */
    else if (file)
        fclose(file);
    if (!out->dumper)
        output_discard(out);
    return out->dumper != NULL;
}

static bool output_failed(const struct output *out)
{
    return ferror(pcap_dump_file(out->dumper)) != 0;
}

/* Everything is on the disk before the old file goes. */
static bool output_commit(struct output *out)
{
    FILE *file = pcap_dump_file(out->dumper);
    bool is_written =
        !ferror(file) && fflush(file) == 0 && (!out->temporary || fsync(fileno(file)) == 0);

    if (is_written && out->temporary) {
        is_written = rename(out->temporary, out->path) == 0;
        if (is_written) {
            unfinished = NULL;
            free(out->temporary);
            out->temporary = NULL;
        }
    }
    if (!is_written)
        complain("%s: %s", out->name, strerror(errno ? errno : EIO));
    output_discard(out);
    return is_written;
}

/* ---- Packets ------------------------------------------------------------------------------ */

static bool is_wrong(const struct levels *levels)
{
    for (size_t i = 0; i < levels->count; i++)
        if (levels->of[i].report.l3 == CSUMOFF_BAD || levels->of[i].report.l4 == CSUMOFF_BAD)
            return true;
    return false;
}

/* `bytes`: the packet's, copied, to be written to. */
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

static bool copy_packets(struct capture *in, struct output *out, bool all, struct filter *filter,
                         struct counts *counts)
{
    struct packet packet;
    uint8_t *bytes = NULL;
    size_t room = 0;
    int got, matches = 1;

    while ((got = capture_next(in, &packet)) == 1 && !output_failed(out)) {
        size_t len = packet.header->caplen;

        if (len > room || !bytes) {
            free(bytes);
            room = len + 65536;
            bytes = malloc(room);
            if (!bytes) {
                complain("%s", strerror(errno));
                return false;
            }
        }
        memcpy(bytes, packet.bytes, len);
        matches = filter_matches(filter, in, &packet);
        if (matches < 0)
            break;
        if (matches)
            finish_packet(&packet, bytes, all, counts);
        else
            counts->filtered++;
        pcap_dump((u_char *)out->dumper, packet.header, bytes);
    }
    free(bytes);
    return got != -1 && matches >= 0;
}

static void print_counts(FILE *to, const char *name, const struct counts *n, bool all)
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
    fputc('\n', to);
}

static void print_json(FILE *to, const struct counts *n, bool all)
{
    if (all)
        fprintf(to, "{\"recomputed\":%" PRIu64 ",\"changed\":%" PRIu64 ",", n->recomputed,
                n->changed);
    else
        fprintf(to, "{\"finished\":%" PRIu64 ",\"wrong\":%" PRIu64 ",", n->finished, n->wrong);
    fprintf(to, "\"left\":%" PRIu64 ",\"snapped\":%" PRIu64 ",\"filtered\":%" PRIu64 "}\n", n->left,
            n->snapped, n->filtered);
}

int command_finish(const struct options *o, int count, char **in_out)
{
    bool is_stdout = strcmp(in_out[1], "-") == 0;
    struct capture in;
    struct output out;
    struct counts counts = {0};
    struct filter filter = {.expression = o->filter};
    FILE *to = is_stdout ? stderr : stdout;
    bool is_done;

    (void)count;
    if (!capture_open(&in, in_out[0]))
        return EXIT_UNUSABLE;
    if (!filter_open(&filter, &in) || !output_open(&out, in_out[1], &in)) {
        filter_close(&filter);
        capture_close(&in);
        return EXIT_UNUSABLE;
    }
    is_done = copy_packets(&in, &out, o->all, &filter, &counts);
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
        print_counts(to, out.name, &counts, o->all);
    return EXIT_FINE;
}
