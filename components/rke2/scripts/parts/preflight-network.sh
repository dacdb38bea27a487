# What a preflight looks at in the host's own network.

# Whatever names files or links of another network plugin. A bridge of Docker's is none.
check_cni() {
    local path found=()
    [ "$OWNED" != mine ] || return 0
    for path in "$ROOT"/etc/cni/net.d/*.{conf,conflist,json}; do
        case ${path##*/} in
            *cilium* | *loopback* | '*'*) ;;
            *) found+=("${path#"$ROOT"}") ;;
        esac
    done
    for path in "$ROOT"/sys/class/net/*; do
        case ${path##*/} in
            cni0 | flannel* | cali* | vxlan.calico* | vxlan-v6.calico* | weave | kube-bridge | kube-ipvs0 | antrea-* | ovn-k8s-*) found+=("the link ${path##*/}") ;;
        esac
    done
    [ "${#found[@]}" -eq 0 ] || refuse cni "$(joined "${found[@]}")" "no network plugin but Cilium" \
        "uninstall what they belong to, remove them, and reboot"
}

# Prints `tcp 6443` for each port that a process of the host has.
taken_ports() {
    local protocol family where state port
    for protocol in tcp udp; do
        for family in "" 6; do
            [ -r "$ROOT/proc/net/$protocol$family" ] || continue
            while read -r _ where _ state _; do
                # 0A is a TCP port that listens.
                if [ "$where" = local_address ] || { [ "$protocol" = tcp ] && [ "$state" != 0A ]; }; then continue; fi
                port=$((16#${where##*:}))
                printf '%s %s\n' "$protocol" "$port"
            done <"$ROOT/proc/net/$protocol$family"
        done
    done
}

# holder_of PROTOCOL PORT: which process it is, where that can be told.
holder_of() {
    local said
    said=$(limited 10 ss -Hlnp "--$1" "sport = :$2" 2>/dev/null) || true
    if [[ $said =~ users:\(\(\"([^\"]+)\",pid=([0-9]+) ]]; then printf ' by %s (process %s)' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"; fi
}

check_ports() {
    local taken protocol port purpose found=() needed=()
    [ "$OWNED" != mine ] || return 0
    taken=$(taken_ports)
    while read -r protocol port purpose; do
        in_lines "${protocol:-none} $port" "$taken" || continue
        found+=("$port/$protocol is taken$(holder_of "$protocol" "$port")")
        needed+=("$port/$protocol for $purpose")
    done < <(printf '%s\n' "$PORTS")
    [ "${#found[@]}" -eq 0 ] || refuse ports "$(joined "${found[@]}")" "$(joined "${needed[@]}")" "stop what has them, or give it other ports"
}

# Whether it is the right host; and what its links can carry, to be compared with other hosts.
check_address() {
    local address said link mtu shown="" first="" differ="" links=()
    if ! is_there ip; then
        warn address "there is no command ip to ask" "the addresses ${ADDRESSES//$'\n'/, } on this host" "install iproute2"
        return 0
    fi
    for address in $ADDRESSES; do
        said=$(limited 10 ip -o address show to "$address" 2>/dev/null) || true
        read -r _ link _ < <(printf '%s\n' "$said")
        link=${link%%@*}
        if [ -n "$link" ]; then
            if ! in_lines "$link" "$shown"; then
                links+=("$link")
                shown+=$link$'\n'
            fi
        else
            refuse address "$address is on no interface of this host, which has $(own_addresses)" "the node's address" \
                "correct the node's address, or ssh.host: this may be another host"
        fi
    done
    shown=""
    for link in "${links[@]}"; do
        mtu=$(cat "$ROOT/sys/class/net/$link/mtu" 2>/dev/null) || continue
        info mtu "$link" "$mtu"
        shown+=" $link has $mtu,"
        check_below "$link" "$mtu"
        [ "$mtu" = "${first:=$mtu}" ] || differ=yes
    done
    [ -z "$differ" ] || warn mtu "the links of the node's addresses differ:${shown%,}" "one MTU on one network" "set the same on both"
}

own_addresses() {
    local address list=()
    while read -r _ _ _ address _; do list+=("${address%/*}"); done < <(limited 10 ip -o address show scope global 2>/dev/null)
    if [ "${#list[@]}" -gt 0 ]; then joined "${list[@]}"; else printf none; fi
}

# A bond, bridge or VLAN carries no more than what is below it.
check_below() {
    local lower mtu
    for lower in "$ROOT/sys/class/net/$1"/lower_*; do
        mtu=$(cat "$lower/mtu" 2>/dev/null) || continue
        [ "$mtu" -ge "$2" ] || warn mtu "$1 has $2, and ${lower##*/lower_} below it has $mtu" "no less below" "set the same on both"
    done
}

# Cilium's agents exit where a program is to be loaded into a driver that takes none.
check_xdp() {
    local link
    [ -n "$XDP_DRIVERS" ] || return 0
    for link in $(xdp_links); do check_driver "$link" "$link"; done
}

# The links that Cilium is told to use, or else those of the node's addresses, each once.
xdp_links() {
    local path link address pattern chosen=""
    if [ -z "$XDP_DEVICES" ]; then
        for address in $ADDRESSES; do
            read -r _ link _ < <(limited 10 ip -o address show to "$address" 2>/dev/null) || continue
            in_lines "${link%%@*}" "$chosen" || chosen+=${link%%@*}$'\n'
        done
    else
        for path in "$ROOT"/sys/class/net/*; do
            link=${path##*/}
            for pattern in $XDP_DEVICES; do
                case $pattern in
                    *+) [[ $link == "${pattern%+}"* ]] || continue ;;
                    *) [ "$link" = "$pattern" ] || continue ;;
                esac
                chosen+=$link$'\n'
                break
            done
        done
    fi
    printf '%s' "$chosen"
}

# check_driver LINK WHERE: a bond loads the program into each of its links.
check_driver() {
    local link=$1 where=$2 path="$ROOT/sys/class/net/$1" driver="" since="" name lower release
    release=$(uname -r)
    if [ -d "$path/bonding" ]; then
        driver=bonding
        for lower in "$path"/lower_*; do
            [ ! -e "$lower" ] || check_driver "${lower##*/lower_}" "${lower##*/lower_} in $link"
        done
    elif [ -d "$path/bridge" ] || grep -qsE '^DEVTYPE=(vlan|bridge)$' "$path/uevent"; then
        refuse xdp "$where is a bridge or a VLAN" "a network card: cilium.serviceLoadBalancing.acceleration is native" \
            "name the cards in cilium.devices, or say best-effort or disabled"
        return 0
    else
        driver=$(grep -s '^DRIVER=' "$path/device/uevent") || true
        driver=${driver#DRIVER=}
    fi
    while read -r name since; do
        if [ "$name" = "$driver" ]; then break; fi
        since=""
    done < <(printf '%s\n' "$XDP_DRIVERS")
    if [ -z "$since" ]; then
        warn xdp "$where has ${driver:-no known driver}, which is not in Cilium's list" \
            "a driver that takes programs (XDP): cilium.serviceLoadBalancing.acceleration is native, and the agents exit with any other" \
            "try it on a host that may break, or say best-effort"
    elif older "$release" "$since"; then
        refuse xdp "$where has $driver, in Linux $release" "Linux $since or later, in which it takes programs (XDP)" \
            "upgrade the kernel and reboot, or set cilium.serviceLoadBalancing.acceleration to best-effort"
    fi
}

# RKE2 takes the host's address from its default route.
check_default_route() {
    local family=IPv4
    case ${ADDRESSES%%$'\n'*} in *:*) family=IPv6 ;; esac
    "has_route_$family" || refuse default-route "no default route for $family" "one: RKE2 does not start without" \
        "add one, to a dummy interface if nothing else is to be reached: see docs.rke2.io/install/airgap"
}

has_route_IPv4() {
    local destination mask
    [ -r "$ROOT/proc/net/route" ] || return 0
    while read -r _ destination _ _ _ _ _ mask _; do
        if [ "$destination $mask" = "00000000 00000000" ]; then return 0; fi
    done <"$ROOT/proc/net/route"
    return 1
}

# The kernel has one of its own that leads nowhere, on lo.
has_route_IPv6() {
    local destination prefix link
    [ -r "$ROOT/proc/net/ipv6_route" ] || return 1
    while read -r destination prefix _ _ _ _ _ _ _ link; do
        if [ "$destination $prefix" = "00000000000000000000000000000000 00" ] && [ "$link" != lo ]; then return 0; fi
    done <"$ROOT/proc/net/ipv6_route"
    return 1
}

check_own_name() {
    local name
    name=$(cat "$ROOT/proc/sys/kernel/hostname" 2>/dev/null) || name=""
    if [ -n "$name" ] && is_there getent && ! limited 10 getent hosts "$name" >/dev/null; then
        warn own-name "$name does not resolve" "that the host knows its own name: sudo and others wait for it" "add it to /etc/hosts, next to the host's address"
    fi
    grep -qsE '^[[:space:]]*(127\.0\.0\.1|::1)[[:space:]](.*[[:space:]])?localhost([[:space:]]|$)' "$ROOT/etc/hosts" \
        || warn localhost "/etc/hosts does not name localhost" "127.0.0.1 localhost: Cilium asks RKE2 there for the API" "add it to /etc/hosts"
}
