# What a preflight can reach: the other nodes, the registration address, and where RKE2 comes from.

# Bash's own sockets: no host needs a tool for it. The words come as arguments.
# shellcheck disable=SC2016
ASK_TCP='exec 3<>"/dev/tcp/$1/$2"'
# shellcheck disable=SC2016
ASK_UDP='exec 3<>"/dev/udp/$1/$2"; printf . >&3; read -r -t 2 -n 1 -u 3'

# ask ADDRESS PORT/PROTOCOL: open, closed (its host says so), rejected (someone says so), silent, or unresolved. Over UDP an
# open port is silent, too.
ask() {
    local script=$ASK_TCP said
    [ "${2#*/}" = tcp ] || script=$ASK_UDP
    if said=$(limited 4 bash -c "$script" ask "$1" "${2%/*}" 2>&1); then
        echo open
        return 0
    fi
    case $said in
        *"Connection refused"*) echo closed ;;
        *"No route to host"* | *"Permission denied"* | *unreachable*) echo rejected ;;
        *"not known"* | *"name resolution"* | *"No address"*) echo unresolved ;;
        *) echo silent ;;
    esac
}

# ask_all ADDRESS PORT/PROTOCOL...: what each port answers, at the price of one.
ask_all() {
    local address=$1 port
    shift
    for port in "$@"; do printf '%s %s\n' "$port" "$(ask "$address" "$port")" & done
    wait
}

# reply ADDRESS OPTION...: whether a packet comes back. Fails with 1 if not, with more if that cannot be told.
reply() { limited 5 ping -n -q -c 2 -i 0.3 -W 1 "${@:2}" "$1" >/dev/null 2>&1; }

# Prints what is wrong with a peer, behind its place in the list.
ask_peer() {
    local place=$1 name=$2 address=$3 port answer alive="" answers
    local -A answered=()
    shift 3
    # Where people log in, a host mostly answers.
    answers=$(ask_all "$address" "$@" 22/tcp)
    while read -r port answer; do
        [ -z "$port" ] || answered[$port]=$answer
        case $port-$answer in *-closed | */tcp-open) alive=yes ;; esac
    done < <(printf '%s\n' "$answers")
    if [ -z "$alive" ] && ! reply "$address"; then
        printf '%s gone %s (%s)\n' "$place" "$name" "$address"
        return 0
    fi
    for port in "$@"; do
        case ${answered[$port]:-} in
            rejected) printf '%s rejected %s of %s (%s)\n' "$place" "$port" "$name" "$address" ;;
            silent) [ "${port#*/}" = udp ] || printf '%s silent %s of %s (%s)\n' "$place" "$port" "$name" "$address" ;;
        esac
    done
    ask_whole "$place" "$name" "$address"
}

# Whether packets as large as the link carries them arrive.
ask_whole() {
    local link mtu header=28 code=0
    is_there ping && is_there ip || return 0
    link=$(limited 5 ip -o route get "$3" 2>/dev/null | sed -n 's/.* dev \([^ ]*\) .*/\1/p') || return 0
    [ -n "$link" ] && [ "$link" != lo ] && mtu=$(cat "$ROOT/sys/class/net/$link/mtu" 2>/dev/null) || return 0
    case $3 in *:*) header=48 ;; esac
    reply "$3" || return 0
    reply "$3" -M "do" -s "$((mtu - header))" || code=$?
    [ "$code" -ne 1 ] || printf '%s narrow %s bytes to %s (%s)\n' "$1" "$mtu" "$2" "$3"
}

# A hundred at once; and those that come after most of the time is over are not asked.
ask_peers() {
    local place peers peer
    # As a whole beforehand: to wait would also be to wait for who hands out the lines.
    mapfile -t peers < <(printf '%s\n' "$PEERS")
    for place in "${!peers[@]}"; do
        read -ra peer < <(printf '%s\n' "${peers[place]}")
        if [ "$SECONDS" -ge 35 ]; then
            printf '%s unasked %s\n' "$place" "${peer[0]}"
            continue
        fi
        ask_peer "$place" "${peer[@]}" &
        [ $((place % 100)) -ne 99 ] || wait
    done
    wait
}

check_peers() {
    local place kind what words=()
    local -A found=()
    [ -n "$PEERS" ] || return 0
    while read -r place kind what; do found[$kind]+="$what, "; done < <(ask_peers | sort -s -n -k 1,1)
    words=("${found[gone]:-}" "${found[silent]:-}" "${found[rejected]:-}" "${found[narrow]:-}" "${found[unasked]:-}")
    [ -z "${words[0]}" ] || demand peers "no answer from ${words[0]%, }" "that every node reaches every other" \
        "see that these hosts run, and which routes and firewalls are between them and this one"
    [ -z "${words[1]}" ] || demand peer-ports "no answer at ${words[1]%, }" "these ports, open between nodes" \
        "open them in the firewall that drops them, on those hosts or on the way"
    [ -z "${words[2]}" ] || check_rejected "${words[2]%, }"
    [ -z "${words[3]}" ] || warn path-mtu "too large for the way: ${words[3]%, }" "that what the link carries arrives whole, or connections hang" \
        "set one MTU on all hosts and switches of the network, or a lower one on this host"
    [ -z "${words[4]}" ] || warn peers "not asked, as others took too long: ${words[4]%, }" "that every node reaches every other" "see why others do not answer"
}

# This is how firewalld answers, and preparing those hosts will change it.
check_rejected() {
    if [ "$PREPARE" = yes ] && [ "$FIREWALLD" != leave ]; then
        warn peer-ports "rejected: $1" "these ports, open between nodes" "if it is not firewalld on those hosts, which this program sees to, open them in the firewall that it is"
    else
        demand peer-ports "rejected: $1" "these ports, open between nodes" "open them in the firewall that rejects them, on those hosts or on the way"
    fi
}

check_registration() {
    local port answer answers closed=()
    [ -n "$REGISTRATION" ] || return 0
    answers=$(ask_all "$REGISTRATION" 9345/tcp 6443/tcp | sort -r)
    while read -r port answer; do
        case $answer in
            open | closed) ;;
            unresolved)
                demand registration "$REGISTRATION does not resolve" "a name that every node can look up" "correct apiAddress, or add the name to the DNS or to /etc/hosts"
                return 0
                ;;
            *) closed+=("$port") ;;
        esac
    done < <(printf '%s\n' "$answers")
    [ "${#closed[@]}" -eq 0 ] || demand registration "no answer at $REGISTRATION from $(joined "${closed[@]}")" "that nodes can register at apiAddress" \
        "see that what holds the address runs; if it answers only once a server does, add registration to rke2.host.ignore"
}

# A host that has this version already fetches nothing.
check_install_url() {
    local said line code=0
    [ "$METHOD" != air-gap ] && is_there curl || return 0
    if [ "$(installed_version)" = "$VERSION" ] && [ ! -f "$ETC/install.sh" ]; then return 0; fi
    # The environment and not an argument, which others on the host could read.
    said=$(
        while read -r line; do [ -z "$line" ] || export "${line?}"; done < <(printf '%s\n' "$PROXY")
        limited 20 curl -fsSL --proto =https --connect-timeout 8 --max-time 18 --dump-header - -o /dev/null "$INSTALL_URL" 2>&1
    ) || code=$?
    if [ "$code" -eq 0 ]; then
        check_time "$said"
    else
        said=${said##*$'\n'}
        refuse install-url "$INSTALL_URL: ${said:-curl ended with $code}" "RKE2's install script" \
            "open the way there, set rke2.proxy or rke2.installUrl, or install with rke2.install.method air-gap"
    fi
}

# The answer to an https request has the time in it.
check_time() {
    local theirs apart
    theirs=$(printf '%s\n' "$1" | sed -n 's/\r$//; s/^[Dd]ate: //p' | tail -n 1)
    [ -n "$theirs" ] && theirs=$(date -d "$theirs" +%s 2>/dev/null) || return 0
    apart=$(($(date +%s) - theirs))
    if [ "${apart#-}" -gt 300 ]; then
        refuse clock "the clock is ${apart#-} s $(if [ "$apart" -gt 0 ]; then echo ahead of; else echo behind; fi) that of $INSTALL_URL" \
            "the right time: by another, certificates are not yet or no longer valid" "set it: chronyc makestep, or timedatectl set-ntp true"
    fi
}
