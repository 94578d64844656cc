// SPDX-License-Identifier: MIT
#include "xen.h"

#include <xen/sched.h>

#include "console.h"

struct xen xen;

grant_ref_t xen_grant(const void *page, bool read_only)
{
    static grant_ref_t next = GNTTAB_NR_RESERVED_ENTRIES;
    grant_entry_v1_t *entry = &xen.grants[next];

    if (next == PAGE_BYTES / sizeof *entry)
        panic("out of grants");
    entry->domid = BACKEND_DOMAIN;
    entry->frame = (uint32_t)xen_frame(page);
    xen_wmb(); /* with the flags the entry is valid */
    entry->flags = (uint16_t)(GTF_permit_access | (read_only ? GTF_readonly : 0));
    return next++;
}

/* ---- Events ---------------------------------------------------------------------------------- */

evtchn_port_t xen_port(void)
{
    evtchn_alloc_unbound_t port = {.dom = DOMID_SELF, .remote_dom = BACKEND_DOMAIN};

    if (hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, (uintptr_t)&port, 0, 0))
        panic("no event channel");
    return port.port;
}

void xen_notify(evtchn_port_t port)
{
    evtchn_send_t send = {.port = port};

    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (uintptr_t)&send, 0, 0);
}

bool xen_wait(evtchn_port_t port, unsigned ms)
{
    const unsigned bits = 8 * sizeof *xen.shared->evtchn_pending;
    xen_ulong_t *word = &xen.shared->evtchn_pending[port / bits];
    const xen_ulong_t bit = (xen_ulong_t)1 << port % bits;
    sched_poll_t poll = {.nr_ports = 1, .timeout = xen_now() + ms * UINT64_C(1000000)};

    set_xen_guest_handle(poll.ports, &port);
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll, 0, 0);
    return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* ---- Time, and its end ----------------------------------------------------------------------- */

static uint64_t timestamp_counter(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

__extension__ typedef unsigned __int128 wide;

uint64_t xen_now(void)
{
    const volatile struct vcpu_time_info *time = &xen.shared->vcpu_info[0].time;
    uint64_t ticks, now;
    uint32_t version;

    do {
        version = time->version;
        xen_rmb();
        ticks = timestamp_counter() - time->tsc_timestamp;
        ticks = time->tsc_shift < 0 ? ticks >> -time->tsc_shift : ticks << time->tsc_shift;
        now = time->system_time + (uint64_t)((wide)ticks * time->tsc_to_system_mul >> 32);
        xen_rmb();
    } while (version & 1 || version != time->version);
    return now;
}

void xen_shutdown(unsigned reason)
{
    sched_shutdown_t shutdown = {.reason = reason};

    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&shutdown, 0, 0);
}
