// SPDX-License-Identifier: MIT
/* ../services.h where the stack is lwIP: mistakes on request, and lwIP's timers. */
#include "services.h"

#include "card.h"
#include "console.h"
#include "lwip_net.h"

#include <lwip/stats.h>
#include <lwip/timeouts.h>

enum {
    WAIT_MS = 1000
};

/* What was sent again before anything was done wrong is what the trial wants to know. */
static void tell_retransmissions(void)
{
    static bool is_told;

    if (!is_told)
        print_count("retransmitted", lwip_stats.mib2.tcpretranssegs);
    is_told = true;
}

void services_input(const struct peer *from, uint16_t from_port, uint16_t port, const uint8_t *data,
                    size_t len)
{
    (void)from, (void)from_port, (void)port;
    if (len < 2 || data[0] > FINISHED)
        return;
    tell_retransmissions();
    nic_misuse((enum misuse)data[0]);
    net_is_blind = data[1];
}

unsigned services_work(void)
{
    u32_t ms;

    sys_check_timeouts();
    ms = sys_timeouts_sleeptime();
    return ms < WAIT_MS ? ms : WAIT_MS;
}

bool services_route(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    (void)frame, (void)len, (void)rx;
    return false;
}
