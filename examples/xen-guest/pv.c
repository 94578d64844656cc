// SPDX-License-Identifier: MIT
/* A paravirtual guest: Xen's page tables, with real frames in them. */
#include "console.h"
#include "xen.h"

#include <xen/sched.h>

/* What frames are by their numbers: Xen's own table, the same in all guests. */
static const uint64_t *const pages_of_frames = (const uint64_t *)MACH2PHYS_VIRT_START;

/* Pages of the guest's, behind which Xen's are put in their place. */
static uint8_t shared_page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static uint8_t grants_page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

static const start_info_t *info;

uint64_t xen_frame(const void *page)
{
    return ((const uint64_t *)info->mfn_list)[(uintptr_t)page / PAGE_BYTES];
}

static void *map(void *page, uint64_t frame)
{
    const uint64_t entry = frame * PAGE_BYTES | 7; /* present, writable, the guest's */

    if (hypercall(__HYPERVISOR_update_va_mapping, (uintptr_t)page, entry, UVMF_INVLPG, 0))
        xen_shutdown(SHUTDOWN_crash);
    return page;
}

static void *page_of_frame(uint64_t frame)
{
    return (void *)(uintptr_t)(pages_of_frames[frame] * PAGE_BYTES);
}

static uint64_t grants_frame(void)
{
    xen_pfn_t frame = 0;
    gnttab_setup_table_t table = {.dom = DOMID_SELF, .nr_frames = 1};

    set_xen_guest_handle(table.frame_list, &frame);
    if (hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (uintptr_t)&table, 1, 0) ||
        table.status != GNTST_okay)
        xen_shutdown(SHUTDOWN_crash);
    return frame;
}

void xen_start(const void *start)
{
    info = (const start_info_t *)start;
    xen = (struct xen){.shared = (shared_info_t *)map(shared_page, info->shared_info / PAGE_BYTES),
                       .console = (struct xencons_interface *)page_of_frame(info->console.domU.mfn),
                       .console_port = info->console.domU.evtchn,
                       .store = (struct xenstore_domain_interface *)page_of_frame(info->store_mfn),
                       .store_port = info->store_evtchn,
                       .command_line = (const char *)info->cmd_line};
    xen.grants = (grant_entry_v1_t *)map(grants_page, grants_frame());
}
