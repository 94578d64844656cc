// SPDX-License-Identifier: MIT
/*
 * Any bytes as a capture file, through `csumoff verify`, `csumoff finish` and `csumoff explain`:
 * what they say of it fits together, and no packet is read past its end.
 *
 * Input: the file.
 */
#define _GNU_SOURCE /* memfd_create(), fopencookie() */
#include <sys/mman.h>
#include <unistd.h>

#include "../tools/capture.h"
#include "../tools/command.h"
#include "../tools/link.h"
#include "../tools/print.h"
#include "fuzz.h"

static uint8_t *packet;
static size_t packets;

/* The tool is compiled to call this (meson.build) before it reads a packet. It lies in a longer
 * buffer, in which a sanitizer would not see an access past its end. */
void fuzz_link_read(const struct link_type *link, struct packet *p);

void fuzz_link_read(const struct link_type *link, struct packet *p)
{
    size_t len = p->header->caplen;

    packets++;
    free(packet);
    packet = malloc(len + !len);
    MUST(packet);
    if (len)
        memcpy(packet, p->bytes, len);
    p->bytes = packet;
    link_read(link, p);
}

/* What the tool prints. */
struct text {
    FILE *file;
    size_t lines, objects; /* objects: lines that begin and end with braces */
    char first, last;
    bool is_plain; /* no control characters */
};

static struct text out, err;

static ssize_t look(void *cookie, const char *bytes, size_t size)
{
    struct text *text = cookie;
    size_t i;

    for (i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            text->lines++;
            text->objects += text->first == '{' && text->last == '}';
            text->first = 0;
        } else {
            text->is_plain &= (unsigned char)bytes[i] >= 0x20 && bytes[i] != 0x7F;
            if (!text->first)
                text->first = bytes[i];
        }
        text->last = bytes[i];
    }
    return (ssize_t)size;
}

static void listen_to(struct text *text)
{
    const cookie_io_functions_t functions = {.write = look};
    FILE *file = text->file ? text->file : fopencookie(text, "w", functions);

    MUST(file);
    *text = (struct text){.file = file, .is_plain = true};
}

static int run(int (*command)(const struct options *, int, char **), bool json, int count,
               char **arguments)
{
    const struct options options = {.json = json};
    FILE *stdout_before = stdout, *stderr_before = stderr;
    int code;

    listen_to(&out);
    listen_to(&err);
    packets = 0;
    stdout = out.file;
    stderr = err.file;
    code = command(&options, count, arguments);
    stdout = stdout_before;
    stderr = stderr_before;
    MUST(fflush(out.file) == 0 && fflush(err.file) == 0);
    MUST(code == EXIT_FINE || code == EXIT_WRONG || code == EXIT_UNUSABLE);
    MUST((code == EXIT_UNUSABLE) == (err.lines > 0));
    MUST(out.is_plain);
    return code;
}

/* Explains one of the packets, and one that does not exist. */
static void explain(char *name, size_t seen, size_t size)
{
    char number[32];
    char *arguments[] = {name, number};

    snprintf(number, sizeof number, "%zu", seen ? 1 + size % seen : 1);
    MUST(run(command_explain, false, 2, arguments) == (seen ? EXIT_FINE : EXIT_UNUSABLE));
    snprintf(number, sizeof number, "%zu", seen + 1);
    MUST(run(command_explain, false, 2, arguments) == EXIT_UNUSABLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char name[32], sink[] = "/dev/null";
    char *arguments[] = {name, sink};
    bool json = size % 2;
    size_t seen;
    int code;

    if (fd < 0) {
        fd = memfd_create("capture", 0);
        MUST(fd >= 0);
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    }
    MUST(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    code = run(command_verify, json, 1, arguments);
    if (json)
        MUST(out.lines == packets + 1 && out.objects == out.lines);
    seen = packets;
    /* A capture that can be judged to its end can be finished. */
    MUST(run(command_finish, false, 2, arguments) ==
         (code == EXIT_UNUSABLE ? EXIT_UNUSABLE : EXIT_FINE));
    MUST(packets == seen);
    explain(name, seen, size);
    free(packet);
    packet = NULL;
    return 0;
}
