# Makes this host a node of an RKE2 cluster, as it is described, and waits until it is one. Run again, it finishes what was
# interrupted, brings a node that is otherwise described to what it is to be, and else does nothing.
#
# with: parts/host.sh
# with: parts/prepare.sh
# with: parts/files.sh
# with: parts/install.sh
# with: parts/evict.sh
# with: parts/upgrade.sh
# with: parts/membership.sh
#
#   ROLE, NODE_NAME, SECONDS_MAX, ROOT   see parts/host.sh; further variables in the other parts
#   FIRST         yes for the server that begins the cluster
#   VERSION       the RKE2 release, as v1.35.7+rke2r1
#   CONFIG        the text of config.yaml; without `server:` this server begins the cluster, unless one exists already
#   TOKEN         the token of the cluster
#   UPGRADES      elsewhere where something else brings a node that runs to another version   @default here
#   TOKEN_GENERATION, CERTIFICATE_GENERATION   numbers; a higher one than before rotates   @default 1
#   LABELS        the node's labels, key=value on each line   @default none
#   PEERS         for the server that begins the cluster: where other servers register nodes, a URL on each line
#   $1            `again` where this host has been made a node before
: "${VERSION:?}" "${CONFIG:?}" "${TOKEN:?}"
FIRST=${FIRST:-} PEERS=${PEERS:-} UPGRADES=${UPGRADES:-here} LABELS=${LABELS:-} AGAIN=${1:-}
TOKEN_GENERATION=${TOKEN_GENERATION:-1} CERTIFICATE_GENERATION=${CERTIFICATE_GENERATION:-1}
CONFIG=${CONFIG%$'\n'}
TOKEN=${TOKEN%$'\n'} # as it comes out of a file that holds it
TOKEN_FILE=$ETC/token
STARTED_FILE=$ETC/config.yaml.started # what RKE2 was last started with
LABELS_FILE=$ETC/labels.given # the labels that the node was last given from here
READY_FILE=$ETC/ready.before # there while a node that was Ready has not become so again

# Everything that a run may not change, before it changes anything.
check_host() {
    local other=rke2-agent installed
    [ "$ROLE" = server ] || other=rke2-server
    if systemctl is-active --quiet "$other" || systemctl is-enabled --quiet "$other" 2>/dev/null; then
        die "this host runs $other and cannot run $UNIT too: take the node out of the description in a change of its own, then describe it in its new place"
    fi
    check_install
    check_files
    installed=$(installed_version) || true
    if is_node; then
        [ -f "$STARTED_FILE" ] \
            || die "RKE2 is at work on this host, and this program has not put it there: name another host, or run rke2-uninstall.sh here"
        check_fixed
        check_token
        check_upgrade "$(version_here)" "$VERSION"
    elif [ -n "$installed" ] && [ "$installed" != "$VERSION" ] && [ ! -f "$INSTALLER" ]; then
        # An installation that was interrupted may have left anything, but nothing has run yet.
        die "RKE2 $installed is installed here, and this program has not put it there: name another host, or run rke2-uninstall.sh here"
    fi
}

# What RKE2 cannot change in a node that runs, or in its cluster.
check_fixed() {
    local key was is here
    here=$(<"$CONFIG_FILE")
    for key in node-name node-ip cni cluster-cidr service-cidr cluster-domain; do
        was=$(value_of "$key" "$here")
        is=$(value_of "$key" "$CONFIG")
        if [ -n "$was" ] && [ "$was" != "$is" ]; then
            die "RKE2 runs here with $key $was, is now to have ${is:-none}, and cannot change it: write the old one again, or take the node out in a change of its own and describe it anew"
        fi
    done
}

# value_of KEY CONFIGURATION: as it stands there, or nothing.
value_of() {
    local text=$'\n'$2
    if [[ $text == *$'\n'"$1: "* ]]; then
        text=${text#*$'\n'"$1: "}
        echo "${text%%$'\n'*}"
    fi
}

# generation FILE: the number that was last brought about here.
generation() {
    local last
    last=$(text_of "$ETC/$1.generation")
    echo "${last:-1}"
}

check_token() {
    [ -f "$TOKEN_FILE" ] && [ "$(<"$TOKEN_FILE")" != "$TOKEN" ] || return 0
    [ "$TOKEN_GENERATION" -le "$(generation token)" ] || return 0
    die "this host is a node of a cluster with another token. If it is the wrong host, name the right one; if the token is to change, raise the cluster's rke2.tokenGeneration by one"
}

# The cluster that the first server must join instead of beginning another one: it has lost its data, others have theirs.
# What it has once joined stays in its configuration, so that the next run finds nothing to change.
existing_cluster() {
    local known url
    known=$(sed -n 's/^server: "\(.*\)"$/\1/p' "$CONFIG_FILE" 2>/dev/null) || true
    if ! is_node; then
        for url in $known $PEERS; do
            # Servers are asked directly: a proxy, if the host has one, is for the way out.
            if [ "$(curl -gks --noproxy '*' --max-time 3 "$url/ping")" = pong ]; then
                printf '%s' "$url"
                return
            fi
        done
        # Silence of the others does not mean that there is no cluster.
        [ "$AGAIN" != again ] || return 1
    fi
    printf '%s' "$known"
}

write_config() {
    local text url
    # Always the last line: a server that becomes the first one described keeps the file that it has.
    url=$(sed -n 's/^server: "\(.*\)"$/\1/p' <<<"$CONFIG")
    text=$(sed '/^server: /d' <<<"$CONFIG")
    if [ -z "$url" ]; then
        url=$(existing_cluster) \
            || die "this server has been a member of its cluster and has lost its data, and no other server answers: it would begin a second cluster. Start the other servers, or bring the cluster back from a snapshot: npm run restore"
    fi
    [ -z "$url" ] || text+=$'\n'"server: \"$url\""
    put "$CONFIG_FILE" "$text"
    write_files
    if is_node; then
        rotate_token
        rotate_certificates
    else
        put "$TOKEN_FILE" "$TOKEN"
        put "$ETC/token.generation" "$TOKEN_GENERATION"
        put "$ETC/certificates.generation" "$CERTIFICATE_GENERATION"
    fi
}

# One server tells the cluster; every node then has the new token in its file, and starts with it.
rotate_token() {
    if [ "$TOKEN_GENERATION" -gt "$(generation token)" ] && [ "$(cat "$TOKEN_FILE")" != "$TOKEN" ]; then
        # What the cluster knows stands behind the last colon of this file. The command has no other way in for the new token.
        if [ "$FIRST" = yes ] && [ "$(sed 's/.*://' "$DATA/server/token" 2>/dev/null)" != "$TOKEN" ]; then
            RKE2_TOKEN=$(cat "$TOKEN_FILE") rke2 token rotate --new-token "$TOKEN" >/dev/null 2>&1 \
                || die "rke2 token rotate has failed: see journalctl -u $UNIT on this host"
            echo "the cluster has a new token"
        fi
    fi
    put "$TOKEN_FILE" "$TOKEN"
    put "$ETC/token.generation" "$TOKEN_GENERATION"
}

rotate_certificates() {
    local said
    [ "$CERTIFICATE_GENERATION" -gt "$(generation certificates)" ] || return 0
    note_ready
    systemctl stop "$UNIT"
    said=$(rke2 certificate rotate 2>&1) || die "rke2 certificate rotate has failed: ${said##*$'\n'}"
    put "$ETC/certificates.generation" "$CERTIFICATE_GENERATION"
    echo "RKE2 has made this node's certificates anew"
}

# Everything that RKE2 reads when it starts, and only then.
to_start_with() {
    cat "$CONFIG_FILE"
    # Whoever upgrades elsewhere restarts it, too.
    [ "$UPGRADES" = elsewhere ] || printf '# version: %s\n' "$VERSION"
    printf '# token: %s\n# files: %s\n' "$TOKEN_GENERATION" "$(files_to_start_with | sha256sum)"
}

# The unit's last start before a restart does not count as its being ready.
OUTDATED=""

start_rke2() {
    local state before wanted
    wanted=$(to_start_with)
    state=$(systemctl is-active "$UNIT") || true
    case $state in
        active | activating | reloading)
            if [ "$wanted" != "$(text_of "$STARTED_FILE")" ]; then
                note_ready
                before=$(invocation)
                systemctl restart --no-block "$UNIT"
                put "$STARTED_FILE" "$wanted"
                OUTDATED=$before
            fi
            ;;
        inactive | failed | deactivating)
            # Noted first: after an interruption here, the next run starts it anyway; noted later, it would restart it.
            put "$STARTED_FILE" "$wanted"
            systemctl start --no-block "$UNIT"
            ;;
        *) die "systemd does not say how $UNIT is, but: ${state:-nothing}" ;;
    esac
    # Last: a host that boots in between must not start what is not yet noted as started from here.
    systemctl is-enabled --quiet "$UNIT" 2>/dev/null || systemctl enable --quiet "$UNIT"
}

# How the node is, as Ready=True on one line, behind the version of its kubelet.
conditions() {
    kubectl get node "$NODE_NAME" \
        -o 'jsonpath={.status.nodeInfo.kubeletVersion} {range .status.conditions[*]}{.type}={.status} {end}' 2>/dev/null
}

# Before the node stops: it is to be Ready again after that.
note_ready() { [[ " $(conditions) " != *" Ready=True "* ]] || touch "$READY_FILE"; }

# Prints what is still missing, and fails, or prints nothing. Without a network the node is not Ready and need not be.
check_node() {
    local state now running
    state=$(systemctl is-active "$UNIT") || true
    [ "$state" = active ] || { echo "$UNIT is ${state:-not there}"; return 1; }
    [ -z "$OUTDATED" ] || [ "$(invocation)" != "$OUTDATED" ] || { echo "$UNIT has not restarted"; return 1; }
    [ "$ROLE" = agent ] || kubectl get --raw /readyz >/dev/null 2>&1 || { echo "the API is not ready"; return 1; }
    now=" $(conditions) " || { echo "the node has not registered"; return 1; }
    read -r running _ <<<"$now"
    [ "$running" = "$VERSION" ] || { echo "its kubelet is of $running, and not yet of $VERSION"; return 1; }
    case $now in *" MemoryPressure=False "*) ;; *) echo "the kubelet reports nothing"; return 1 ;; esac
    case $now in *" Ready=True "*) ;; *) [ ! -f "$READY_FILE" ] || { echo "the node was Ready before, and is not yet again"; return 1; } ;; esac
    [ "$ROLE" = server ] || return 0
    case $now in *" EtcdIsVoter=True "*) ;; *) echo "etcd does not count this server yet"; return 1 ;; esac
}

await_node() {
    local missing
    until missing=$(check_node); do
        [ "$SECONDS" -lt "$DEADLINE" ] \
            || die "gave up after $SECONDS_MAX s: $missing. The last lines of $UNIT:"$'\n'"$(journal)"
        sleep 3
    done
    rm -f "$READY_FILE"
}

# RKE2 adds the labels of its configuration when it starts, and takes none away. This gives the node exactly the described
# ones, next to those that others have given it.
label_node() {
    local given label changes=()
    given=$(text_of "$LABELS_FILE")
    [ "$given" != "$LABELS" ] || return 0
    for label in $given; do
        [[ $'\n'$LABELS == *$'\n'"${label%%=*}="* ]] || changes+=("${label%%=*}-")
    done
    for label in $LABELS; do changes+=("$label"); done
    kubectl label node "$NODE_NAME" --overwrite "${changes[@]}" >/dev/null 2>&1 || die "the node does not take its labels: $LABELS"
    put "$LABELS_FILE" "$LABELS"
}

main() {
    lock
    # A node that something else upgrades keeps its version here, whatever that is now.
    if [ "$UPGRADES" = elsewhere ] && is_node; then VERSION=$(version_here); fi
    check_host
    prepare_host
    mkdir -p "$ETC"
    # Packages stop it before anything else does.
    if is_node && [ "$(version_here)" != "$VERSION" ]; then note_ready; fi
    before_upgrade
    write_config
    install_rke2
    start_rke2
    await_node
    after_upgrade
    note_membership
    label_node
    echo "$NODE_NAME is a node"
}

main </dev/null
