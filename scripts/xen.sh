# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: ./dev xen, and what the row xen runs of it.

xen() {
    need xen
    if [ "${1:-}" = planted ]; then
        xen_programs
        exec tests/judges/xen/planted
    fi
    tap=build/xen/tap
    mkdir -p build/xen
    xen_tap >$tap && status=0 || status=$?
    grep '# SKIP' $tap && return 0
    echo "#| what was sent | flags | csumoff_netback_drops_slots() | what arrived | verdict" |
        cat - $tap | sed -n 's/^#| *//p' | awk -F ' *[|] *' '
        {
            printf "%-60.60s | %-19s | %-50.50s | %-34s | %s\n", $1, $2, $3, $4, $5
            cases += NR > 1; unexpected += $5 == "UNEXPECTED"
        }
        END { printf "\n%d cases, %d unexpected; log: build/xen/serial.log\n", cases, unexpected }'
    [ "$status" = 0 ] || grep -A 20 '^not ok' $tap
    return "$status"
}

# TAP of all programs that run on Xen.
xen_tap() {
    xen_programs
    tests/judges/xen/run --domain build/xen/pv --domain build/xen/pvh $programs/netback \
        $programs/lwip $programs/domains
}

xen_programs() {
    # The emulated CPU asks for nothing; a static program for no library of this machine.
    logged xen set_up build/xen/programs "${CC:-gcc}" -Dtests=disabled -Dtools=disabled \
        -Dcpu_detect=builtin
    logged xen ninja -C build/xen/programs tests/judges/xen/netback tests/judges/xen/lwip \
        tests/judges/xen/domains
    programs=build/xen/programs/tests/judges/xen
    logged xen examples/xen-guest/compile pv build/xen/pv
    logged xen examples/xen-guest/compile pvh build/xen/pvh
}
