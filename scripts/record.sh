# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: ./dev record.

record() {
    need record
    logged record-build build build/run "${CC:-gcc}" -Dtests=disabled -Dtools=enabled
    logged record-build ninja -C build/run tests/captures/recorder/record
    if [ "$(id -u)" = 0 ]; then
        build/run/tests/captures/recorder/record tests/captures/recorded
    else
        unshare -Urn build/run/tests/captures/recorder/record tests/captures/recorded
    fi
}
