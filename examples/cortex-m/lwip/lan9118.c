// SPDX-License-Identifier: MIT
/*
 * LAN9118, polled: a FIFO of words each way, and a status word of each frame. The names of
 * registers are the data sheet's.
 */
#include "lan9118.h"

#include "clock.h"

#include <lwip/etharp.h>
#include <lwip/pbuf.h>
#include <string.h>

#ifndef LAN9118
#define LAN9118 0x40200000u /* AN385, AN386 */
#endif

#define REGISTER(offset) (*(volatile uint32_t *)(LAN9118 + (offset)))
#define RX_DATA_FIFO     REGISTER(0x00)
#define TX_DATA_FIFO     REGISTER(0x20)
#define RX_STATUS_FIFO   REGISTER(0x40)
#define TX_STATUS_FIFO   REGISTER(0x48)
#define RX_CFG           REGISTER(0x6C)
#define TX_CFG           REGISTER(0x70)
#define RX_FIFO_INF      REGISTER(0x7C)
#define TX_FIFO_INF      REGISTER(0x80)
#define MAC_CSR_CMD      REGISTER(0xA4)
#define MAC_CSR_DATA     REGISTER(0xA8)

/* Registers of the MAC, behind MAC_CSR_CMD. */
enum {
    MAC_CR = 1,
    ADDRH = 2,
    ADDRL = 3
};

#define CSR_BUSY      0x80000000u
#define CSR_READ      0x40000000u
#define MAC_CR_RXEN   0x4u
#define MAC_CR_TXEN   0x8u
#define TX_ON         0x2u
#define TX_FIRST_LAST 0x3000u /* a frame in one buffer */
#define TX_FREE       0xFFFFu
#define RX_ERROR      0x8000u

/* The driver's two bytes of padding are the chip's data offset, both ways. */
#define RX_OFFSET ((uint32_t)ETH_PAD_SIZE << 8)
#define TX_OFFSET ((uint32_t)ETH_PAD_SIZE << 16)

enum {
    FCS = 4,
    MTU = 1500,
    FRAME_MOST = ETH_PAD_SIZE + SIZEOF_ETH_HDR - ETH_PAD_SIZE + MTU
};

static uint32_t came, taken;

static uint32_t mac(uint32_t command)
{
    MAC_CSR_CMD = CSR_BUSY | command;
    while (MAC_CSR_CMD & CSR_BUSY) {
    }
    return MAC_CSR_DATA;
}

/* ---- Sending ------------------------------------------------------------------------------- */

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    static uint32_t whole[(FRAME_MOST + 3) / 4];
    const uint32_t *words = p->payload;
    const uint32_t n = p->tot_len;

    (void)netif;
    taken = clock_ticks() - came;
    if (n > FRAME_MOST)
        return ERR_BUF;
    if (p->next || (uintptr_t)p->payload & 3) {
        pbuf_copy_partial(p, whole, p->tot_len, 0);
        words = whole;
    }
    while ((TX_FIFO_INF & TX_FREE) < n + 16) {
    }
    TX_DATA_FIFO = TX_OFFSET | TX_FIRST_LAST | (n - ETH_PAD_SIZE);
    TX_DATA_FIFO = n - ETH_PAD_SIZE;
    for (uint32_t i = 0; i < (n + 3) / 4; i++)
        TX_DATA_FIFO = words[i];
    (void)TX_STATUS_FIFO;
    return ERR_OK;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* A frame of n bytes with its padding and without its FCS. NULL: no room, the frame is gone. */
static struct pbuf *take_frame(uint32_t n)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_POOL);
    const uint32_t words = (n + FCS + 3) / 4;
    const uint32_t kept = p && !p->next ? (n + 3) / 4 : 0;
    uint32_t *to = kept ? p->payload : NULL;

    for (uint32_t i = 0; i < kept; i++)
        to[i] = RX_DATA_FIFO;
    for (uint32_t i = kept; i < words; i++)
        (void)RX_DATA_FIFO;
    if (p && !kept) {
        pbuf_free(p);
        p = NULL;
    }
    return p;
}

void lan9118_poll(struct netif *netif)
{
    uint32_t status;
    struct pbuf *p;

    while (RX_FIFO_INF & 0xFF0000u) {
        status = RX_STATUS_FIFO;
        p = take_frame((status >> 16 & 0x3FFF) - FCS + ETH_PAD_SIZE);
        if (!p)
            continue;
        came = clock_ticks();
        if (status & RX_ERROR || netif->input(p, netif) != ERR_OK)
            pbuf_free(p);
    }
}

uint32_t lan9118_ticks(void)
{
    return taken;
}

err_t lan9118_init(struct netif *netif)
{
    const uint32_t low = mac(CSR_READ | ADDRL), high = mac(CSR_READ | ADDRH);

    for (int i = 0; i < 4; i++)
        netif->hwaddr[i] = (u8_t)(low >> 8 * i);
    netif->hwaddr[4] = (u8_t)high;
    netif->hwaddr[5] = (u8_t)(high >> 8);
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->mtu = MTU;
    netif->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;

    RX_CFG = RX_OFFSET;
    TX_CFG = TX_ON;
    MAC_CSR_DATA = MAC_CR_RXEN | MAC_CR_TXEN;
    mac(MAC_CR);
    return ERR_OK;
}
