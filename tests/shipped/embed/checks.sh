# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154,SC2317 # $dir, $exercised are matrix.sh's
# Part of scripts/matrix.sh: what embed/README.md promises. An argument is a compiler, or
# Debian's name of another architecture.

# compiler NAME: sets cc, emulator and expected (the kernels that must run).
compiler() {
    cc=$1 emulator='' expected=scalar
    case $1 in
    gcc | clang) expected=$(host_kernels) ;;
    *)
        cc=$(sed -n "s/^c = '\(.*\)'/\1/p" "tests/shipped/cross/$1.txt")
        emulator=$(sed -n "s/^exe_wrapper = '\(.*\)'/\1/p" "tests/shipped/cross/$1.txt")
        ;;
    esac
    case $1 in
    arm64) expected='neon scalar' ;;
    armhf) expected='neon scalar' cc="$cc -mfpu=neon" ;; # nothing detects it
    i386) expected='avx2 sse2 scalar' emulator="$emulator -cpu max" ;;
    esac
}

# ---- The amalgamation -----------------------------------------------------------------------

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

# without ABSENT FLAG...: the same of an amalgamation that is built with flags that leave kernels out.
# What an optimizer makes of kernels is the concern of other rows: -O1 compiles in less time than -O2.
# Flags that leave no kernel of sums out concern CRC32c alone, which the sweeps do not call.
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
    "$@" -E "$files/csumoff.c" -o "$dir/named" && grep -qw "csumoff_${kernel}_sum" "$dir/named"
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
    "$1" -O2 -static -Wall -Wextra -Werror -I"$files" "$dir/asking.c" tests/shipped/embed/hwprobe.c \
        -o "$dir/hwprobe" && qemu-riscv64-static "$dir/hwprobe"
}

# undefined OBJECT ALLOWED...: what an object refers to, but for the library and what is allowed.
undefined() {
    object=$1
    shift
    nm -u "$object" | awk -v allowed=" $* " '$2 !~ /^csumoff_/ && !index(allowed, " " $2 " ")'
}

# Everything under -mabi=ms, optimized and not. The libc keeps the other convention: the program asks
# nothing of it.
ms_abi() {
    for level in 0 2 s; do
        gcc -mabi=ms -O$level -Wall -Wextra -I"$files" tests/shipped/embed/ms_abi.c "$files/csumoff.c" -o "$dir/ms_abi" &&
            "$dir/ms_abi" || return
    done
}

# A 486 knows neither CMOV nor any vector; its program, no libc, whose own code may need more.
on_a_486() {
    i686-linux-gnu-gcc -march=i486 -O2 -ffreestanding -nostdlib -static -I"$files" tests/shipped/embed/i486.c \
        examples/packet.c "$files/csumoff.c" -lgcc -o "$dir/i486" && qemu-i386-static -cpu 486 "$dir/i486"
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
    exercised=$(sed -n 's/^# kernels exercised: //p' "$dir/sweep.out" | tr ' ' ,)
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
        try "asks cpu_features" "$cc" -O1 -static -DCSUMOFF_CPU_DETECT_CPU_FEATURES "$files/csumoff.c" \
            "$dir"/sweeps/*.o -Ibuild/cross/arm64/usr/include -Lbuild/cross/arm64/usr/lib/aarch64-linux-gnu \
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

# ---- Other people's files -------------------------------------------------------------------

# Prints the name, kind, mode, time and content of everything in a folder, but for a folder's time.
inventory() {
    (
        cd "$1" || return
        find . -type d -printf '%p %y %m\n' -o -printf '%p %y %m %T@ %l\n' | sort
        find . -type f -exec sha256sum {} + | sort
    )
}

# Makes a folder as a user may have it, with a repository in it, and takes its inventory.
somebodys() {
    mkdir -p "$1/.git/objects/00" "$1/src/empty"
    echo 'ref: refs/heads/main' >"$1/.git/HEAD"
    printf '\000\377' >"$1/.git/objects/00/1"
    echo 'int main(void) { return 0; }' >"$1/src/main.c"
    echo mine >"$1/csumoff.txt"
    ln "$1/csumoff.txt" "$1/another name"
    ln -s nowhere "$1/.link"
    chmod 600 "$1/src/main.c"
    inventory "$1" >"$1.before"
}

# unchanged FOLDER [but]: nothing in it has changed; "but": that of the amalgamation is there, too.
unchanged() {
    if [ "${2-}" ]; then
        for own in csumoff.c csumoff_glue.c include/*.h; do
            rm "$1/${own##*/}"
        done
    fi
    inventory "$1" | diff "$1.before" -
}

# exits CODE COMMAND...: with this code, and says something that isn't Python's traceback.
exits() {
    wanted=$1 code=0
    shift
    "$@" >"$dir/said" 2>&1 || code=$?
    if [ "$code" != "$wanted" ] || ! [ -s "$dir/said" ] || grep -q Traceback "$dir/said"; then
        cat "$dir/said"
        echo "exit code $code"
    fi
}

# in_it COMMAND...: in a folder of somebody's.
in_it() {
    (cd "$tree/somebodys" && "$@")
}

# What is given a folder or a name must touch nothing but its own. All this happens in a copy of
# the tree, which is as far as a mistake would go.
check_harmless() {
    tree=$PWD/$dir/tree
    mkdir "$tree"
    cp -r dev scripts embed fuzz glue include src tests LICENSE "$tree"
    amalgamate=$tree/embed/amalgamate user=$tree/somebodys made="$tree/some/where else"
    somebodys "$user"
    for command in "$amalgamate ." "$amalgamate ../somebodys/" "$amalgamate $user" \
        '../dev amalgamate .' '../dev amalgamate ../somebodys' "../dev amalgamate $user"; do
        # shellcheck disable=SC2086 # words
        try "writes where it is told" exits 0 in_it $command
        try "touches nothing but its own" unchanged "$user" but
    done
    try "makes a folder" exits 0 "$tree/dev" amalgamate "$made"
    try "replaces its own" exits 0 in_it "$amalgamate" "$made"
    try "without a folder, build/amalgamation" exits 0 in_it ../dev amalgamate
    try "the same" diff -r "$made" "$tree/build/amalgamation"

    for option in -h --help; do
        try "help" exits 0 in_it "$amalgamate" $option
        try "help" grep -q '^usage: ' "$dir/said"
        try "help" exits 0 in_it ../dev amalgamate $option
    done
    for words in --force -x -- '-- .' '. --force' '. ..'; do
        # shellcheck disable=SC2086 # words
        try "refused" exits 2 in_it "$amalgamate" $words
        try "usage" grep -q '^usage: ' "$dir/said"
        # shellcheck disable=SC2086 # words
        try "refused" exits 2 in_it ../dev amalgamate $words
    done
    try "an empty name is refused" exits 2 in_it "$amalgamate" ''
    for file in csumoff.txt csumoff.txt/folder .link; do
        try "no folder" exits 1 in_it "$amalgamate" "$file"
        try "says which" grep -q "^amalgamate: csumoff.txt: \|^amalgamate: $file: " "$dir/said"
    done
    try "all is as it was" unchanged "$user"

    # Where a name of ours is taken.
    taken=$tree/taken
    mkdir -p "$taken/csumoff_virtio.h/folder" "$taken/names"
    echo old >"$taken/csumoff.c"
    inventory "$taken" >"$taken.before"
    try "a folder in the place of a file" exits 1 "$amalgamate" "$taken"
    try "says which" grep -q "^amalgamate: $taken/csumoff_virtio.h: " "$dir/said"
    try "all is as it was" unchanged "$taken"
    ln -s ../../somebodys/csumoff.txt "$taken/names/csumoff.c"
    ln -s ../../somebodys/new "$taken/names/csumoff.h"
    ln "$user/src/main.c" "$taken/names/csumoff_glue.c"
    try "links in the places of files" exits 0 "$amalgamate" "$taken/names"
    try "no link is followed" unchanged "$user"
    try "there are files instead" diff -r "$tree/build/amalgamation" "$taken/names"
    try "and no links" test -z "$(find "$taken/names" -type l)"

    # Names that are made into those of folders, which are removed.
    somebodys "$user-gcc"
    mkdir -p "$tree/build/log/fuzz_.." "$tree/build/cross" "$tree/build/fuzz-afl/new"
    for row in '../../somebodys gcc' '../../somebodys-gcc' '.. ..' 'xen' 'xen gcc gcc' 'amalgamation msvc' \
        'x ../../../somebodys' ''; do
        # shellcheck disable=SC2086 # words
        try "no such row" exits 1 "$tree/dev" job $row
        try "says so" grep -q "^dev: no such row: $row\$" "$dir/said"
    done
    for target in 'afl ../../../somebodys 1' 'afl . 1' 'afl' 'afl nothing 1' 'gcc netfront 1' '../.. netfront'; do
        # shellcheck disable=SC2086 # words
        try "no such target" exits 1 "$tree/dev" fuzz-job $target
        try "says so" grep -q '^dev: no such ' "$dir/said"
    done
    for arch in ../../somebodys . '' riscv64; do
        try "no such architecture" exits 2 "$tree/tests/shipped/cross/fetch" "$arch"
    done
    try "all is as it was" unchanged "$user"
    try "all is as it was" unchanged "$user-gcc"
}

# ---- Vector registers -----------------------------------------------------------------------

# vector_users OBJECT: its functions, but for the kernels that are made of them, with an instruction
# that reads or writes a register of the vector unit or the FPU.
vector_users() {
    objdump=$(case $cc in *-gcc) echo "${cc%gcc}objdump" ;; *) echo objdump ;; esac)
    $objdump -d --no-show-raw-insn "$1" | awk -F'\t' '
        / file format / {
            if (/x86-64|i386/) {
                operand = "%[xyz]?mm[0-9]|%st|%k[0-7]"
                mnemonic = "^(v|f|emms|x?(ld|st)mxcsr|xsave|xrstor)"
            } else {
                operand = "(^|[^a-z0-9])[bhsdqvz][0-9]+([.,}]|]|$)"
                mnemonic = "^f"
            }
        }
        /^[0-9a-f]+ <.*>:$/ { name = $1; gsub(/.*<|>:$/, "", name); kernel = 0 }
        name ~ /^csumoff_(sse2|avx2|avxvnni|avx512|avx512vnni|neon|neonmm)_(sum|copy)/ { kernel = 1 }
        name ~ /^csumoff_crc32c_(vpclmul|sse42)/ { kernel = 1 }
        !kernel && NF > 1 && ($2 ~ mnemonic || $2 ~ operand || $3 ~ operand) {
            print name ": " $2 " " $3
        }'
}

# Which kernels an object has, by their symbols.
kernels_in() {
    nm "$1" | sed -n 's/.* T csumoff_\([a-z0-9]*\)_sum$/\1/p' | sort | tr '\n' ' '
}

# build_objects FLAG...: the library and the glue, as a kernel would.
build_objects() {
    for unity in embed/*_unity.c; do
        $cc "$@" -Iinclude -c "$unity" -o "$dir/$(basename "$unity" _unity.c).o" || return
    done
}

# kept NAME: the objects just built, under a name that none replaces.
kept() {
    mkdir -p "$dir/$1"
    mv "$dir/csumoff.o" "$dir/csumoff_glue.o" "$dir/$1"
}

# without_vectors KERNELS FLAG...: with these flags, nothing but these kernels uses vectors.
without_vectors() {
    kernels=$1
    shift
    build_objects "$@" || return
    [ "$(kernels_in "$dir/csumoff.o")" = "$kernels" ] || { kernels_in "$dir/csumoff.o" && return 1; }
    vector_users "$dir/csumoff.o"
    vector_users "$dir/csumoff_glue.o"
}

# neon_apart GLUE FLAG...: from the folders, all with these flags but NEON's kernel, which alone uses
# vectors then. Leaves the objects in apart/, with an object of the glue, which has no kernels.
neon_apart() {
    mkdir "$dir/apart"
    cp "$1" "$dir/apart"
    shift
    for source in src/*.c src/*/*.c; do
        object=$dir/apart/$(basename "$source" .c).o
        case $source in
        src/neon/*) $cc -O2 -DCSUMOFF_WITH_NEON -Iinclude -c "$source" -o "$object" || return ;;
        *) $cc "$@" -DCSUMOFF_WITH_NEON -Iinclude -c "$source" -o "$object" || return ;;
        esac
        vector_users "$object"
    done
    [ "$(kernels_in "$dir/apart/neon.o")" = 'neon ' ] || echo "no kernel of NEON"
}

# run_every EXIT-CODE LIBRARY FLAG...: tests/shipped/embed/every.c, on a processor without vector unit.
run_every() {
    wanted=$1 library=$2 code=0
    shift 2
    # shellcheck disable=SC2086 # a pattern
    $cc "$@" -ffreestanding -nostdlib -static -Iinclude tests/shipped/embed/every.c $library \
        -o "$dir/every" || return
    # In a shell of its own, which says nothing of how it ended.
    sh -c "$simple $dir/every" >"$dir/every.out" 2>&1 || code=$?
    [ "$code" = "$wanted" ] || { cat "$dir/every.out" && echo "exit code $code" && return 1; }
}

# Public functions that tests/shipped/embed/every.c doesn't call. Names that end in _ are not for callers.
not_called() {
    gcc -shared -fPIC -fvisibility=hidden -Iinclude embed/*_unity.c -o "$dir/all.so"
    # None is compiled into it, or it would not be seen.
    gcc -O0 -DALLOWED=0 -Dalways_inline=noinline -w -ffreestanding -Iinclude -c tests/shipped/embed/every.c -o "$dir/every.o"
    nm -D --defined-only "$dir/all.so" | awk '$3 !~ /_$/ {print $3}' | sort >"$dir/public"
    nm -u "$dir/every.o" | awk '{print $2}' | sort | comm -23 "$dir/public" -
    [ "$(wc -l <"$dir/public")" -gt 30 ]
}

check_registers() {
    compiler "$1"
    flags=-mgeneral-regs-only kernels='scalar ' simple=$emulator
    if [ "$1" = arm64 ]; then
        used=2 # the program's own word: see there
        default=BUILTIN other=CALLER
    else
        kernels='avx2 avx512 avx512vnni avxvnni scalar sse2 '
        default=CALLER other=BUILTIN # src/cpu.h: where there is no SSE
        simple='qemu-x86_64-static -cpu qemu64,-sse,-sse2,-fxsr' used=132 # SIGILL
        # What Linux compiles itself with; the levels are those of the flag that implies these.
        try "SSE left alone" without_vectors "$kernels" -O2 -mno-sse -mno-mmx -msoft-float
    fi
    for level in 2 3 s; do
        case $1$level in clangs | arm64s) continue ;; esac
        try "vector registers left alone" without_vectors "$kernels" -O$level $flags
        kept $default-$level
    done
    try "a compiler that may uses them" test -n "$(build_objects -O3 && vector_users "$dir/csumoff.o")"
    kept vectors
    [ "$1" != gcc ] || try "every public function is called" not_called
    # The program runs at one level: the instructions of the others were looked at. Who tells the CPU
    # concerns the library alone.
    mkdir "$dir/$other-3"
    cp "$dir/$default-3/csumoff_glue.o" "$dir/$other-3"
    try "compiles" "$cc" -O3 $flags -DCSUMOFF_CPU_DETECT_$other -Iinclude -c embed/csumoff_unity.c \
        -o "$dir/$other-3/csumoff.o"
    for limit in CALLER 'CALLER -DALLOWED=0' 'BUILTIN -DALLOWED=0'; do
        # shellcheck disable=SC2086 # several flags
        try "runs without a vector unit" run_every 0 "$dir/${limit%% *}-3/*.o" -O3 $flags \
            -DCSUMOFF_CPU_DETECT_$limit
    done
    try "a vector would be noticed" run_every "$used" "$dir/vectors/*.o" -O3 -DALLOWED=0
    [ "$1" = arm64 ] || return 0
    try "vector registers left alone but by NEON's kernel" neon_apart \
        "$dir/$default-2/csumoff_glue.o" -O2 $flags
    try "NEON's kernel not used under a limit of 0" run_every 0 "$dir/apart/*.o" -O2 $flags -DALLOWED=0
    try "NEON's kernel used otherwise" run_every "$used" "$dir/apart/*.o" -O2 $flags
}

# ---- Microcontrollers -----------------------------------------------------------------------

# A name and the flags of each target. The FPU of an M profile has no NEON.
microcontrollers() {
    cat <<'END'
M0         -mcpu=cortex-m0
M3         -mcpu=cortex-m3
M4F-softfp -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=softfp
M4F        -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
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
    examples/cortex-m/build "$dir/firmware" "$@" && timeout 60 qemu-system-arm -M "$machine" -display none \
        -serial none -monitor none -semihosting-config enable=on,target=native -kernel "$dir/firmware"
}

# Compiles for Arm's M profile, where there is neither an operating system nor a libc, and runs what
# QEMU has a machine for. The only library that is linked is the compiler's libgcc. -ffreestanding
# because the compiler's stdint.h includes a libc's otherwise.
check_microcontrollers() {
    microcontrollers >"$dir/targets"
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
                -ffreestanding -Wall -Wextra -Werror -fsyntax-only -Iinclude src/*.c src/*/*.c glue/*/*.c
            # For size once for v6-M and once for v7-M, which the others extend.
            case $target in M0 | M3) levels='2 s' ;; *) levels=2 ;; esac
            for level in $levels; do
                rm -f "$dir"/*.o "$dir/linked"
                # shellcheck disable=SC2086 # several flags
                try "$what -O$level: compiles" build_objects $flags -O$level -ffreestanding -Wall -Wextra \
                    -Werror
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
    done <"$dir/targets"
    try "runs on a Cortex-M0" firmware microbit -mcpu=cortex-m0
    try "runs on a Cortex-M3" firmware mps2-an385 -mcpu=cortex-m3
    try "runs on a Cortex-M4" firmware mps2-an386 -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
    try "runs on a Cortex-M7" firmware mps2-an500 -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard
    # A Cortex-M0 does not know a Cortex-M4's instructions.
    try "what goes wrong is seen" fails firmware microbit -mcpu=cortex-m4
    for target in msp430 avr; do
        try "refuses an int of 16 bits" refuses 'needs an int of 32 bits' clang --target=$target \
            -ffreestanding -Iinclude -fsyntax-only src/sum.c
    done
}

# fails COMMAND... and refuses TEXT COMMAND...: it has to, saying so.
fails() {
    ! "$@" >"$dir/fails.log" 2>&1
}

refuses() {
    text=$1
    shift
    fails "$@" && grep -q "$text" "$dir/fails.log"
}

# ---- Ways to embed --------------------------------------------------------------------------

# runs PROGRAM: without complaint.
runs() {
    LD_LIBRARY_PATH=$root/lib "$1" >"$1.out"
}

# runs_alone PROGRAM: it knows by itself where its libraries are.
runs_alone() {
    "$1" >"$1.out"
}

quietly() {
    "$@" >"$dir/quietly.log" 2>&1 || { cat "$dir/quietly.log" && return 1; }
}

# moved_package FROM TO: installed in FROM, found in TO by CMake, which has no pkg-config.
moved_package() {
    mv "$1" "$2" || return
    cmake -G Ninja -S examples/cmake -B "$2/build" -DCMAKE_PREFIX_PATH="$2" \
        -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DPKG_CONFIG_EXECUTABLE=/bin/false &&
        cmake --build "$2/build"
}

# Symbols of the shared libraries in a folder, with their kinds and versions.
symbols() {
    for library in csumoff csumoff_glue csumoff_netfront csumoff_virtio csumoff_xen_virtio; do
        nm -D --defined-only "$1/lib$library.so" | sed "s/^[0-9a-f]*/$library/"
    done
}

same_symbols() {
    symbols "$root/lib" >"$dir/meson.symbols"
    symbols "$out/moved/lib" | diff "$dir/meson.symbols" -
    [ "$(wc -l <"$dir/meson.symbols")" -gt 100 ]
}

# The instruction sets that the sources know, against CMake's options, and what these do to the compiler.
cmake_options() {
    grep -oh 'CSUMOFF_NO_[A-Z0-9_][A-Z0-9_]*' src/kernel.h | sort -u >"$dir/known"
    sed -n 's/^foreach(set \(.*\))$/\1/p' CMakeLists.txt | tr ' ' '\n' | sed 's/^/CSUMOFF_NO_/' | sort |
        diff "$dir/known" -
    # shellcheck disable=SC2046 # words
    quietly cmake -S . -B "$dir/options" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCSUMOFF_CPU_DETECT=caller \
        -DCSUMOFF_CRC32C_SMALL=ON $(sed 's/.*/-D&=ON/' "$dir/known") || return
    for flag in $(sed 's/^/-D/' "$dir/known") -DCSUMOFF_CRC32C_SMALL -DCSUMOFF_CPU_DETECT_CALLER -fPIC; do
        ! grep '"command"' "$dir/options/compile_commands.json" | grep -v -e "$flag "
    done
    ! quietly cmake -S . -B "$dir/options" -DCSUMOFF_CPU_DETECT=guess >/dev/null
}

# Built inside of a project, installed from there, moved and found; and what Meson installed likewise.
by_cmake() {
    mkdir "$out/inside"
    cp examples/cmake-subproject/CMakeLists.txt examples/*.c "$out/inside"
    ln -s "$PWD" "$out/inside/csumoff"
    try "cmake sets up" quietly cmake -G Ninja -S "$out/inside" -B "$out/inside/build" -DBUILD_SHARED_LIBS=ON \
        -DCSUMOFF_INSTALL=ON -DCMAKE_INSTALL_PREFIX="$out/there" -DCMAKE_INSTALL_LIBDIR=lib
    try "cmake builds" quietly cmake --build "$out/inside/build"
    try "cmake runs" runs_alone "$out/inside/build/example"
    try "cmake installs" quietly cmake --install "$out/inside/build"
    try "cmake finds it elsewhere" quietly moved_package "$out/there" "$out/moved"
    try "cmake's example runs" runs_alone "$out/moved/build/example"
    found() { PKG_CONFIG_PATH=$out/moved/lib/pkgconfig pkg-config --cflags --libs csumoff_xen_virtio; }
    try "pkg-config finds it" test "$(found | tr -d '\n')" = "-I$out/moved/lib/pkgconfig/../../include \
-L$out/moved/lib/pkgconfig/.. -lcsumoff_xen_virtio -lcsumoff_netfront -lcsumoff_virtio -lcsumoff_glue -lcsumoff "
    try "the symbols of Meson and of CMake" same_symbols
    cp -r "$root" "$out/copy"
    try "cmake finds Meson's" quietly moved_package "$out/copy" "$out/copied"
    try "cmake's example of Meson's runs" runs_alone "$out/copied/build/example"
    try "cmake's options" cmake_options
    try "cmake's versions" quietly cmake -DTEMPLATE="$PWD/packaging/csumoffConfigVersion.cmake.in" \
        -DOUT="$out" -P tests/shipped/embed/versions.cmake
}

# What the firmware's console says of the example application.
uefi() {
    mkdir -p "$dir/esp/EFI/BOOT"
    examples/uefi/build "$dir/esp/EFI/BOOT/BOOTX64.EFI" || return
    timeout 120 qemu-system-x86_64 -machine q35 -cpu max -m 256 -bios /usr/share/ovmf/OVMF.fd \
        -drive format=raw,file=fat:rw:"$dir/esp" -net none -display none -serial stdio -monitor none \
        </dev/null >"$dir/uefi.log" 2>&1
    grep -q 'csumoff: right, by kernel sse2' "$dir/uefi.log" || tail -n 3 "$dir/uefi.log"
}

# For Windows and UEFI, where clang does not say that it is like gcc: no warning, nothing undefined.
for_windows() {
    for unity in csumoff csumoff_glue; do
        # shellcheck disable=SC2086 # a target and flags
        clang --target=$1 -O2 -ffreestanding -Wall -Wextra -Werror -Iinclude -c embed/${unity}_unity.c \
            -o "$dir/$unity.obj" || return
        # 32-bit names have an underscore more. 64-bit Arm's objects nm does not know.
        case $1 in aarch64*) continue ;; esac
        nm -u "$dir/$unity.obj" | awk '$2 !~ /^_?csumoff_/'
    done
}

# The examples, against the library as it is installed or as it lies here. What is installed is built
# without optimization: the ways are what is proved here, and the optimizer is other rows' concern.
# Build systems ask one compiler like the other: gcc is enough for them.
check_embed() {
    CC=$1 root=$PWD/$dir/root out=$PWD/$dir
    PKG_CONFIG_PATH=$root/lib/pkgconfig
    export CC PKG_CONFIG_PATH
    try "sets up" quietly meson setup "$dir/build" --prefix="$root" --libdir=lib \
        -Ddefault_library=both -Dtests=disabled -Dtools=disabled -Dcpu_detect=builtin \
        -Doptimization=0
    try "installs" quietly meson install -C "$dir/build"
    foreign() { nm -D --defined-only "$root"/lib/*.so | awk 'NF == 3 && $2 != "A" && $3 !~ /^csumoff_/'; }
    try "exports csumoff_* only" foreign
    # Shared libraries are executable files, too, and so is a script of Meson's.
    programs() { find "$dir/build" -name meson-private -prune -o -type f -perm -100 ! -name '*.so.*' -print; }
    try "no program is built without tests" programs
    try "soname" quietly sh -c "readelf -d '$root/lib/libcsumoff.so' | grep 'soname.*libcsumoff.so.0'"
    if [ "$1" = clang ]; then
        try "runs under UEFI" uefi
        for target in x86_64-unknown-windows x86_64-pc-windows-gnu i686-pc-windows-msvc aarch64-unknown-windows \
            'x86_64-pc-windows-msvc -march=x86-64-v3 -mpclmul' 'x86_64-pc-windows-msvc -march=icelake-client'; do
            try "compiles for $target" for_windows "$target"
        done
    fi
    for way in amalgamated freestanding pkg-config; do
        try "$way builds" quietly examples/$way/build "$out/$way"
        try "$way runs" runs "$out/$way"
    done
    [ "$1" = gcc ] || return 0
    by_cmake
    mkdir -p "$out/subproject/subprojects/csumoff"
    cp examples/meson-subproject/meson.build examples/*.c "$out/subproject"
    cp -r include src glue packaging meson.build meson_options.txt \
        "$out/subproject/subprojects/csumoff"
    try "subproject builds" quietly sh -c "cd '$out/subproject' && meson setup build && ninja -C build"
    try "subproject runs" runs "$out/subproject/build/example"
}
