# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2154,SC2317
# what embed/amalgamate makes with options, as a kernel would compile
# it; and how much code that is.

# Options, of which the table of sizes in embed/README.md has a row each. -D is the compiler's.
pairs() {
    cat <<'END'
--netfront
--netfront --scalar
--netfront --scalar --no-selftest
--netfront -DCSUMOFF_SCALAR
--virtio --scalar
--netfront --virtio --scalar
END
}

# What a driver calls that only sends and receives.
driver_calls() {
    case $1 in *--netfront*)
        echo csumoff_netfront_advertise csumoff_netfront_read_caps csumoff_netfront_tx \
            csumoff_netfront_rx csumoff_netfront_rx_finish
        ;;
    esac
    case $1 in *--virtio*)
        echo csumoff_virtio_get csumoff_virtio_put csumoff_virtio_tx csumoff_virtio_rx \
            csumoff_virtio_rx_finish
        ;;
    esac
}

# sends_and_receives OPTIONS OBJECT: driver.c, by the pair in $pair as it was compiled.
sends_and_receives() {
    case $1 in *--scalar*) is_plain=1 ;; *) is_plain=0 ;; esac
    # shellcheck disable=SC2086 # several flags
    $cc $kernel $strict -DIS_PLAIN=$is_plain -I"$pair" -nostdlib -static -Wl,--gc-sections \
        tests/shipped/embed/driver.c "$dir/reference.o" "$dir/driver_frames.o" "$2" \
        -o "$pair/driver" || return
    "$pair/driver" >"$pair/driver.out" || { echo "check $? of driver.c" && cat "$pair/driver.out"; }
}

# size_of OBJECT: bytes of code and constants.
size_of() {
    size "$1" | awk 'NR == 2 { print $1 }'
}

# measure OPTIONS: prints a row of the table.
measure() {
    # shellcheck disable=SC2046 # words
    ld -r --gc-sections $(printf ' -u %s' $(driver_calls "$1")) "$pair/csumoff.o" \
        -o "$pair/linked.ro" || return
    echo "| \`$1\` | $(size_of "$pair/csumoff.o") | $(size_of "$pair/linked.ro") |"
}

# The rows of embed/README.md that are not there, or are wrong by more than 5 %.
wrong_sizes() {
    awk -F'|' '
        function wrong(measured, written) {
            return measured * 100 > written * 105 || measured * 105 < written * 100
        }
        FNR == NR { if (NF == 5) { whole[$2] = $3; linked[$2] = $4 }; next }
        !($2 in whole) { print "not in embed/README.md: " $0; next }
        wrong($3 + 0, whole[$2] + 0) || wrong($4 + 0, linked[$2] + 0) {
            print "embed/README.md has " whole[$2] "and " linked[$2] "where there are: " $0
        }' embed/README.md "$1"
}

# check_pairs COMPILER: gcc's sizes are those of the table.
check_pairs() {
    kernel='-Os -std=gnu99 -ffreestanding -mgeneral-regs-only -fno-asynchronous-unwind-tables
        -ffunction-sections -fdata-sections'
    strict='-pedantic -Wall -Wextra -Wshadow -Wconversion -Winline -Wmissing-prototypes
        -Wstrict-prototypes -Werror'
    for source in oracle/reference shipped/embed/driver_frames; do
        # shellcheck disable=SC2086 # several flags
        try "compiles" $cc $kernel $strict -c "tests/$source.c" -o "$dir/${source##*/}.o"
    done
    pairs >"$dir/pairs"
    while read -r options; do
        pair=$dir/pair/$options
        macros=$(echo "$options" | tr ' ' '\n' | sed -n '/^-D/p')
        # shellcheck disable=SC2046,SC2086 # several options and flags
        {
            try "makes a pair" quietly embed/amalgamate ${options%%-D*} "$pair"
            try "$options compiles" $cc $kernel $strict $macros -c "$pair/csumoff.c" \
                -o "$pair/csumoff.o"
        }
        try "$options: a pair" test "$(ls "$pair"/*.[ch])" = "$pair/csumoff.c
$pair/csumoff.h"
        try "$options: nothing undefined" undefined "$pair/csumoff.o"
        try "$options sends and receives" sends_and_receives "$options" "$pair/csumoff.o"
        [ "$1" != gcc ] || measure "$options" >>"$dir/sizes"
    done <"$dir/pairs"
    [ "$1" = gcc ] || return 0
    pair="$dir/pair/--netfront --scalar"
    # shellcheck disable=SC2086 # several flags
    try "compiles without optimization" $cc $kernel -O0 -c "$pair/csumoff.c" -o "$pair/O0.o"
    try "links without optimization" sends_and_receives "--netfront --scalar" "$pair/O0.o"
    cat "$dir/sizes"
    try "sizes as in embed/README.md" wrong_sizes "$dir/sizes"
}
