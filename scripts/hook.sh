# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: ./dev hook.

# Every worktree has the same hooks, each its own checks.
hook() {
    file=$(git rev-parse --git-path hooks)/pre-commit
    # shellcheck disable=SC2016 # the hook's own words
    ours='exec "$(git rev-parse --show-toplevel)/packaging/hook"'
    if [ -e "$file" ] && ! grep -qF "$ours" "$file"; then die "$file is somebody else's"; fi
    case ${1-} in
    '')
        need hook
        mkdir -p "$(dirname "$file")"
        printf '#!/bin/sh\n%s\n' "$ours" >"$file"
        chmod +x "$file"
        echo "on: $file"
        ;;
    off) rm -f "$file" ;;
    *) die "usage: ./dev hook [off]" ;;
    esac
}
