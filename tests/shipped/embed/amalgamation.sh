# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# The amalgamation: each opt-out, other calling conventions and processors, the pairs for drivers.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh
# shellcheck source=tests/shipped/embed/pairs.sh
. tests/shipped/embed/pairs.sh

# sweep OBJECT ABSENT [selftest]: sweeps the kernels of an amalgamation, of which those named ABSENT
# must not exist; or they meet the self-test alone, which CRC32c does in any case.
sweep() {
    must=$expected
    for kernel in $2; do
        must=$(echo " $must " | sed "s/ $kernel / /")
    done
    # shellcheck disable=SC2086 # words, or none
    $cc -no-pie "$dir"/sweeps/*.o "$1" ${emulator:+-static} -o "$dir/sweep" || return
    # shellcheck disable=SC2086 # words, or none
    CSUMOFF_EXPECT_KERNELS=$must CSUMOFF_TEST_EFFORT=quick \
        $emulator "$dir/sweep" ${3-} >"$dir/sweep.out" || { cat "$dir/sweep.out" && return 1; }
    # A kernel that is there but unusable has a line, too.
    for kernel in $2; do
        ! grep -w "$kernel" "$dir/sweep.out" || return 1
    done
}

# without ABSENT FLAG...: the same of an amalgamation that is built with flags that leave kernels
# out. What an optimizer makes of kernels is the concern of other rows: -O1 compiles in less time
# than -O2. Flags that leave no kernel of sums out concern CRC32c alone, which the sweeps do not
# call.
without() {
    absent=$1
    shift
    # shellcheck disable=SC2086 # a compiler and a flag
    $cc -O1 -fno-pie -Wall -Wextra "$@" -c "$files/csumoff.c" -o "$dir/without.o" || return
    sweep "$dir/without.o" "$absent" "$([ "$absent" ] || echo selftest)"
}

# named KERNEL CC FLAG...: whether it is in the amalgamation that a compiler of another architecture
# takes. not_named: the opposite, without a warning.
named() {
    kernel=$1
    shift
    "$@" -E "$files/csumoff.c" -o "$dir/named" && grep -qw "csumoff_${kernel}_sum_" "$dir/named"
}

not_named() {
    ! named "$@" || return 1
    shift
    "$@" -Wall -Wextra -Werror -fsyntax-only "$files/csumoff.c"
}

# kernels_on IMPLEMENTER PART KERNELS: which are usable, by the program "asks", on a processor that
# /proc/cpuinfo gives these numbers: QEMU looks for that file below -L first.
kernels_on() {
    mkdir -p "$dir/system/proc"
    printf 'CPU implementer\t: %s\nCPU part\t: %s\n' "$1" "$2" >"$dir/system/proc/cpuinfo"
    $emulator -L "$dir/system" "$dir/asks" selftest >"$dir/asks.out"
    grep -qx "# kernels exercised: $3" "$dir/asks.out" || { cat "$dir/asks.out" && return 1; }
}

# hwprobe CC: what the library makes of Linux's answers about RISC-V's V. The one ECALL
# becomes a breakpoint, whose handler answers.
hwprobe() {
    sed 's/"ecall"/"ebreak"/' "$files/csumoff.c" >"$dir/asking.c"
    [ "$(grep -c '"ebreak"' "$dir/asking.c")" = 1 ] || return
    "$1" -O2 -static -Wall -Wextra -Werror -I"$files" "$dir/asking.c" \
        tests/shipped/embed/hwprobe.c -o "$dir/hwprobe" && qemu-riscv64-static "$dir/hwprobe"
}

# Everything under -mabi=ms, optimized and not. The libc keeps the other convention: the program
# asks nothing of it.
ms_abi() {
    for level in 0 2 s; do
        gcc -mabi=ms -O$level -Wall -Wextra -I"$files" tests/shipped/embed/ms_abi.c \
            "$files/csumoff.c" -o "$dir/ms_abi" &&
            "$dir/ms_abi" || return
    done
}

# A 486 knows neither CMOV nor any vector; its program, no libc, whose own code may need more.
on_a_486() {
    i686-linux-gnu-gcc -march=i486 -O2 -ffreestanding -nostdlib -static -I"$files" \
        tests/shipped/embed/i486.c examples/packet.c "$files/csumoff.c" -lgcc -o "$dir/i486" &&
        qemu-i386-static -cpu 486 "$dir/i486"
}

check_amalgamation() {
    compiler "$1"
    files=$dir/files
    embed/amalgamate "$files" >/dev/null
    embed/amalgamate "$dir/again" >/dev/null
    try "deterministic" diff -r "$files" "$dir/again"
    mkdir "$dir/sweeps"
    for source in library/plain_sweep oracle/sweep oracle/support oracle/reference; do
        # shellcheck disable=SC2086 # a compiler and a flag
        try "compiles" $cc -O2 -Wall -Wextra -I"$files" -c "tests/$source.c" \
            -o "$dir/sweeps/${source#*/}.o"
    done
    for part in csumoff csumoff_glue; do
        # shellcheck disable=SC2086 # a compiler and a flag
        try "compiles" $cc -O2 -fno-pie -Wall -Wextra -Werror -c "$files/$part.c" \
            -o "$dir/$part.o"
    done
    try "every kernel" sweep "$dir/csumoff.o" ''
    sed -n '/^# kernels exercised: /p' "$dir/sweep.out"
    try "nothing undefined" undefined "$dir/csumoff.o"
    # Segments are counted by a division, which 32-bit Arm has as a function of libgcc.
    try "nothing undefined in the glue" undefined "$dir/csumoff_glue.o" \
        "$([ "$1" != armhf ] || echo __aeabi_uidiv)"
    # gcc has each opt-out by itself; small tables are looked up in where no instruction is left.
    case $1 in
    arm64 | armhf)
        try "no NEON" without 'neon neonmm' -DCSUMOFF_NO_NEON
        try "no CRC32 instructions, small tables" without '' -DCSUMOFF_NO_ARM_CRC \
            -DCSUMOFF_CRC32C_SMALL
        ;;
    gcc)
        try "by the calling convention of Windows" ms_abi
        try "no AVX-512" without 'avx512vnni avx512' -DCSUMOFF_NO_AVX512
        try "no AVX2" without 'avxvnni avx2' -DCSUMOFF_NO_AVX2
        try "no AVX-VNNI" without avxvnni -DCSUMOFF_NO_AVXVNNI
        try "no SSE2" without sse2 -DCSUMOFF_NO_SSE2
        try "no VPCLMULQDQ" without '' -DCSUMOFF_NO_VPCLMUL
        try "no SSE4.2" without '' -DCSUMOFF_NO_SSE42
        try "small tables" without '' -DCSUMOFF_CRC32C_SMALL
        arm=aarch64-linux-gnu-gcc
        try "I8MM" named neonmm $arm
        try "no I8MM" not_named neonmm $arm -DCSUMOFF_NO_I8MM
        # What the sweeps of other rows run is here left out by the compiler alone.
        power=powerpc64le-linux-gnu-gcc
        try "VMX" named vmx $power
        try "no VMX" not_named vmx $power -DCSUMOFF_NO_VMX
        try "no VMX, as in Linux" not_named vmx $power -mno-altivec -mno-vsx
        try "VX" named vx s390x-linux-gnu-gcc -march=z13
        for flag in -DCSUMOFF_NO_VX -mno-vx -msoft-float -march=zEC12; do
            try "no VX" not_named vx s390x-linux-gnu-gcc -march=z13 $flag
        done
        riscv=riscv64-linux-gnu-gcc
        try "V" named rvv $riscv
        try "V, as a kernel is compiled" named rvv $riscv -march=rv64imac -mabi=lp64 -ffreestanding
        try "no V" not_named rvv $riscv -DCSUMOFF_NO_RVV
        try "no V, of a compiler whose assembler is not told" not_named rvv clang --target=riscv64 \
            -ffreestanding
        try "V as Linux tells of it" hwprobe $riscv
        ;;
    esac
    case $1 in
    i386) try "runs on a 486" on_a_486 ;;
    arm64)
        usr=build/cross/arm64/usr
        try "asks cpu_features" "$cc" -O1 -static -DCSUMOFF_CPU_DETECT_CPU_FEATURES \
            "$files/csumoff.c" "$dir"/sweeps/*.o -I$usr/include -L$usr/lib/aarch64-linux-gnu \
            -lcpu_features -o "$dir/asks"
        try "UMMLA on Neoverse N2" kernels_on 0x41 0xd49 'neonmm neon scalar'
        for slow in '0xc0 0xac3' '0xc0 0xac4' '0x41 0xd40' '0x41 0xd46' '0x41 0xd80'; do
            # shellcheck disable=SC2086 # two words
            try "no UMMLA on $slow" kernels_on $slow 'neon scalar'
        done
        ;;
    gcc | clang) check_pairs "$1" ;;
    esac
    case $1 in
    gcc | clang | i386)
        try "none, small tables" without 'avx512vnni avx512 avxvnni avx2 sse2' -DCSUMOFF_NO_AVX512 \
            -DCSUMOFF_NO_AVX2 -DCSUMOFF_NO_SSE2 -DCSUMOFF_NO_SSE42 -DCSUMOFF_CRC32C_SMALL
        ;;
    esac
}
