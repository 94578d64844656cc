// SPDX-License-Identifier: MIT
/* The driver that docs/recipes.md leaves to its reader: pages, and the slots of a ring. */
#ifndef CSUMOFF_TESTS_RECIPES_DRIVER_H
#define CSUMOFF_TESTS_RECIPES_DRIVER_H

#include <csumoff_netfront.h>
#include <string.h>

#include "../oracle/suite.h"

enum {
    SLOTS = 600,
    PAGES = 200
};

static struct {
    const uint8_t *data;
    size_t len;
    uint16_t size, flags;
} ring[SLOTS];
static size_t slots, pages_used;
static uint8_t page_pool[PAGES][4096];
static struct csumoff_netfront_slot gso_slot;

static inline void empty_ring(void)
{
    slots = pages_used = 0;
    memset(&gso_slot, 0, sizeof gso_slot);
}

void *my_page(void)
{
    CHECK(pages_used < PAGES);
    return page_pool[pages_used++];
}

void my_put_slot(const void *data, size_t len, uint16_t size, uint16_t flags)
{
    CHECK(slots < SLOTS);
    ring[slots].data = (const uint8_t *)data;
    ring[slots].len = len;
    ring[slots].size = size;
    ring[slots++].flags = flags;
}

void my_put_gso_slot(uint8_t gso_type, uint16_t gso_size)
{
    CHECK_EQ(slots, 1);
    gso_slot.gso_type = gso_type;
    gso_slot.gso_size = gso_size;
}

/* Takes the next frame from the ring, from slot *i on, and returns its length. */
static inline size_t take_frame(size_t *i, uint8_t *p, struct csumoff_netfront_slot *slot)
{
    size_t len = 0, first = *i;

    slot->flags = ring[first].flags;
    slot->gso_type = gso_slot.gso_type;
    slot->gso_size = gso_slot.gso_size;
    do {
        CHECK(*i < slots);
        memcpy(p + len, ring[*i].data, ring[*i].len);
        len += ring[*i].len;
        if (*i != first)
            CHECK_EQ(ring[*i].size, ring[*i].len);
    } while (ring[(*i)++].flags & CSUMOFF_NETTXF_MORE_DATA);
    CHECK_EQ(ring[first].size, len);
    return len;
}

#endif
