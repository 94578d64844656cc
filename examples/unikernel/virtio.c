// SPDX-License-Identifier: MIT
#include "virtio.h"

#include "console.h"

/* Where QEMU's microvm puts them. */
#define FIRST 0xFEB00000u
enum {
    STEP = 512,
    PLACES = 8
};

/* Section 4.2.2. */
enum {
    MAGIC = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_SEL = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SEL = 0x024,
    QUEUE_SEL = 0x030,
    QUEUE_NUM_MAX = 0x034,
    QUEUE_NUM = 0x038,
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACK = 0x064,
    STATUS = 0x070,
    QUEUE_DESC = 0x080,
    QUEUE_DRIVER = 0x090,
    QUEUE_DEVICE = 0x0A0,
    CONFIG = 0x100
};

enum { /* of STATUS, section 2.1 */
    ACKNOWLEDGE = 1,
    DRIVER = 2,
    DRIVER_OK = 4,
    FEATURES_OK = 8
};

enum {
    MODERN = 2,                /* of VERSION */
    DESCRIPTOR_WRITE = 2,      /* of a descriptor's flags */
    AVAILABLE_NO_INTERRUPT = 1 /* of the available ring's */
};

#define F_VERSION_1 (UINT64_C(1) << 32)

static uint32_t get(const struct virtio *device, unsigned at)
{
    return *(volatile uint32_t *)(volatile void *)(device->registers + at);
}

static void set(const struct virtio *device, unsigned at, uint32_t value)
{
    *(volatile uint32_t *)(volatile void *)(device->registers + at) = value;
}

static void set_address(const struct virtio *device, unsigned at, const void *p)
{
    set(device, at, (uint32_t)(uintptr_t)p);
    set(device, at + 4, (uint32_t)((uintptr_t)p >> 32));
}

bool virtio_find(struct virtio *device, uint32_t kind)
{
    for (unsigned i = 0; i < PLACES; i++) {
        device->registers = (volatile uint8_t *)(uintptr_t)(FIRST + i * STEP);
        if (get(device, MAGIC) == 0x74726976 && get(device, VERSION) == MODERN &&
            get(device, DEVICE_ID) == kind)
            return true;
    }
    return false;
}

uint64_t virtio_negotiate(struct virtio *device, uint64_t wanted)
{
    uint64_t offered;

    set(device, STATUS, 0);
    set(device, STATUS, ACKNOWLEDGE);
    set(device, STATUS, ACKNOWLEDGE | DRIVER);
    set(device, DEVICE_FEATURES_SEL, 1);
    offered = (uint64_t)get(device, DEVICE_FEATURES) << 32;
    set(device, DEVICE_FEATURES_SEL, 0);
    offered |= get(device, DEVICE_FEATURES);
    offered &= wanted | F_VERSION_1;
    set(device, DRIVER_FEATURES_SEL, 1);
    set(device, DRIVER_FEATURES, (uint32_t)(offered >> 32));
    set(device, DRIVER_FEATURES_SEL, 0);
    set(device, DRIVER_FEATURES, (uint32_t)offered);
    set(device, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    if (!(offered & F_VERSION_1) || !(get(device, STATUS) & FEATURES_OK))
        panic("the device refuses these features");
    return offered;
}

void virtio_queue(struct virtio *device, struct virtq *queue, uint32_t number, uint16_t size,
                  bool interrupts)
{
    queue->device = device;
    queue->number = number;
    queue->size = size;
    queue->available.flags = interrupts ? 0 : AVAILABLE_NO_INTERRUPT;
    set(device, QUEUE_SEL, number);
    if (get(device, QUEUE_NUM_MAX) < size)
        panic("the device has no such queue");
    set(device, QUEUE_NUM, size);
    set_address(device, QUEUE_DESC, queue->descriptors);
    set_address(device, QUEUE_DRIVER, &queue->available);
    set_address(device, QUEUE_DEVICE, &queue->used);
    set(device, QUEUE_READY, 1);
}

void virtio_go(struct virtio *device)
{
    set(device, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
}

uint8_t virtio_config8(const struct virtio *device, unsigned offset)
{
    return device->registers[CONFIG + offset];
}

void virtio_acknowledge(struct virtio *device)
{
    set(device, INTERRUPT_ACK, get(device, INTERRUPT_STATUS));
}

void virtq_give(struct virtq *queue, uint16_t id, void *data, size_t len, bool to_write)
{
    uint16_t index = queue->available.index;

    queue->descriptors[id] = (struct virtq_descriptor){(uintptr_t)data, (uint32_t)len,
                                                       to_write ? DESCRIPTOR_WRITE : 0, 0};
    queue->available.ring[index % queue->size] = id;
    /* The device sees the entry before the index, and the index before it is notified. */
    __atomic_store_n(&queue->available.index, (uint16_t)(index + 1), __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    set(queue->device, QUEUE_NOTIFY, queue->number);
}

bool virtq_take(struct virtq *queue, uint16_t *id, size_t *len)
{
    uint16_t at = queue->seen % queue->size;

    if (__atomic_load_n(&queue->used.index, __ATOMIC_ACQUIRE) == queue->seen)
        return false;
    *id = (uint16_t)queue->used.ring[at].id;
    *len = queue->used.ring[at].len;
    queue->seen++;
    return true;
}
