# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Read by what fetches packages of Debian's without installing them. apt works on a state of its own
# and needs no superuser.

# start_apt FOLDER: makes that state below it, and brings it up to date where that can be done.
start_apt() {
    root=$1
    mkdir -p "$root/apt/lists/partial" "$root/apt/archives/partial"
    : >"$root/apt/status"
    apt get update || true # the download alone decides
}

# apt TOOL WORD...: apt-TOOL on that state.
apt() {
    tool=$1
    shift
    "apt-$tool" -q -o "Dir::State=$root/apt" -o "Dir::State::status=$root/apt/status" \
        -o "Dir::Cache=$root/apt" -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o "APT::Sandbox::User=$(id -un)" "$@"
}

# depends PACKAGE PATTERN: the first dependency whose name matches: Debian's own choice of version.
depends() {
    apt cache depends "$1" | sed -n "s/^ *Depends: \($2\)\$/\1/p" | sed q
}

# unpack PACKAGE...: into that folder.
unpack() {
    (cd "$root/apt/archives" && apt get download "$@")
    for package in "$root"/apt/archives/*.deb; do
        dpkg -x "$package" "$root"
    done
}
