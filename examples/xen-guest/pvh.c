// SPDX-License-Identifier: MIT
/* A PVH guest: a machine without devices. Its frames are its addresses, as ../unikernel/boot.S maps
 * them. */
#include "xen.h"

#include <cpuid.h>
#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/sched.h>

/* Pages of the guest's, in whose place Xen puts its own. */
static uint8_t shared_page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static uint8_t grants_page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

/* Xen writes it. */
uint8_t hypercall_page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

uint64_t xen_frame(const void *page)
{
    return (uintptr_t)page / PAGE_BYTES;
}

/* Xen's leaves may begin later where it shows those of another hypervisor, too. */
static void find_hypercalls(void)
{
    uint32_t leaf = XEN_CPUID_FIRST_LEAF, a, b, c, d;
    const uint64_t page = (uintptr_t)hypercall_page;

    for (;; leaf += 0x100) {
        __cpuid(leaf, a, b, c, d);
        if (b == XEN_CPUID_SIGNATURE_EBX)
            break;
    }
    __cpuid(leaf + 2, a, b, c, d); /* b: the model-specific register that takes the address */
    __asm__ volatile("wrmsr"
                     :
                     : "c"(b), "a"((uint32_t)page), "d"((uint32_t)(page >> 32))
                     : "memory");
}

static void *map(void *page, unsigned space)
{
    xen_add_to_physmap_t add = {
        .domid = DOMID_SELF, .space = space, .idx = 0, .gpfn = xen_frame(page)};

    if (hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&add, 0, 0))
        xen_shutdown(SHUTDOWN_crash);
    return page;
}

static uint64_t parameter(uint32_t index)
{
    xen_hvm_param_t param = {.domid = DOMID_SELF, .index = index};

    if (hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, (uintptr_t)&param, 0, 0))
        xen_shutdown(SHUTDOWN_crash);
    return param.value;
}

static void *page_of_parameter(uint32_t index)
{
    return (void *)(uintptr_t)(parameter(index) * PAGE_BYTES);
}

void xen_start(const void *start)
{
    const struct hvm_start_info *info = (const struct hvm_start_info *)start;

    find_hypercalls();
    xen = (struct xen){
        .shared = (shared_info_t *)map(shared_page, XENMAPSPACE_shared_info),
        .grants = (grant_entry_v1_t *)map(grants_page, XENMAPSPACE_grant_table),
        .console = (struct xencons_interface *)page_of_parameter(HVM_PARAM_CONSOLE_PFN),
        .console_port = (evtchn_port_t)parameter(HVM_PARAM_CONSOLE_EVTCHN),
        .store = (struct xenstore_domain_interface *)page_of_parameter(HVM_PARAM_STORE_PFN),
        .store_port = (evtchn_port_t)parameter(HVM_PARAM_STORE_EVTCHN),
        .command_line = (const char *)(uintptr_t)info->cmdline_paddr};
}
