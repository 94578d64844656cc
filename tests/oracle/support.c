// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* memfd_create() */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#include <windows.h>
#elif !defined(__wasm__)
#include <sys/mman.h>
#include <unistd.h>
#endif

/* TAP has the same ends of lines everywhere. */
#if defined(_WIN32)
__attribute__((constructor)) static void write_lines_as_they_are(void)
{
    _setmode(_fileno(stdout), _O_BINARY);
}
#endif

bool effort_quick(void)
{
    const char *effort = getenv("CSUMOFF_TEST_EFFORT");

    return effort && strcmp(effort, "quick") == 0;
}

size_t effort(size_t full, size_t quick)
{
    return effort_quick() ? quick : full;
}

size_t processor_count(void)
{
#if defined(_WIN32)
    SYSTEM_INFO system;

    GetSystemInfo(&system);
    return system.dwNumberOfProcessors;
#elif defined(__wasm__)
    return 1;
#else
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : (size_t)count;
#endif
}

uint64_t rng_seed(void)
{
    const char *seed = getenv("CSUMOFF_TEST_SEED");

    return seed ? strtoull(seed, NULL, 0) : 0x1071;
}

struct rng rng_new(uint64_t stream)
{
    struct rng rng = {rng_seed() * 0x9E3779B97F4A7C15u + stream};

    return rng;
}

/* A Weyl sequence, its bits mixed by two multiplications. */
uint32_t rng_u32(struct rng *rng)
{
    uint64_t z = rng->state += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 32) * 0xD6E8FEB86659FD93u;
    z = (z ^ z >> 32) * 0xD6E8FEB86659FD93u;
    return (uint32_t)(z >> 32);
}

size_t rng_below(struct rng *rng, size_t bound)
{
    return rng_u32(rng) % bound;
}

void rng_fill(struct rng *rng, void *data, size_t len)
{
    uint8_t *p = data;
    uint32_t word;

    for (; len >= sizeof word; len -= sizeof word) {
        word = rng_u32(rng);
        memcpy(p, &word, sizeof word);
        p += sizeof word;
    }
    if (len) {
        word = rng_u32(rng);
        memcpy(p, &word, len);
    }
}

/* WebAssembly has no pages. */
#if defined(__wasm__)
bool guarded_new(struct guarded *g, size_t len)
{
    (void)g, (void)len;
    return false;
}

void guarded_free(struct guarded *g)
{
    (void)g;
}
#elif defined(_WIN32)
/* Address space without memory cannot be read or written. */
bool guarded_new(struct guarded *g, size_t len)
{
    SYSTEM_INFO system;
    size_t page, inner;

    GetSystemInfo(&system);
    page = system.dwPageSize;
    inner = (len / page + 1) * page;
    g->map_len = inner + 2 * page;
    g->map = VirtualAlloc(NULL, g->map_len, MEM_RESERVE, PAGE_NOACCESS);
    if (!g->map)
        return false;
    g->begin = (uint8_t *)g->map + page;
    g->end = g->begin + inner;
    return VirtualAlloc(g->begin, inner, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

void guarded_free(struct guarded *g)
{
    VirtualFree(g->map, 0, MEM_RELEASE);
}
#else
bool guarded_new(struct guarded *g, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inner = (len / page + 1) * page;

    g->map_len = inner + 2 * page;
    g->map = mmap(NULL, g->map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g->map == MAP_FAILED)
        return false;
    g->begin = (uint8_t *)g->map + page;
    g->end = g->begin + inner;
    return mprotect(g->begin, inner, PROT_READ | PROT_WRITE) == 0;
}

void guarded_free(struct guarded *g)
{
    munmap(g->map, g->map_len);
}
#endif

void *guarded_copy(struct guarded *g, const void *what, size_t len)
{
    return memcpy(g->end - len, what, len);
}

#if defined(__linux__)
static size_t round_up(size_t len, size_t block)
{
    return (len + block - 1) / block * block;
}

uint8_t *repeated_new(size_t total, size_t block)
{
    size_t map_len = round_up(total, block), at;
    uint8_t *base =
        mmap(NULL, map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int fd;

    if (base == MAP_FAILED)
        return NULL;
    fd = memfd_create("repeated", 0);
    if (fd < 0 || ftruncate(fd, (off_t)block) != 0)
        goto fail;
    for (at = 0; at < map_len; at += block)
        if (mmap(base + at, block, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
                 fd, 0) == MAP_FAILED)
            goto fail;
    close(fd);
    return base;
fail:
    if (fd >= 0)
        close(fd);
    munmap(base, map_len);
    return NULL;
}

void repeated_free(uint8_t *p, size_t total, size_t block)
{
    munmap(p, round_up(total, block));
}
#else
uint8_t *repeated_new(size_t total, size_t block)
{
    (void)total, (void)block;
    return NULL;
}

void repeated_free(uint8_t *p, size_t total, size_t block)
{
    (void)p, (void)total, (void)block;
}
#endif

uint16_t load_wire16(const void *p)
{
    const uint8_t *b = p;

    return (uint16_t)(b[0] << 8 | b[1]);
}

void store_wire16(void *p, uint16_t wire)
{
    uint8_t *b = p;

    b[0] = (uint8_t)(wire >> 8);
    b[1] = (uint8_t)wire;
}

uint16_t wire16(uint16_t memory)
{
    return load_wire16(&memory);
}

uint16_t memory16(uint16_t wire)
{
    uint16_t memory;

    store_wire16(&memory, wire);
    return memory;
}

uint64_t wire_sum(uint32_t wsum)
{
    /* Which half is which does not matter to a sum. */
    return (uint64_t)wire16((uint16_t)wsum) + wire16((uint16_t)(wsum >> 16));
}
