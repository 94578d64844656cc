// SPDX-License-Identifier: MIT
/*
 * The benchmark: every usable kernel and every peer over packet sizes and places. Names are
 * WHAT/WHO/BYTES/WHERE.
 *
 *   WHAT    sum, copy, crc32c or op
 *   WHO     a kernel or a peer
 *   WHERE   offset0, offset14: one address, in cache; moving: a new address each call, in cache;
 *           cold: memory that was not used for long
 */
#include "bench_shim.h"
#include "glue.h"
#include "packets.h"
#include "work.h"

int main(int argc, char **argv)
{
    work_begin();
    sums_add();
    operations_add();
    crc32c_add();
    packets_add();
    glue_add();
    bench_note("compiler", BENCH_COMPILER);
    bench_note("flags_csumoff", BENCH_FLAGS);
    bench_note("flags_peers", BENCH_PEER_FLAGS);
    return bench_run(argc, argv);
}
