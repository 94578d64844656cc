# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: what ./dev lint looks at.

lint() {
    need lint
    # Nothing is built, but for a source that is made: clang-tidy has to know how it would be.
    logged lint set_up build/lint clang -Dtests=enabled -Dtools=enabled
    logged lint ninja -C build/lint tests/glue/recipes.inc tests/glue/stacks.inc
    result=0
    sources build/lint/c -name '*.[ch]' -o -name '*.cc'
    xargs clang-format --dry-run -Werror <build/lint/c || result=1
    # One file a process, and once: the analyzer of clang-tidy 14 confuses va_lists of several.
    mkdir -p build/lint/once
    python3 -c 'import json
files = {row["file"]: row for row in json.load(open("build/lint/compile_commands.json"))}
json.dump(list(files.values()), open("build/lint/once/compile_commands.json", "w"))
print(*files, sep="\n")' >build/lint/files
    (cd build/lint && xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p once <files 2>tidy.log) ||
        result=1
    grep '\.c$' build/lint/c | xargs cppcheck -j "$(nproc)" --quiet --std=c99 --error-exitcode=1 \
        -Iinclude -UCSUMOFF_TYPES_H --enable=warning,performance,portability --inline-suppr \
        --suppress=toomanyconfigs || result=1
    sources build/lint/sh -name '*.sh' -o -exec grep -qIE '^#!.*[/ ](ba|da)?sh$' {} \;
    xargs shellcheck <build/lint/sh || result=1
    python3 scripts/pages.py || result=1
    python3 tests/quality/test_places.py 2>build/lint/places ||
        { cat build/lint/places && result=1; }
    for rows in quality/planted judges/xen/planted quality/mutate quality/proofs/prove \
        quality/coverage/report.py; do
        python3 tests/$rows --check || result=1
    done
    python3 tests/quality/conventions || result=1
    return $result
}

# sources LIST TEST...: writes to LIST which of the tree's own files pass find's TEST.
sources() {
    list=$1
    shift
    find . \( -name .git -o -name 'build*' \) -prune -o -type f \( "$@" \) -print | sort >"$list"
}
