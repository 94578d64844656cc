// SPDX-License-Identifier: MIT
/* Receives and inspects frames, by calls of csumoff and by straight-line code that does the same
 * work. */
#include "glue_work.h"
#include "straight.h"
#include "straight_glue.h"

static uint64_t all_of_rx(const struct csumoff_rx *rx)
{
    uint64_t all = (uint64_t)rx->state | (uint64_t)rx->no_seed << 4 | (uint64_t)rx->gso_type << 8 |
                   (uint64_t)rx->gso_size << 16;

    return (all * 31 + rx->csum_start) * 31 + rx->csum_offset;
}

static uint64_t all_of_report(const struct csumoff_report *report)
{
    uint64_t all = (uint64_t)report->l3 | (uint64_t)report->l4 << 4;

    all = all * 31 + report->l3_found;
    all = all * 31 + report->l3_expected;
    all = all * 31 + report->l4_found;
    return all * 31 + report->l4_expected;
}

/* Fills a slot as a driver does from a response on the ring. */
static const struct csumoff_netfront_slot *blank(struct csumoff_netfront_slot *slot)
{
    slot->flags = CSUMOFF_NETRXF_CSUM_BLANK | CSUMOFF_NETRXF_DATA_VALIDATED;
    slot->gso_type = 0;
    slot->gso_size = 0;
    return slot;
}

uint64_t netfront_rx(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_rx rx = {CSUMOFF_NONE, 0, 0, 0, 0, false};
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(csumoff_netfront_rx(frame, len, blank(&slot), &rx), rx.state, all_of_rx(&rx));
}

uint64_t netfront_rx_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_rx rx = {CSUMOFF_NONE, 0, 0, 0, 0, false};
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(straight_netfront_rx(frame, len, blank(&slot), &rx), rx.state, all_of_rx(&rx));
}

/* Finishing a finished frame restores its seed, so that these can work on the same frames over and
 * over. */
uint64_t netfront_rx_finish(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(csumoff_netfront_rx_finish(frame, len, blank(&slot)), 0, 0);
}

uint64_t netfront_rx_finish_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(straight_netfront_rx_finish(frame, len, blank(&slot)), 0, 0);
}

uint64_t netfront_rx_finish_burst(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_rx_item, (void)blank(&items[j].slot),
               csumoff_netfront_rx_finish_burst(items, BURST), 0, 0);
}

EACH(rx_finish_each, struct csumoff_netfront_rx_item,
     csumoff_netfront_rx_finish(item->frame, item->len, &item->slot))

uint64_t netfront_rx_finish_each(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_rx_item, (void)blank(&items[j].slot),
               rx_finish_each(items, BURST), 0, 0);
}

uint64_t glue_inspect(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_report report = {0, 0, 0, 0, 0, 0};

    GLUE_LOOP(csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report), report.l4,
              all_of_report(&report));
}

uint64_t glue_inspect_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_report report = {0, 0, 0, 0, 0, 0};

    GLUE_LOOP(straight_inspect(frame, len, &report), report.l4, all_of_report(&report));
}

uint64_t glue_inspect_burst(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_inspect_item, (void)0,
               csumoff_inspect_burst(items, BURST, CSUMOFF_LINK_ETHERNET), items[j].report.l4,
               all_of_report(&items[j].report));
}

EACH(each_inspected, struct csumoff_inspect_item,
     csumoff_inspect(item->frame, item->len, CSUMOFF_LINK_ETHERNET, &item->report))

uint64_t glue_inspect_each(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_inspect_item, (void)0, each_inspected(items, BURST),
               items[j].report.l4, all_of_report(&items[j].report));
}
