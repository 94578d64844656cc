# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154 # $here is dev's
# Part of ./dev: the main job, ./dev run.

step() {
    printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

run() {
    bold='' plain=''
    [ ! -t 1 ] || bold=$(printf '\033[1m') plain=$(printf '\033[0m')
    [ -z "${1:-}" ] || case $1 in /*) ;; *) set -- "$here/$1" ;; esac
    [ -z "${1:-}" ] || [ -r "$1" ] || die "no capture: $1"
    need run
    step "Building (log: build/log/run.log)"
    logged run build build/run "${CC:-gcc}" -Dtests=disabled -Dtools=enabled
    csumoff=build/run/tools/csumoff
    mkdir -p build/run/finished
    echo "csumoff is $csumoff"
    good=0
    if [ -n "${1:-}" ]; then
        run_capture "$1" || good=$?
        run_guest "$1"
    else
        run_recorded || good=$?
        run_guest tests/captures/recorded/*.pcap
    fi
    step "The kernels on this machine"
    $csumoff info
    step "Their speed"
    $csumoff bench
    return "$good"
}

run_capture() {
    finished=build/run/finished/$(basename "$1")
    step "Checking $1"
    $csumoff verify --summary "$1" || [ $? = 1 ] || return 2
    step "Finishing it into $finished"
    $csumoff finish "$1" "$finished"
    step "Checking what was finished"
    $csumoff verify --summary "$finished"
}

run_guest() {
    ring=build/run/ring.txt
    step "What a Xen guest would put on its ring for each frame, and why (all of it: $ring)"
    $csumoff netfront "$1" | sed -n 1p | tee "$ring"
    for capture; do
        echo "$capture"
        $csumoff netfront "$capture" | tee -a "$ring" | sed -n "2,$((24 / $# + 1))p"
    done
    echo
    $csumoff netfront --summary "$@"
}

# The test of the recorded frames, as a table.
run_recorded() {
    step "Checking and finishing frames that a Linux kernel emitted (tests/captures/recorded)"
    judged=build/run/recorded.tap
    python3 tests/captures/recorded_frames.py "$csumoff" tests/captures/recorded \
        build/run/finished >"$judged" && status=0 || status=1
    sed 's/^# //; s/^ok [0-9]* - //; /^1\.\./d' "$judged"
    return "$status"
}
