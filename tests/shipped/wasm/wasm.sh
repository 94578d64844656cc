# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# the row wasm, the library in an engine of WebAssembly (node's V8),
# with WebAssembly's vectors and without.
#
# Reading or writing outside of the data is found in two ways. WebAssembly has no guard pages, but
# an access outside of its memory is a fault: wasm_ends. wasm128 is GNU C that any compiler takes,
# so it also runs natively between guard pages: wasm_guard_pages.

# wasm_library PART FLAG...: compiles the library or the glue as for a program without a C library.
wasm_library() {
    part=$1
    shift
    clang --target=wasm32 -O2 -ffreestanding -Wall -Wextra -Werror "$@" -Iinclude \
        -c "embed/${part}_unity.c" -o "$dir/$part.o"
}

# wasm_sweep KERNELS: sweeps these kernels, which must be all that there are.
wasm_sweep() {
    clang --target=wasm32-wasi "$dir"/sweeps/*.o "$dir/csumoff.o" -o "$dir/sweep.wasm" || return
    CSUMOFF_EXPECT_KERNELS=$1 CSUMOFF_TEST_EFFORT=quick \
        node tests/shipped/wasm/run.mjs "$dir/sweep.wasm" >"$dir/sweep.out" 2>&1 ||
        { cat "$dir/sweep.out" && return 1; }
    sed -n 's/.*# SKIP //p' "$dir/sweep.out" >>"$dir/skipped"
    grep -qx "# kernels exercised: $1" "$dir/sweep.out" || cat "$dir/sweep.out"
}

# wasm_ends KERNELS: sums and copies the first and the last bytes of a memory.
wasm_ends() {
    kernels=$1
    set -- --export=csumoff_kernel_active --export=csumoff_cpu_limit
    for kernel in $kernels; do
        set -- "$@" "--export=csumoff_${kernel}_sum_" "--export=csumoff_${kernel}_copy_"
    done
    wasm-ld --no-entry --global-base=4096 "$@" "$dir/csumoff.o" -o "$dir/ends.wasm" || return
    # shellcheck disable=SC2086 # words
    node tests/shipped/wasm/ends.mjs "$dir/ends.wasm" $kernels >"$dir/ends.out" 2>&1 ||
        { cat "$dir/ends.out" && return 1; }
    grep -q '^[1-9][0-9]* checks$' "$dir/ends.out" || cat "$dir/ends.out"
}

# wasm_nothing_undefined: links the library and the glue, parts that nobody refers to included.
wasm_nothing_undefined() {
    wasm-ld --no-entry --no-gc-sections "$dir/csumoff.o" "$dir/csumoff_glue.o" -o "$dir/all.wasm"
}

wasm_guard_pages() {
    clang -O1 -DCSUMOFF_WASM_SIMD128 -DCSUMOFF_NO_AVX512 -DCSUMOFF_NO_AVX2 -DCSUMOFF_NO_SSE2 \
        -Iinclude tests/library/plain_sweep.c tests/oracle/sweep.c \
        tests/oracle/support.c tests/oracle/reference.c embed/csumoff_unity.c \
        -o "$dir/native" || return
    "$dir/native" wasm128 guard_pages >"$dir/native.out" 2>&1 ||
        { cat "$dir/native.out" && return 1; }
    grep -q '^ok [0-9]* - wasm128:guard_pages$' "$dir/native.out" || cat "$dir/native.out"
}

# wasm_left_out: the opt-out leaves nothing of the kernel.
wasm_left_out() {
    clang --target=wasm32 -ffreestanding -msimd128 -DCSUMOFF_NO_WASM128 -Iinclude -E \
        embed/csumoff_unity.c -o "$dir/left_out.i" && ! grep wasm128_ "$dir/left_out.i"
}

# wasm_bench: bench/wasm.mjs runs; what it measures in so short a time is of no concern.
wasm_bench() {
    clang --target=wasm32 -msimd128 -O3 -ffreestanding -nostdlib -Wall -Wextra -Werror -Iinclude \
        -Wl,--no-entry -Wl,--initial-memory=4194304 bench/wasm.c "$dir/csumoff.o" \
        -o "$dir/bench.wasm" || return
    node bench/wasm.mjs "$dir/bench.wasm" 1 >"$dir/bench.out" 2>&1 ||
        { cat "$dir/bench.out" && return 1; }
    grep -q '^wasm128 *[0-9]' "$dir/bench.out" || cat "$dir/bench.out"
}

check_wasm() {
    mkdir "$dir/sweeps"
    for source in library/plain_sweep oracle/sweep oracle/support oracle/reference; do
        try "compiles" clang --target=wasm32-wasi -O2 -Wall -Wextra -Werror -Iinclude \
            -c "tests/$source.c" -o "$dir/sweeps/${source#*/}.o"
    done
    for flag in -mno-simd128 -msimd128; do
        kernels=scalar
        [ $flag = -mno-simd128 ] || kernels='wasm128 scalar'
        try "compiles $flag" wasm_library csumoff $flag
        try "sweeps $flag" wasm_sweep "$kernels"
        try "ends of the memory $flag" wasm_ends "$kernels"
    done
    exercised=$(sed -n 's/^# kernels exercised: //p' "$dir/sweep.out")
    try "compiles" wasm_library csumoff_glue
    try "nothing undefined" wasm_nothing_undefined
    try "guard pages" wasm_guard_pages
    try "no wasm128" wasm_left_out
    try "measures" wasm_bench
    while read -r why; do
        skip "a sweep" "$why"
    done <"$dir/skipped"
    echo "# kernels exercised: $exercised"
    for kernel in $exercised; do
        echo "# $kernel: executed by node"
    done
    [ "$failed" != 0 ] || echo "# wasm128: executed natively between guard pages"
}
