# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: what every command needs: packages, and building with a log.

die() {
    echo "dev: $*" >&2
    exit 1
}

# count USAGE WORD: an argument that counts something.
count() {
    case $2 in '' | *[!0-9]*) die "usage: $1; '$2' is no number" ;; esac
}

# ---- Packages -------------------------------------------------------------------------------

# The packages of packages.txt, on a line each: name, commands with commas between them, purpose.
packages() {
    awk '/^#/ || !NF { next }
        /^\[/ { commands = substr($0, 2, length($0) - 2); gsub(" ", ",", commands); next }
        !($1 in used) { order[++n] = $1; purpose[$1] = $0; sub(/^[^ ]+ +/, "", purpose[$1]) }
        { used[$1] = used[$1] (used[$1] ? "," : "") commands }
        END { for (i = 1; i <= n; i++) print order[i], used[order[i]], purpose[order[i]] }' \
        scripts/packages.txt
}

# The names on stdin that are not installed.
missing() {
    installed=" $(dpkg-query -W -f='${Package}:${db:Status-Status} ' 2>/dev/null)"
    while read -r package _; do
        case $installed in *" $package:installed "*) ;; *) echo "$package" ;; esac
    done
}

# Installs what COMMAND needs and is not there.
need() {
    command -v dpkg-query >/dev/null ||
        die "needs Debian or a relative; elsewhere use meson directly"
    wanted=$(packages | awk -v c="$1" 'index("," $2 ",", "," c ",")' | missing | tr '\n' ' ')
    [ "$wanted" ] || return 0
    sudo=
    if [ "$(id -u)" != 0 ]; then
        sudo='sudo -n'
        [ ! -t 0 ] || sudo=sudo # there is someone to ask for a password
        $sudo true 2>/dev/null ||
            die "root or sudo is needed for: apt-get install --no-install-recommends $wanted"
    fi
    echo "installing: $wanted"
    # An index that can't be had matters only where a package isn't found then.
    # shellcheck disable=SC2086 # lists of words
    logged install sh -c "$sudo apt-get -q update
        $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install $wanted"
}

# ---- Building -------------------------------------------------------------------------------

# logged NAME COMMAND...: its output goes to build/log/NAME.log; shown where it fails.
logged() {
    log=build/log/$1.log
    shift
    mkdir -p build/log
    "$@" >"$log" 2>&1 </dev/null || {
        tail -n 25 "$log" >&2
        die "failed, log: $log"
    }
}

# set_up DIR CC MESON-OPTION...: anew only where place, compiler or options have changed.
set_up() {
    dir=$1
    CC=$2
    export CC
    shift 2
    if [ "$(cat "$dir/options" 2>/dev/null)" != "$PWD $CC $*" ]; then
        rm -rf "$dir"
        meson setup "$dir" "$@" || return
        echo "$PWD $CC $*" >"$dir/options"
    fi
}

# build DIR CC MESON-OPTION...: sets up, and builds all of it.
build() {
    set_up "$@" && ninja -C "$1"
}
