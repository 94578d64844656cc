# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2317 # some functions are called by a name in a variable
# Part of ./dev: what ./dev test runs, and how. A job is a row of configurations() or of checks();
# it leaves in build/test, under its name: a build, a log, counts, what failed, what was skipped.

# One row per run: name, compiler (or Debian's name of another architecture), CPU (QEMU's name of
# an older one), effort (quick: the suites' reduced sweep; full: once, with all that can be built),
# suites (-: all of the library and the glue; +: the command and the fuzzers' corpora, too), the
# kernels that must be exercised (host: all that /proc/cpuinfo allows; !name: must not be), meson
# options. Longest first. Rows of one compiler and the same options share a build, and run one after
# the other.
# Older CPUs, Arm, and a caller that tells the CPU: what depends on them. That is the choice of
# kernels and the arithmetic; packets know no CPU, but the order of bytes and the size of addresses:
# big-endian and x86-32 run all there is, at -O1, which compiles the suites in half of -O3's time.
# O0: the same, too, by clang of the kernels alone; that all the rest compiles without optimization
# is proved by freestanding. What clang makes of packets and glue, sanitizers runs.
# sanitizers: addresses, what is undefined, and what isn't but is never meant, except for what
# tests/quality/wraps.txt lists. msan: without Check, which isn't instrumented: the plain sweeps, and the
# corpora of the fuzzers.
# x86-32-old has its own detection: cpu_features reads SSE2 from /proc/cpuinfo, which isn't emulated.
configurations() {
    arithmetic=kernels,dispatch,sums,crc32c
    cat <<END
O3            gcc      host           full   +                 host
conroe        gcc      Conroe         quick  $arithmetic       sse2,scalar,!avx2
haswell       gcc      Haswell        quick  kernels,dispatch  avx2,sse2,scalar
no-xsave      gcc      Haswell,-xsave quick  kernels,dispatch  sse2,scalar,!avx2
sanitizers    clang    host           quick  +                 host              -Doptimization=1 -Ddebug=true -Db_ndebug=false -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=['-fno-sanitize-recover=all','-fsanitize=integer','-fsanitize=implicit-conversion','-fsanitize=nullability','-fsanitize=local-bounds','-fsanitize-ignorelist=$PWD/tests/quality/wraps.txt']
big-endian    s390x    -              quick  -                 vx,scalar         -Dcpu_detect=builtin -Doptimization=1 -Dc_args=-march=z13
arm64         arm64    -              quick  $arithmetic,crc32c_choice,selftest,threads neonmm,neon,scalar
armv7         armhf    -              quick  $arithmetic,crc32c_choice,selftest,threads neon,scalar -Doptimization=2
x86-32        i386     max            quick  -                 avx2,sse2,scalar  -Doptimization=1
msan          clang    host           quick  +                 host              -Dtests=plain -Dtools=disabled -Dcpu_detect=builtin -Doptimization=1 -Ddebug=true -Db_ndebug=false -Db_sanitize=memory -Db_lundef=false -Dc_args=['-fno-sanitize-recover=all','-fsanitize-ignorelist=$PWD/tests/quality/msan.txt']
O2            gcc      host           quick  $arithmetic       host              -Doptimization=2 -Dcpu_detect=builtin
nehalem       gcc      Nehalem        quick  $arithmetic       sse2,scalar,!avx2 -Doptimization=2 -Dcpu_detect=builtin
no-xsave-bi   gcc      Haswell,-xsave quick  kernels,dispatch  sse2,scalar,!avx2 -Doptimization=2 -Dcpu_detect=builtin
native        gcc      host           quick  $arithmetic       host              -Dc_args=-march=native
O2-native     clang    host           quick  $arithmetic       host              -Doptimization=2 -Dc_args=-march=native
O3            clang    host           quick  $arithmetic       host
O0            gcc      host           quick  $arithmetic       host              -Doptimization=0 -Db_ndebug=false
O0            clang    host           quick  kernels,crc32c    host              -Doptimization=0 -Db_ndebug=false
caller        gcc      host           quick  $arithmetic,crc32c_choice,selftest,threads avxvnni,avx2,scalar -Dcpu_detect=caller
x86-32-old    i386     pentium3       quick  kernels,dispatch  scalar,!sse2      -Dcpu_detect=builtin
armv7-neon    armhf    -              quick  kernels,dispatch  neon,scalar       -Dcpu_detect=builtin -Dc_args=-mfpu=neon
riscv64       riscv64  rv64,v=true,vext_spec=v1.0,vlen=128 quick - rvv,scalar  -Dcpu_detect=caller
riscv64-512   riscv64  rv64,v=true,vext_spec=v1.0,vlen=512 quick - rvv,scalar  -Dcpu_detect=caller
ppc64le       ppc64el  -              quick  kernels,dispatch,sums vmx,scalar   -Doptimization=2
ppc64         ppc64    -              quick  -                 vmx,scalar        -Dcpu_detect=auto -Doptimization=2 -Dc_args=-mcpu=power7
tsan          gcc      host           quick  threads           -                 -Doptimization=1 -Ddebug=true -Db_sanitize=thread
END
}

# What needs no meson build: name, and compiler (or as above). The rest is in
# tests/shipped/embed/checks.sh, tests/shipped/package/checks.sh and tests/shipped/languages/checks.sh.
checks() {
    cat <<'END'
xen           gcc
proofs        clang
oss_fuzz      clang
microcontrollers  arm-none-eabi
amalgamation  i386
amalgamation  gcc
amalgamation  clang
amalgamation  arm64
registers     gcc
registers     clang
registers     arm64
package       gcc
freestanding  gcc
freestanding  clang
embed         gcc
embed         clang
languages     gcc
wasm          clang
harmless      gcc
headers       gcc
headers       clang
example       gcc
example       clang
END
}

# Rows that only ./dev test all runs: each is another row but for one circumstance, and hardly ever
# the one that notices a mistake.
seldom() {
    cat <<'END'
nehalem gcc
no-xsave-bi gcc
O2-native clang
armv7-neon armhf
oss_fuzz clang
amalgamation clang
registers clang
END
}

# Of the rows on stdin those that run_test runs, where it leaves some out; elsewhere all.
wanted() {
    if [ "${leaves_out:-}" ]; then
        awk -v seldom="$(seldom | tr '\n' ,)" '!index("," seldom, "," $1 " " $2 ",")'
    else
        cat
    fi
}

# The kernels this machine must use, by what the system says of its CPU, not by our own detection.
host_kernels() {
    flags=" $(sed -n '/^flags/{s/.*: //p;q;}' /proc/cpuinfo) "
    has() {
        for flag; do
            case $flags in *" $flag "*) ;; *) return 1 ;; esac
        done
    }
    case $(uname -m) in
    x86_64)
        has avx512f avx512bw avx512vl bmi2 avx512_vnni && printf 'avx512vnni '
        has avx512f avx512bw avx512vl bmi2 && printf 'avx512 '
        has avx2 avx_vnni && printf 'avxvnni '
        has avx2 && printf 'avx2 '
        echo sse2 scalar
        ;;
    aarch64) echo neon scalar ;;
    *) echo scalar ;;
    esac
}

# Reads meson's testlog.txt; prints "passed failed skipped". What failed goes to FAILURES, each
# suite with its output but for what passed. A suite without TAP counts as one test. Under Check a
# skipped test passes and says "# SKIP"; a kernel that can't run here isn't a test of Check's.
tally() {
    awk -v failures="$1" -v kernels="$2" '
        function close_test() {
            if (name == "") return
            bad = result !~ /^exit status (0|77)$/
            if (ok + no + skip == 0) {
                if (bad) no = 1; else if (result ~ /77/) skip = 1; else ok = 1
            } else if (bad && !no) no = 1
            if (no) printf "%s", block >failures
            passed += ok; failed += no; skipped += skip
            name = ""
        }
        /^test: / { close_test(); name = $2; block = ""; ok = no = skip = 0 }
        /^result: / { result = $0; sub(/^result: */, "", result) }
        /^ok .*# *[Ss][Kk][Ii][Pp]/ || /^1\.\.0 .*[Ss][Kk][Ii][Pp]/ { skip++; next }
        /^# SKIP kernel / { skip += kernels; next }
        /^# SKIP / { skip++; ok--; next }
        /^ok / { ok++; next }
        /^not ok / { no++ }
        /^Summary of Failures|^Ok: / { close_test() }
        /^(===|---|start time:|duration:|$)/ { next }
        { block = block $0 "\n" }
        END { close_test(); print passed + 0, failed + 0, skipped + 0 }'
}

row() {
    printf '%-16s %-13s %-35s %7s %7s %8s %6s\n' "$@"
}

# shellcheck source=tests/shipped/embed/checks.sh
. tests/shipped/embed/checks.sh
# shellcheck source=tests/shipped/embed/pairs.sh
. tests/shipped/embed/pairs.sh
# shellcheck source=tests/shipped/package/checks.sh
. tests/shipped/package/checks.sh
# shellcheck source=tests/shipped/package/releases.sh
. tests/shipped/package/releases.sh
# shellcheck source=tests/shipped/languages/checks.sh
. tests/shipped/languages/checks.sh
# shellcheck source=tests/shipped/wasm/checks.sh
. tests/shipped/wasm/checks.sh

# Debian's packages for one of these architectures, where COMPILER is its name; once.
cross='arm64 armhf i386 ppc64el s390x'
fetch_for() {
    case " $cross " in *" $1 "*) logged "fetch-$1" tests/shipped/cross/fetch "$1" ;; esac
}

# Runs row NAME COMPILER of the tables: one line on stdout, counts in build/test/ID.count, and what
# failed in build/test/ID.failures.
run_job() {
    # A folder is named after the row, and it is removed. So no other row is taken.
    known=$({ configurations && checks; } | while read -r name compiler _; do
        [ "$name $compiler" != "$*" ] || echo yes
    done)
    if [ $# != 2 ] || [ -z "$known" ]; then die "no such row: $*"; fi
    need test
    mkdir -p build/test
    fetch_for "$2"
    id=$1-$2 start=$(date +%s)
    dir=build/test/$id log=build/test/$id.log failures=build/test/$id.failures
    rm -f "build/test/$id.count" "$failures"
    if line=$(configurations | grep "^$1 *$2 "); then
        # shellcheck disable=SC2086 # fields
        set -- $line
        name=$1 compiler=$2
        suite "$@"
    else
        name=$1 compiler=$2 exercised=- passed=0 failed=0 skipped=0
        rm -rf "$dir"
        mkdir -p "$dir"
        "check_$1" "$2" >"$log" 2>&1
    fi
    echo "$passed $failed $skipped" >"build/test/$id.count" # dir may be another row's: set_up
    [ "$failed" = 0 ] || [ -s "$failures" ] || tail -n 60 "$log" >"$failures"
    row "$name" "$compiler" "$exercised" "$passed" "$failed" "$skipped" "$(($(date +%s) - start))s"
}

# The rows of one build, on a line each: that of the first row names it.
builds() {
    configurations | wanted | awk '
        {
            key = $2
            for (i = 7; i <= NF; i++) key = key " " $i
            if (!(key in rows)) order[++n] = key
            rows[key] = rows[key] (rows[key] ? " " : "") $1 " " $2 # xargs: no blank at the end
        }
        END { for (i = 1; i <= n; i++) print rows[order[i]] }'
}

suite() {
    tree=build/test/$(builds | awk -v row=" $1 $2 " 'index(" " $0 " ", row) { print $1 "-" $2 }')
    cc=$2 cpu=$3 effort=$4 suites=$5 expected=$6 wrapper=''
    shift 6
    case $cc in
    gcc | clang) ;;
    *)
        # The cross file can't know where it lies: "root" is the constant it builds its paths on.
        printf "[constants]\nroot = '%s'\n" "$PWD/build/cross/$cc" >"$tree.root"
        set -- --cross-file "$tree.root" --cross-file "tests/shipped/cross/$cc.txt" -Dtools=disabled "$@"
        cc=gcc # for programs that run while building
        ;;
    esac
    # Debian 12 has no Check for these: a plain runner of the same sweeps remains.
    case $compiler in riscv64 | ppc64) ;; *) set -- -Dtests=enabled "$@" ;; esac
    # Where cpu_features is missing, a row that is meant to prove it fails.
    case " $*" in *' -Dcpu_detect='*) ;; *) set -- -Dcpu_detect=cpu_features "$@" ;; esac
    passed=0 failed=1 skipped=0 exercised=-
    # Only what a row runs is built for it; all there is, once.
    set_up=set_up
    [ "$effort" != full ] || set_up=build
    $set_up "$tree" "$cc" "$@" >"$log" 2>&1 || return 0

    set -- # for meson test
    must=$(echo "$expected" | tr , '\n' | grep -v '^[!-]' | tr '\n' ' ')
    never=$(echo "$expected" | tr , '\n' | sed -n 's/^!//p')
    kernels=0
    [ "$expected" != host ] || must=$(host_kernels) kernels=1
    case $cpu in
    host)
        # The shadow memory of older sanitizers has no room where addresses are too random.
        wrapper=$(setarch -R true 2>/dev/null && echo setarch -R)
        ;;
    *)
        # The other architectures' cross files name their emulator. Python needn't be emulated.
        [ "$compiler" != gcc ] || wrapper=qemu-x86_64-static
        ;;
    esac
    # The kernel judges once, as a guest's peer, too; it is no other for other compilers.
    case $effort$suites in
    full*) ;;
    *+) set -- --no-suite kernel --no-suite lwip --no-suite unikernel ;;
    *) set -- --suite library --suite glue ;;
    esac
    suites=$(echo "${suites#[-+]}" | tr , ' ')
    case $cpu in host | -) unset QEMU_CPU ;; *) export QEMU_CPU="$cpu" ;; esac
    rm -f "$tree/meson-logs/$id"*
    # shellcheck disable=SC2086 # words, or none
    CSUMOFF_EXPECT_KERNELS=$must CSUMOFF_TEST_EFFORT=$effort CSUMOFF_TEST_ROW="$name $compiler" \
        meson test -C "$tree" --logbase "$id" --num-processes 1 --wrapper "$wrapper" "$@" $suites \
        >>"$log" 2>&1 && status=0 || status=1
    testlog=$(echo "$tree/meson-logs/$id"*.txt) # its name has the wrapper's in it
    [ -r "$testlog" ] || return 0
    # shellcheck disable=SC2046 # three words
    set -- $(tally "$failures" "$kernels" <"$testlog")
    passed=$1 failed=$2 skipped=$3
    # Kernels that an emulated CPU can't run are not skipped: that is what these rows are for.
    sed -n "$([ $kernels = 1 ] || echo '/# SKIP kernel/d;')s/.*# SKIP //p" "$testlog" >"build/test/$id.skipped"
    exercised=$(sed -n 's/^# kernels exercised: //p' "$testlog" | head -n 1)
    case " $exercised " in *" ${never:-no such kernel} "*)
        echo "$never was used, which this CPU can't run" >>"$failures"
        failed=$((failed + 1))
        ;;
    esac
    # What meson alone saw (a broken plan, a timeout), or that nothing ran at all.
    if [ "$failed" = 0 ] && { [ "$status" = 1 ] || [ "$((passed + skipped))" = 0 ]; }; then
        failed=1
    fi
    for kernel in $exercised; do
        how=$(sed -n "s/^# $kernel: executed //p" "$testlog" | head -n 1)
        [ "$how" ] || case $compiler$cpu in gcchost | clanghost) how=natively ;; *) how='by QEMU' ;; esac
        echo "$kernel $how"
    done >"build/test/$id.kernels"
    exercised=${exercised:--}
}

# For each kernel how the rows have executed it.
executed() {
    sed -n 's/^CSUMOFF_KERNEL(\([a-z0-9]*\),.*/\1/p' src/kernels.def | while read -r kernel; do
        how=$(cat build/test/*.kernels 2>/dev/null | sed -n "s/^$kernel //p" | sort -u | paste -sd,)
        echo "kernel $kernel: ${how:-nowhere, for no CPU here has it}"
    done
}

# try TITLE COMMAND...: one test; whatever it prints counts as failure, too.
try() {
    title=$1
    shift
    if output=$("$@" 2>&1) && [ -z "$output" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: %s\n%s\n' "$title" "$*" "$output" | tee -a "$failures"
    fi
}

# The statements alone, and shorter loops; ./dev prove plants a bug for each, too.
check_proofs() {
    nice tests/quality/proofs/prove --no-controls >"$dir/proofs" 2>&1 || tee -a "$failures" <"$dir/proofs"
    passed=$(grep -cE '^(unsat|weighed) ' "$dir/proofs") || true
    failed=$(tail -n 1 "$dir/proofs" | sed -n 's/.* \([0-9]*\) wrong$/\1/p')
    failed=${failed:-1}
}

# For a guest without a libc: optimized, the library refers to nothing outside itself, whether the
# compiler was told that there is none or not; else it may call memcpy(). "Compile every .c" into one
# directory with README's flags, without a global symbol that lacks the prefix; as one source, which
# compiles in half the time, with the others: with all of them by gcc, which is where most are.
check_freestanding() {
    compiler "$1"
    try "compiles without a C library's headers" without_headers "$1"
    for source in src/*.c src/*/*.c glue/*/*.c; do
        object=$dir/$(basename "$source" .c).o
        [ ! -e "$object" ] || try "two sources make the same object" false "$source"
        try "compiles" "$1" -O2 -Iinclude -c "$source" -o "$object"
    done
    foreign() { nm -g --defined-only "$dir"/*.o | awk 'NF == 3 && $3 !~ /^csumoff_/'; }
    try "global symbols begin with csumoff_" foreign
    links -O2
    for flags in -O0 -O1 -O3 -Os '-O2 -ffreestanding'; do
        case $1$flags in clang-O1 | clang-O3) continue ;; esac
        rm "$dir"/*.o
        # shellcheck disable=SC2086 # several flags
        try "compiles $flags" build_objects $flags
        links "$flags"
    done
}

# What the objects, compiled with these flags, refer to, and how much stack they take.
links() {
    try "links $1" ld -r -o "$dir/all.ro" "$dir"/*.o
    try "nothing undefined $1" undefined "$dir/all.ro" "$([ "$1" != -O0 ] || echo memcpy)"
    # At -O0 each value of an intrinsic has a place of its own.
    # shellcheck disable=SC2086 # several flags
    [ "$1" = -O0 ] || try "little stack $1" little_stack $1
}

# Kernels of operating systems have no headers but the compiler's own.
without_headers() {
    own=$("$1" -print-file-name=include)
    for unity in embed/csumoff_unity.c embed/csumoff_glue_unity.c; do
        "$1" -Wall -Wextra -Werror -nostdinc -isystem "$own" -Iinclude \
            -DCSUMOFF_TYPES_H="\"$PWD/tests/shipped/embed/types.h\"" -fsyntax-only "$unity" || return
    done
}

little_stack() {
    $cc "$@" -Iinclude tests/shipped/embed/stack.c "$dir/all.ro" -pthread -o "$dir/stack" || return
    "$dir/stack" >"$dir/stack.out" || { cat "$dir/stack.out" && return 1; }
}

check_headers() {
    for header in include/*.h; do
        for standard in c99 gnu99 c11 gnu11 c17 gnu17 c2x gnu2x c++11 gnu++11 c++20; do
            # g++ never takes a cast inside of extern "C" for one of old style; clang does.
            case $standard in
            *++*) language=c++ only=-Wold-style-cast ;;
            *) language=c only= ;;
            esac
            # shellcheck disable=SC2086 # none, or one
            try "alone as $standard" "$1" -x $language -std=$standard -pedantic-errors -Wall \
                -Wextra -Wconversion -Wshadow $only -Werror -fsyntax-only -Iinclude \
                -include "$header" /dev/null
        done
    done
    # In C++ a function hides a type of the same name from who does not write struct or enum.
    hidden_types() {
        grep -ohE '(struct|enum) csumoff_[a-z0-9_]+' include/*.h | sed 's/.* //' | sort -u >"$dir/types"
        grep -ohE 'csumoff_[a-z0-9_]+\(' include/*.h | tr -d '(' | sort -u | comm -12 "$dir/types" -
        [ "$(wc -l <"$dir/types")" -gt 20 ]
    }
    try "no type shares its name with a function" hidden_types
    # githedgehog/dataplane PR 1733: a status that nobody looks at.
    status_of_no_concern() { ! grep -n '^CSUMOFF_API int' include/*.h; }
    try "each status has to be looked at" status_of_no_concern
    echo '#include <csumoff.h>
        void f(void *p) { TAKEN csumoff_finish(p, 40, 20, 16); }' >"$dir/status.c"
    status() { "$compiler" -Werror -Iinclude -DTAKEN="$1" -c "$dir/status.c" -o "$dir/status.o"; }
    ignored_status() { ! status '' 2>/dev/null; }
    try "a status that is looked at compiles" status '(void)!'
    try "an ignored status does not compile" ignored_status
    # What was received is not what is wanted of a frame that is sent.
    echo '#include <csumoff_glue.h>
        void f(struct csumoff_hint *hint, struct csumoff_rx *rx, struct csumoff_adjust *how);
        void f(struct csumoff_hint *hint, struct csumoff_rx *rx, struct csumoff_adjust *how)
        { hint->want = CSUMOFF_TX_SEEDED; rx->state = CSUMOFF_PARTIAL; how->state = rx->state;
          TAKEN; }' >"$dir/want.c"
    want() {
        case $1 in c) fatal=-Werror ;; *) fatal= ;; esac
        # shellcheck disable=SC2086 # none, or one
        "$compiler" -x "$1" -Wall -Wextra $fatal -Iinclude -DTAKEN="$2" -fsyntax-only "$dir/want.c"
    }
    mixed() { ! want "$1" "$2" 2>/dev/null; }
    for language in c c++; do
        try "a wish in $language compiles" want $language '*hint = csumoff_forward(rx)'
        for taken in 'hint->want = rx->state' 'hint->want = CSUMOFF_PARTIAL' \
            'rx->state = hint->want' 'how->state = hint->want' 'how->state = CSUMOFF_TX_AS_IS'; do
            try "no state for a wish in $language: $taken" mixed $language "$taken"
        done
    done
}

# The netfront against Xen's backend, in an emulated machine. Its tests count one by one. Fewer random
# frames and shorter streams than ./dev xen.
check_xen() {
    (CSUMOFF_TEST_EFFORT=quick && export CSUMOFF_TEST_EFFORT && xen_tap) >"$dir/tap" && status=0 || status=1 # it builds: variables of its own
    cat "$dir/tap"
    # shellcheck disable=SC2046 # three words
    set -- $({
        echo "test: xen"
        echo "result: exit status $status"
        cat "$dir/tap"
        echo "Ok:"
    } | tally "$failures" 0)
    passed=$1 failed=$2 skipped=$3
    sed -n 's/.*# SKIP //p' "$dir/tap" >"build/test/$id.skipped"
}

# The examples of the documentation, as a stranger would build them; README's is a whole program.
check_example() {
    for page in README.md docs/*.md; do
        example=$dir/$(basename "$page" .md)
        awk -f tests/shipped/example.awk "$page" >"$example.c"
        [ -s "$example.c" ] || continue
        try "$page compiles" "$1" -Iinclude -c "$example.c" -o "$example.o"
    done
    run_example() { "$dir/README" >&3; }
    try "README.md links" "$1" -o "$dir/README" "$dir/README.o" -Iinclude src/*.c src/*/*.c
    try "README.md runs" run_example 3>"$dir/README.out"
}

# As OSS-Fuzz would build and try the fuzzers.
check_oss_fuzz() {
    sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all'
    mkdir "$dir/src" "$dir/out" "$dir/work"
    build_all() {
        CC=$1 CXX=$1++ CFLAGS="-O1 $sanitize -fsanitize=fuzzer-no-link" CXXFLAGS=$sanitize \
            LIB_FUZZING_ENGINE=-fsanitize=fuzzer SRC=$PWD/$dir/src OUT=$PWD/$dir/out \
            WORK=$PWD/$dir/work fuzz/oss-fuzz/build.sh >&3 2>&3
    }
    run_some() {
        python3 -m zipfile -e "$dir/out/$1_seed_corpus.zip" "$dir/$1.seeds"
        "$dir/out/$1" -runs=1000 -seed=1 "$dir/$1.seeds" >"$dir/$1.out" 2>&1 || cat "$dir/$1.out"
        grep -q '^Done [0-9]* runs' "$dir/$1.out"
    }
    try "builds" build_all "$1" 3>"$dir/build.out"
    for corpus in fuzz/corpus/*; do
        target=fuzz_$(basename "$corpus")
        try "$target runs from its seeds" run_some "$target"
    done
    [ "$failed" = 0 ] || cat "$dir/build.out"
}

run_test() {
    [ "$(uname -m)" = x86_64 ] || die "this matrix is one of an x86-64 machine; elsewhere: meson test"
    need test
    case ${1:-} in
    '') leaves_out=yes ;;
    all) leaves_out='' ;;
    *) die "usage: ./dev test [all]" ;;
    esac
    mkdir -p build/test
    rm -f build/test/*.count build/test/*.failures build/test/*.skipped \
        build/test/*.kernels
    start=$(date +%s)
    # Before any row, two of which may want the same. Networks are slower than these are many. A row
    # tries again what couldn't be had, and says so.
    for arch in $cross; do
        fetch_for "$arch" &
    done
    wait
    row configuration compiler 'kernels exercised' passed failed skipped time
    # shellcheck disable=SC2016 # another shell's arguments
    { builds && checks | wanted; } | xargs -P "$(nproc)" -L 1 \
        sh -c 'while [ $# != 0 ]; do ./dev job "$1" "$2"; shift 2; done' sh || true

    executed
    sed -n 's/^# \(.*judged.*\)/\1/p' build/test/O3-gcc/meson-logs/O3-gcc*.txt 2>/dev/null
    cat build/test/*.skipped 2>/dev/null | sort | uniq -c |
        sed 's/^ *\([0-9]*\) /skipped, \1 times: /'
    for failures in build/test/*.failures; do
        [ -e "$failures" ] || continue
        printf '\n---- failed: %s\n' "$(basename "$failures" .failures)"
        cat "$failures"
    done
    jobs=$({ configurations && checks; } | wanted | wc -l)
    [ -z "$leaves_out" ] || echo "left out, see ./dev test all: $(seldom | paste -sd,)"
    echo
    echo "$(($(date +%s) - start)) seconds; logs: build/test/*.log"
    cat build/test/*.count | awk -v jobs="$jobs" '
        { passed += $1; failed += $2; skipped += $3 }
        END {
            failed += jobs - NR # one that left no counts
            printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
            exit failed > 0
        }'
}
