# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2317 # some functions are called by a name in a variable
# Part of ./dev: what ./dev test runs, and how. A job is a row of matrix.txt or of checks.txt;
# it leaves in build/test, under its name: a build, a log, counts, what failed, what was skipped.

# shellcheck source=scripts/machines.sh
. scripts/machines.sh

# The rows of matrix.txt, on a line each, without "when": NAME COMPILER CPU EFFORT SUITES KERNELS
# OPTION... What ./dev test leaves out is left out here, too.
configurations() {
    awk -v all="${leaves_out:+no}" -v root="$PWD" '
        function close_row() {
            if (args) row = row " -Dc_args=[" args "]"
            if (row && !(all && when == "all")) print row
            row = args = ""
        }
        /^#/ || !NF { next }
        /^@/ { for (name in named) gsub(name, named[name], $3); named[$1] = $3; next }
        { gsub("@root@", root); for (name in named) gsub(name, named[name]) }
        /^[^ ]/ { close_row(); when = $3; row = $1 " " $2 " " $4 " " $5 " " $6 " " $7; next }
        $1 == "c_args:" { args = args (args ? "," : "") "\047" $2 "\047"; next }
        { row = row " " $1 }
        END { close_row() }' scripts/matrix.txt
}

# The rows of checks.txt, likewise: NAME COMPILER.
checks() {
    awk -v all="${leaves_out:+no}" '!/^#/ && NF && !(all && $3 == "all") { print $1, $2 }' \
        scripts/checks.txt
}

# The rows that ./dev test leaves out.
left_out() {
    awk '/^[a-zA-Z]/ && $3 == "all" { print $1, $2 }' scripts/matrix.txt scripts/checks.txt
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

# Runs row NAME COMPILER of the tables: one line on stdout, counts in build/test/ID.count, and what
# failed in build/test/ID.failures.
run_job() {
    # A folder is named after the row, and it is removed. So no other row is taken.
    known=$({ configurations && checks; } | while read -r name compiler _; do
        [ "$name $compiler" != "$*" ] || echo yes
    done)
    if [ $# != 2 ] || [ -z "$known" ]; then
        die "no such row: $*; scripts/matrix.txt and scripts/checks.txt list them"
    fi
    need test
    mkdir -p build/test
    fetch_for "$2"
    id=$1-$2 start=$(date +%s)
    log=build/test/$id.log failures=build/test/$id.failures
    rm -f "build/test/$id.count" "$failures"
    if line=$(configurations | grep "^$1 *$2 "); then
        # shellcheck disable=SC2086 # fields
        set -- $line
        name=$1 compiler=$2
        suite "$@"
    else
        name=$1 compiler=$2
        check "$@"
    fi
    echo "$passed $failed $skipped" >"build/test/$id.count" # dir may be another row's: set_up
    [ "$failed" = 0 ] || [ -s "$failures" ] || tail -n 60 "$log" >"$failures"
    row "$name" "$compiler" "$exercised" "$passed" "$failed" "$skipped" "$(($(date +%s) - start))s"
}

check() {
    scripts/check "$@" >"$log" 2>&1 && status=0 || status=$?
    # shellcheck disable=SC2046 # three words
    set -- $({
        echo "test: $name"
        echo "result: exit status $status"
        cat "$log"
        echo "Ok:"
    } | tally "$failures" 0)
    passed=$1 failed=$2 skipped=$3
    sed -n 's/^ok .*# SKIP //p' "$log" >"build/test/$id.skipped"
    sed -n 's/^# \([a-z0-9]*\): executed /\1 /p' "$log" >"build/test/$id.kernels"
    exercised=$(sed -n 's/^# kernels exercised: //p' "$log" | tail -n 1)
    exercised=${exercised:--}
}

# The rows of one build, on a line each: that of the first row names it.
builds() {
    configurations | awk '
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
        set -- --cross-file "$tree.root" --cross-file "tests/shipped/cross/$cc.txt" \
            -Dtools=disabled "$@"
        cc=gcc # for programs that run while building
        ;;
    esac
    # Debian 12 has no Check for these: a plain runner of the same sweeps remains. A row's
    # own -Dtests= comes later, and holds.
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
    sed -n "$([ $kernels = 1 ] || echo '/# SKIP kernel/d;')s/.*# SKIP //p" "$testlog" \
        >"build/test/$id.skipped"
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
        [ "$how" ] || case $compiler$cpu in
        gcchost | clanghost) how=natively ;;
        mingw*) how='under wine' ;;
        *) how='by QEMU' ;;
        esac
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

run_test() {
    [ "$(uname -m)" = x86_64 ] ||
        die "this matrix is one of an x86-64 machine; elsewhere: meson test"
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
    { builds && checks; } | xargs -P "$(nproc)" -L 1 \
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
    jobs=$({ configurations && checks; } | wc -l)
    [ -z "$leaves_out" ] || echo "left out, see ./dev test all: $(left_out | paste -sd,)"
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
