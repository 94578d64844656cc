# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: ./dev model.

# Each processor has its own range of frames: what a frame is, its number alone decides.
model() {
    count './dev model [FRAMES [FIRST]]' "${1:-10000000}"
    count './dev model [FRAMES [FIRST]]' "${2:-0}"
    need model
    logged model set_up build/model "${CC:-gcc}" -Dtests=enabled -Dtools=disabled -Doptimization=2
    logged model ninja -C build/model tests/glue/test_model
    frames=${1:-10000000} first=${2:-0} jobs=$(nproc) start=$(date +%s)
    [ "$frames" -gt 10000 ] || jobs=1
    share=$(((frames + jobs - 1) / jobs))
    i=0
    while [ $i -lt "$jobs" ]; do
        echo $((first + i * share))
        i=$((i + 1))
    done | nice xargs -P "$jobs" -I '{}' build/model/tests/glue/test_model $share '{}' ||
        die "a frame was lost"
    echo "$((jobs * share)) frames in $(($(date +%s) - start)) seconds"
}
