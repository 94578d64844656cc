# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# Arm microcontrollers, without an operating system.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# A name and the flags of each target. The FPU of an M profile has no NEON.
microcontrollers() {
    cat <<'END'
M0         -mcpu=cortex-m0
M3         -mcpu=cortex-m3
M4F        -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
END
}

# Targets that differ from these in what nothing here uses: an FPU, v8-M's additions, vectors.
more_cortex_m() {
    cat <<'END'
M4F-softfp -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=softfp
M7         -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard
M33F       -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard
M55        -mcpu=cortex-m55 -mfloat-abi=hard
END
}

scalar_alone() {
    [ "$(kernels_in "$dir/csumoff.o")" = 'scalar ' ] || { kernels_in "$dir/csumoff.o" && return 1; }
}

# What a machine of QEMU's says of the example program: nothing where it ends well.
firmware() {
    machine=$1
    shift
    examples/cortex-m/build "$dir/firmware" "$@" &&
        timeout 60 qemu-system-arm -M "$machine" -display none -serial none -monitor none \
            -semihosting-config enable=on,target=native -kernel "$dir/firmware"
}

# What a program calls that uses this part of the library.
calls_of() {
    echo csumoff_partial csumoff_fold csumoff_pseudo_ipv4 csumoff_pseudo_ipv6 \
        csumoff_ipv4_header_set csumoff_ipv4_header_verify csumoff_adjust16 csumoff_adjust32 \
        csumoff_adjust128 csumoff_adjust_bytes csumoff_adjust_l4
    [ "$1" = sums ] ||
        echo csumoff_locate csumoff_locate_head csumoff_seed csumoff_seed_at csumoff_fill \
            csumoff_fill_at csumoff_finish csumoff_finish_at csumoff_copy_finish \
            csumoff_inspect csumoff_inspect_at csumoff_verify
}

# parts_fit COMPILER: prints the parts that are too large, and those that embed/README.md lacks or
# has wrong by more than 5 %. That table has a row for each: | `NAME` | bytes | most |
parts_fit() {
    quietly embed/amalgamate --scalar "$dir/scalar" &&
        "$1-gcc" -mcpu=cortex-m4 -mthumb -Os -ffreestanding -fno-asynchronous-unwind-tables \
            -ffunction-sections -fdata-sections -Wall -Wextra -Werror \
            -c "$dir/scalar/csumoff.c" -o "$dir/scalar/csumoff.o" || return
    for part in 'sums 1536' 'packets 6144'; do
        name=${part% *} most=${part#* }
        # shellcheck disable=SC2046 # several names
        "$1-ld" -r --gc-sections $(printf ' -u %s' $(calls_of "$name")) \
            "$dir/scalar/csumoff.o" -o "$dir/scalar/part.o" || return
        bytes=$("$1-size" "$dir/scalar/part.o" | awk 'NR == 2 { print $1 + $2 + $3 }')
        [ "$bytes" -le "$most" ] || echo "$name: $bytes bytes, more than $most"
        awk -F'|' -v name="\`$name\`" -v bytes="$bytes" -v most="$most" '
            index($2, name) && $4 == most && bytes * 100 <= $3 * 105 && bytes * 105 >= $3 * 100 {
                found = 1
            }
            END { if (!found) print "not in embed/README.md: " name " | " bytes " | " most }
        ' embed/README.md
    done
}

# compile_for COMPILER: compiles for each target of standard input, Arm's M profile, where there is
# neither an operating system nor a libc. The only library that is linked is the compiler's libgcc.
# -ffreestanding because the compiler's stdint.h includes a libc's otherwise.
compile_for() {
    while read -r target flags; do
        for cc in "$1-gcc" "clang --target=$1"; do
            what="$target, $cc"
            # M4F's instructions but for the FPU's, which nothing here uses, and M55's without its
            # vectors: one compiler is enough.
            case $target$cc in M4F-softfpclang* | M7clang* | M33Fclang*) continue ;; esac
            # Source by source where most users are, and no more than that: code is made of them as
            # one source, everywhere.
            # shellcheck disable=SC2086 # a compiler and its target, several flags
            [ "$target${cc%% *}" != "M4F$1-gcc" ] || try "$what: every source compiles" $cc $flags \
                -ffreestanding -Wall -Wextra -Werror -fsyntax-only -Iinclude \
                src/*.c src/*/*.c glue/*/*.c
            # For size once for v6-M and once for v7-M, which the others extend.
            case $target in M0 | M3) levels='2 s' ;; *) levels=2 ;; esac
            for level in $levels; do
                rm -f "$dir"/*.o "$dir/linked"
                # shellcheck disable=SC2086 # several flags
                try "$what -O$level: compiles" build_objects $flags -O$level -ffreestanding \
                    -Wall -Wextra -Werror
                try "$what -O$level: scalar is the only kernel" scalar_alone
                # Without loads of any address gcc copies structures by memcpy().
                allowed=''
                [ "$target" != M0 ] || allowed='__aeabi_uidiv __gnu_thumb1_case_uqi memcpy'
                case $level$cc in sclang*) allowed="$allowed __aeabi_memcpy" ;; esac
                for object in csumoff csumoff_glue; do
                    # shellcheck disable=SC2086 # several names
                    try "$what -O$level: nothing undefined in $object" undefined \
                        "$dir/$object.o" $allowed
                done
                case $level$cc in sclang*) continue ;; esac
                # shellcheck disable=SC2086 # several flags
                try "$what -O$level: links" "$1-gcc" $flags -nostdlib \
                    -Wl,--entry=csumoff_selftest,--defsym=memcpy=0,-z,noexecstack \
                    "$dir/csumoff.o" "$dir/csumoff_glue.o" -lgcc -o "$dir/linked"
            done
        done
    done
}

# Compiles for the processors that most users have, and runs what QEMU has a machine for.
check_microcontrollers() {
    microcontrollers >"$dir/targets"
    compile_for "$1" <"$dir/targets"
    try "runs on a Cortex-M0" firmware microbit -mcpu=cortex-m0
    try "runs on a Cortex-M3" firmware mps2-an385 -mcpu=cortex-m3
    try "runs on a Cortex-M4" firmware mps2-an386 -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
    try "runs on a Cortex-M7" firmware mps2-an500 -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard
    try "little code for a Cortex-M4" parts_fit "$1"
    # A Cortex-M0 does not know a Cortex-M4's instructions.
    try "what goes wrong is seen" fails firmware microbit -mcpu=cortex-m4
    for target in msp430 avr; do
        try "refuses an int of 16 bits" refuses 'needs an int of 32 bits' clang --target=$target \
            -ffreestanding -Iinclude -fsyntax-only src/sum.c
    done
}

check_more_cortex_m() {
    more_cortex_m >"$dir/targets"
    compile_for "$1" <"$dir/targets"
}
