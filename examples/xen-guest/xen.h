// SPDX-License-Identifier: MIT
/*
 * What a guest needs of Xen: shared info, grants, event channels, a clock, and the rings of the
 * console and of xenstore. Events stay masked, and nothing interrupts: xen_wait() sleeps until a
 * port is pending. pv.c and pvh.c have what differs between the two kinds of guest.
 */
#ifndef XEN_H
#define XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

enum {
    PAGE_BYTES = 4096,
    BACKEND_DOMAIN = 0 /* of console, xenstore and network */
};

#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

struct xen {
    shared_info_t *shared;
    grant_entry_v1_t *grants; /* a page of them */
    struct xencons_interface *console;
    struct xenstore_domain_interface *store;
    evtchn_port_t console_port, store_port;
    const char *command_line;
};

extern struct xen xen;

/* Fills it in; `start` is what the entry was handed. */
void xen_start(const void *start);

/* The number by which Xen knows a page of the guest's. */
uint64_t xen_frame(const void *page);

/* A page that the backend may use from now on; returns the reference that stands for it. */
grant_ref_t xen_grant(const void *page, bool read_only);

/* A port for the backend to bind to. */
evtchn_port_t xen_port(void);
void xen_notify(evtchn_port_t port);

/* Sleeps until the port is pending, which ends with that, or for `ms`; whether it was. */
bool xen_wait(evtchn_port_t port, unsigned ms);

/* Nanoseconds since Xen started. */
uint64_t xen_now(void);

/* Ends the domain: SHUTDOWN_poweroff, SHUTDOWN_crash. */
__attribute__((noreturn)) void xen_shutdown(unsigned reason);

/* A hypercall of up to four arguments (boot_pv.S, boot_pvh.S have the page). */
extern uint8_t hypercall_page[];
static inline long hypercall(unsigned number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    register uint64_t fourth __asm__("r10") = d;
    const uint8_t *call = hypercall_page + (size_t)number * 32;
    long result;

    __asm__ volatile("call *%[call]"
                     : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(fourth)
                     : [call] "r"(call)
                     : "rcx", "r11", "r8", "memory");
    return result;
}

#endif
