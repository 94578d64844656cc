# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# No vector register is used where none may be.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# kernels_of ARCHITECTURE: names of the kernels that kernels.def has for it, X86 for instance, and
# of scalar; '': of all.
kernels_of() {
    awk -v wanted="CSUMOFF_$1" '
        /^#if/ { other = !index($0, wanted) }
        /^#endif/ { other = 0 }
        /^CSUMOFF_KERNEL/ && !other { gsub(/.*\(|,.*/, ""); print }' src/kernels.def
}

# vector_users OBJECT: its functions, but for the kernels that are made of them, with an instruction
# that reads or writes a register of the vector unit or the FPU.
vector_users() {
    objdump=$(case $cc in *-gcc) echo "${cc%gcc}objdump" ;; *) echo objdump ;; esac)
    vectors=$(kernels_of '' | grep -v scalar | paste -sd'|')
    $objdump -d --no-show-raw-insn "$1" | awk -F'\t' -v vectors="$vectors" '
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
        name ~ "^csumoff_(" vectors ")_(sum|copy)" { kernel = 1 }
        name ~ /^csumoff_crc32c_(vpclmul|sse42)/ { kernel = 1 }
        !kernel && NF > 1 && ($2 ~ mnemonic || $2 ~ operand || $3 ~ operand) {
            print name ": " $2 " " $3
        }'
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
    [ "$(kernels_in "$dir/csumoff.o")" = "$kernels" ] ||
        { kernels_in "$dir/csumoff.o" && return 1; }
    vector_users "$dir/csumoff.o"
    vector_users "$dir/csumoff_glue.o"
}

# neon_apart GLUE FLAG...: from the folders, all with these flags but NEON's kernel, which alone
# uses vectors then. Leaves the objects in apart/, with an object of the glue, which has no kernels.
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

# run_every EXIT-CODE LIBRARY FLAG...: every.c, on a processor without vector unit.
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

# Public functions that every.c doesn't call. Names that end in _ are not for callers.
not_called() {
    gcc -shared -fPIC -fvisibility=hidden -Iinclude embed/*_unity.c -o "$dir/all.so"
    # None is compiled into it, or it would not be seen.
    gcc -O0 -DALLOWED=0 -Dalways_inline=noinline -w -ffreestanding -Iinclude \
        -c tests/shipped/embed/every.c -o "$dir/every.o"
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
        kernels=$(kernels_of X86 | sort | tr '\n' ' ')
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
    try "a compiler that may uses them" \
        test -n "$(build_objects -O3 && vector_users "$dir/csumoff.o")"
    kept vectors
    [ "$1" != gcc ] || try "every public function is called" not_called
    # The program runs at one level: the instructions of the others were looked at. Who tells the
    # CPU concerns the library alone.
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
    try "NEON's kernel not used under a limit of 0" \
        run_every 0 "$dir/apart/*.o" -O2 $flags -DALLOWED=0
    try "NEON's kernel used otherwise" run_every "$used" "$dir/apart/*.o" -O2 $flags
}
