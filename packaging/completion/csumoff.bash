# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completes the arguments of csumoff for bash.

# The options of a command; with no command, those of every one.
_csumoff_options() {
    case $1 in
    verify)
        echo --summary --json --only --filter --files --senders --time --wide --line-buffered \
            --html --tunnel
        ;;
    finish) echo --all --json --filter --tunnel ;;
    netfront)
        echo --fresh --key --mtu --summary --json --filter --time --wide --line-buffered --tunnel
        ;;
    explain) echo --all --tunnel ;;
    info) echo --json ;;
    esac
    echo --kernel --color --help --version
}

# The values of an option that are words.
_csumoff_values() {
    case $1 in
    --only) echo GOOD BAD SEEDED SEEDED-GSO BLANK ABSENT UNCHECKED TRUNCATED MALFORMED ;;
    --time) echo relative utc ;;
    --color) echo auto always never ;;
    --kernel)
        "${COMP_WORDS[0]}" info 2>/dev/null |
            awk '{ sub(/^kernels/, "") } /usable/ && !/not usable/ { print $1 }'
        ;;
    --tunnel) echo vxlan= vxlan-gpe= geneve= gtp-u= mpls= lisp= gue= ;;
    --key)
        echo feature-sg= feature-gso-tcpv4= feature-gso-tcpv6= feature-no-csum-offload= \
            feature-ipv6-csum-offload=
        ;;
    esac
}

_csumoff() {
    local commands='verify finish explain netfront info selftest bench' word=${COMP_WORDS[COMP_CWORD]}
    local before=${COMP_WORDS[COMP_CWORD - 1]} command='' begun='' i

    COMPREPLY=()
    # "--time=utc" is three words here.
    if [[ $word == = ]]; then
        word=''
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --only | --filter | --time | --color | --kernel | --tunnel | --key | --mtu | --html) ((i++)) ;;
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    case $before in
    --only | --time | --color | --kernel | --tunnel | --key)
        if [[ $before == --only && $word == *,* ]]; then
            begun=${word%,*},
            word=${word##*,}
        fi
        mapfile -t COMPREPLY < <(compgen -P "$begun" -W "$(_csumoff_values "$before")" -- "$word")
        [[ $before != --tunnel && $before != --key && $before != --only ]] || compopt -o nospace
        return
        ;;
    --filter | --mtu) return ;;
    --html) command=files word=${word/#-*/} ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_csumoff_options "$command")" -- "$word")
    elif [[ -z $command || $command == help ]]; then
        [[ -n $command ]] || commands+=' help'
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
    elif [[ $command != info && $command != selftest && $command != bench ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames
    fi
}

complete -F _csumoff csumoff
