# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: ./dev xen, and what the row xen runs of it.

xen() {
    need xen
    what=${1:-all}
    [ $# = 0 ] || shift
    case $what in
    all) xen_table xen_tap ;;
    guest)
        # shellcheck disable=SC2154 # dev sets here
        case ${1:-} in
        /*) file=$1 ;;
        *) file=$here/${1:-} ;;
        esac
        [ -f "$file" ] || {
            echo "./dev xen guest: ${1:-no FILE is named}${1:+: no such file}" >&2
            exit 2
        }
        xen_table xen_guest_tap
        ;;
    netfront) xen_table xen_netfront_tap ;;
    planted)
        xen_programs
        exec tests/judges/xen/planted "$@"
        ;;
    *)
        echo "dev: usage: ./dev xen [guest FILE | netfront | planted [WORD]]" >&2
        exit 2
        ;;
    esac
}

# xen_table COMMAND...: runs a command that prints TAP, and shows the table that its comments are.
xen_table() {
    tap=build/xen/tap
    mkdir -p build/xen
    "$@" >$tap && status=0 || status=$?
    grep '^1\.\.0 # SKIP' $tap && return 0
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

# TAP of one guest, $file.
xen_guest_tap() {
    xen_programs
    CSUMOFF_TEST_EFFORT=${CSUMOFF_TEST_EFFORT:-quick} \
        tests/judges/xen/run --domain "$file" $programs/domains
}

# TAP of the frontend that is a process.
xen_netfront_tap() {
    xen_programs
    CSUMOFF_TEST_EFFORT=${CSUMOFF_TEST_EFFORT:-quick} tests/judges/xen/run $programs/netback
}

# TAP of all programs that run on Xen.
xen_tap() {
    xen_programs
    xen_guests
    set -- $programs/netback $programs/lwip $programs/domains
    for guest in build/xen/domains/*; do
        set -- --domain "$guest" "$@"
    done
    tests/judges/xen/run "$@"
}

xen_programs() {
    # The emulated CPU asks for nothing; a static program for no library of this machine.
    logged xen set_up build/xen/programs "${CC:-gcc}" -Dtests=disabled -Dtools=disabled \
        -Dcpu_detect=builtin
    logged xen ninja -C build/xen/programs tests/judges/xen/netback tests/judges/xen/lwip \
        tests/judges/xen/domains
    programs=build/xen/programs/tests/judges/xen
}

# Without lwIP's sources, or clang, the program domains counts a test as skipped.
xen_guests() {
    guests=build/xen/domains
    rm -rf $guests
    mkdir -p $guests
    logged xen examples/xen-guest/compile pv $guests/pv
    logged xen examples/xen-guest/compile pvh $guests/pvh
    if examples/lwip-guest/fetch build/lwip >build/log/lwip.log 2>&1; then
        logged xen examples/xen-guest/compile pv $guests/pv-lwip build/lwip
        [ "${CSUMOFF_TEST_EFFORT:-}" = quick ] ||
            logged xen examples/xen-guest/compile pvh $guests/pvh-lwip build/lwip
    fi
    if [ "${CSUMOFF_TEST_EFFORT:-}" != quick ] && command -v clang >/dev/null; then
        CC=clang logged xen examples/xen-guest/compile pv $guests/pv-clang
    fi
}
