// SPDX-License-Identifier: MIT
/*
 * A virtio device at memory-mapped registers, and its queues: Virtual I/O Device (VIRTIO) Version
 * 1.2, sections 3.1.1, 4.2 and 2.7. Nothing here knows what the device is for.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct virtio {
    volatile uint8_t *registers;
};

enum {
    VIRTQ_MOST = 64 /* descriptors; queues have a power of two of them */
};

struct virtq_descriptor {
    uint64_t address;
    uint32_t len;
    uint16_t flags, next;
};

/* Buffers are one descriptor each and known by its number: 0 to size - 1. */
struct virtq {
    struct virtq_descriptor descriptors[VIRTQ_MOST] __attribute__((aligned(16)));
    struct { /* what the device may use */
        uint16_t flags, index, ring[VIRTQ_MOST];
    } available;
    struct { /* what it has used */
        uint16_t flags, index;
        struct {
            uint32_t id, len;
        } ring[VIRTQ_MOST];
    } used;
    uint16_t size, seen; /* ours: how many of `used` have been taken */
    const struct virtio *device;
    uint32_t number;
};

/* Looks through the places where QEMU's microvm has devices for one of this kind (section 5). */
bool virtio_find(struct virtio *device, uint32_t kind);

/* Resets it and agrees on features: those of `wanted` that it offers, VERSION_1 among them. */
uint64_t virtio_negotiate(struct virtio *device, uint64_t wanted);

/* Makes queue `number`; `interrupts`: whether the device is to say when it has used a buffer. */
void virtio_queue(struct virtio *device, struct virtq *queue, uint32_t number, uint16_t size,
                  bool interrupts);

/* All queues are there: it may begin. */
void virtio_go(struct virtio *device);

uint8_t virtio_config8(const struct virtio *device, unsigned offset);

/* Takes note of its interrupt: the next buffer that it uses makes another. */
void virtio_acknowledge(struct virtio *device);

/* Hands it buffer `id`, to write to or to read. */
void virtq_give(struct virtq *queue, uint16_t id, void *data, size_t len, bool to_write);

/* Takes the next buffer that it has used; *len: bytes that it wrote there. */
bool virtq_take(struct virtq *queue, uint16_t *id, size_t *len);

#endif
