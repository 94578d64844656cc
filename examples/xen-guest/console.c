// SPDX-License-Identifier: MIT
/* The console is a ring that xenconsoled reads in domain 0. */
#include "console.h"

#include "xen.h"

#include <xen/sched.h>

void console_put(char c)
{
    struct xencons_interface *console = xen.console;

    while (console->out_prod - console->out_cons == sizeof console->out)
        xen_wait(xen.console_port, 10);
    xen_mb();
    console->out[MASK_XENCONS_IDX(console->out_prod, console->out)] = c;
    xen_wmb();
    console->out_prod++;
    if (c == '\n')
        xen_notify(xen.console_port);
}

void power_off(void)
{
    /* What was said is read before the page goes. */
    for (unsigned tries = 0; xen.console->out_prod != xen.console->out_cons && tries < 100; tries++)
        xen_wait(xen.console_port, 10);
    xen_shutdown(SHUTDOWN_poweroff);
}

void panic(const char *why)
{
    print("panic: ");
    print(why);
    print("\n");
    for (unsigned tries = 0; xen.console->out_prod != xen.console->out_cons && tries < 100; tries++)
        xen_wait(xen.console_port, 10);
    xen_shutdown(SHUTDOWN_crash);
}
