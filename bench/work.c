// SPDX-License-Identifier: MIT
#include "work.h"
#include "bench_shim.h"
#include "csumoff.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *source, *target;

struct context {
    struct work work;
    const char *kernel; /* NULL: a peer, or whichever is best */
    peer_fn *run;
};

void work_begin(void)
{
    source = (uint8_t *)room(DATA);
    target = (uint8_t *)room(DATA);
    for (size_t i = 0; i < DATA; i += 4) {
        uint32_t word = random_below(UINT32_MAX);

        memcpy(source + i, &word, sizeof word);
    }
    memset(target, 0, DATA);
}

struct place_set fixed_place(size_t len, uint32_t offset)
{
    struct place *place = (struct place *)must(malloc(sizeof *place));

    *place = (struct place){offset, (uint32_t)len};
    return (struct place_set){place, 0};
}

static void prepare(const void *context)
{
    if (csumoff_kernel_use(((const struct context *)context)->kernel))
        abort();
}

static void run(const void *context, size_t calls)
{
    const struct context *c = (const struct context *)context;

    c->run(&c->work, calls);
}

static void add(const char *name, const struct context *context, size_t calls, size_t bytes)
{
    struct context *kept = (struct context *)must(malloc(sizeof *kept));

    *kept = *context;
    bench_add(name, prepare, run, kept, calls, bytes);
}

void work_add(const char *what, const char *who, const char *bytes, const char *where,
              const char *kernel, peer_fn *fn, struct place_set places, size_t mean)
{
    const struct context context = {{source, target, places.place, places.mask}, kernel, fn};
    char name[128];

    (void)snprintf(name, sizeof name, "%s/%s/%s/%s", what, who, bytes, where);
    /* This takes about a third of a millisecond at 50 GB/s, and is two calls at least. */
    add(name, &context, 64 * MIB / (mean + 160) + 2, mean);
}

void work_add_named(const char *name, const struct work *work, peer_fn *fn, size_t calls,
                    size_t bytes)
{
    const struct context context = {*work, NULL, fn};

    add(name, &context, calls, bytes);
}
