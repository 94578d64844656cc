# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# Programs that write files touch nothing of other people's.

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
    for row in '../../somebodys gcc' '../../somebodys-gcc' '.. ..' 'xen' 'xen gcc gcc' \
        'amalgamation msvc' 'x ../../../somebodys' ''; do
        # shellcheck disable=SC2086 # words
        try "no such row" exits 1 "$tree/dev" job $row
        try "says so" grep -q "^dev: no such row: $row; scripts/" "$dir/said"
    done
    for words in 'fuzz ten' 'fuzz --afl 1s' 'model ten' 'model 10 -1' 'mutate ten'; do
        # shellcheck disable=SC2086 # words
        try "no number" exits 1 "$tree/dev" $words
        try "says so" grep -q '^dev: usage: .* is no number$\|^usage: .*, not ten$' "$dir/said"
    done
    try "no such command" exits 2 "$tree/dev" amalgamat
    try "says so" grep -q '^dev: no such command: amalgamat; ' "$dir/said"
    for target in 'afl ../../../somebodys 1' 'afl . 1' 'afl' 'afl nothing 1' 'gcc netfront 1' \
        '../.. netfront'; do
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
