# Makes this host a node of an RKE2 cluster and waits until it is one. Run again, it finishes what was interrupted, restarts
# RKE2 if its configuration has changed, and otherwise does nothing. It never changes the version of RKE2, the token or the
# owner of a node: it then ends with a message.
#
#   ROLE          server or agent
#   NODE_NAME     the node's name in Kubernetes
#   VERSION       the RKE2 release, as v1.35.7+rke2r1
#   INSTALL_URL   where the install script comes from
#   CONFIG        the text of config.yaml; without `server:` this server begins the cluster, unless one exists already
#   TOKEN         the token of the cluster
#   LABELS        the node's labels, key=value on each line   @default none
#   PEERS         for the server that begins the cluster: where other servers register nodes, a URL on each line
#   SECONDS_MAX   when to give up
#   ROOT          what stands in front of every path   @default nothing
: "${ROLE:?}" "${NODE_NAME:?}" "${VERSION:?}" "${INSTALL_URL:?}" "${CONFIG:?}" "${TOKEN:?}" "${SECONDS_MAX:?}"
ROOT=${ROOT:-} PEERS=${PEERS:-} LABELS=${LABELS:-}
UNIT=rke2-$ROLE
CONFIG=${CONFIG%$'\n'}
TOKEN=${TOKEN%$'\n'} # as it comes out of a file that holds it
CONFIG_FILE=$ROOT/etc/rancher/rke2/config.yaml
STARTED_FILE=$ROOT/etc/rancher/rke2/config.yaml.started # what RKE2 was last started with
LABELS_FILE=$ROOT/etc/rancher/rke2/labels.given # the labels that the node was last given from here
TOKEN_FILE=$ROOT/etc/rancher/rke2/token
INSTALLER=$ROOT/etc/rancher/rke2/install.sh # there from the beginning of an installation to its end
DATA=$ROOT/var/lib/rancher/rke2
# Where the install script puts rke2; sudo's own path often lacks it.
PATH=$PATH:$ROOT/usr/local/bin:$ROOT/opt/rke2/bin
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or root's home would keep it

die() {
    printf '%s: %s\n' "$NODE_NAME" "$1" >&2
    exit 1
}

# Two runs at once happen: a lost connection does not end this script, and the next run starts it again.
lock() {
    mkdir -p "$ROOT/run"
    exec 9>"$ROOT/run/multicluster-node.lock"
    flock -w "$SECONDS_MAX" 9 || die "another run is still at work on this host after $SECONDS_MAX s"
}

# put FILE TEXT: for root only, and never half of it.
put() {
    if [ ! -f "$1" ] || [ "$(cat "$1")" != "$2" ]; then
        (umask 077 && printf '%s\n' "$2" >"$1.new")
        mv -f "$1.new" "$1"
    fi
    chmod 600 "$1"
}

# Whether RKE2 has ever become a node here: a server has its part of etcd, an agent what it got for its token.
is_node() {
    if [ "$ROLE" = server ]; then [ -d "$DATA/server/db/etcd/member/wal" ]; else [ -f "$DATA/agent/kubelet.kubeconfig" ]; fi
}

installed_version() { rke2 --version 2>/dev/null | sed -n 's/^rke2 version \([^ ]*\).*/\1/p'; }

# Everything that a run may not change, before it changes anything.
check_host() {
    local other=rke2-agent installed
    [ "$ROLE" = server ] || other=rke2-server
    if systemctl is-active --quiet "$other" || systemctl is-enabled --quiet "$other" 2>/dev/null; then
        die "this host runs $other and cannot run $UNIT too: remove the node, then run rke2-uninstall.sh here"
    fi
    if is_node && [ ! -f "$STARTED_FILE" ]; then
        die "RKE2 is at work on this host, and this program has not put it there: name another host, or run rke2-uninstall.sh here"
    fi
    if is_node && [ -f "$TOKEN_FILE" ] && [ "$(cat "$TOKEN_FILE")" != "$TOKEN" ]; then
        die "this host is a node of a cluster with another token. If it is the wrong host, name the right one; if the token is to change, run rke2 token rotate on a server, then write the new one to /etc/rancher/rke2/token on every node"
    fi
    installed=$(installed_version) || true
    [ "$installed" != "$VERSION" ] || return 0
    # An installation that was interrupted may have left anything, but nothing has run yet.
    if ! is_node && { [ -z "$installed" ] || [ -f "$INSTALLER" ]; }; then return 0; fi
    die "RKE2 ${installed:-of an unknown version} is installed here, and $VERSION is asked for: this step installs RKE2 and never changes its version"
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
                known=$url
                break
            fi
        done
    fi
    printf '%s' "$known"
}

write_config() {
    local text=$CONFIG url
    if [[ $'\n'$CONFIG != *$'\nserver: '* ]]; then
        url=$(existing_cluster)
        [ -z "$url" ] || text+=$'\n'"server: \"$url\""
    fi
    put "$TOKEN_FILE" "$TOKEN"
    put "$CONFIG_FILE" "$text"
}

install_rke2() {
    local installed left
    installed=$(installed_version) || true
    if [ "$installed" = "$VERSION" ] && [ ! -f "$INSTALLER" ]; then return 0; fi
    curl -fsSL --proto =https --connect-timeout 15 --max-time 120 --retry 3 -o "$INSTALLER.new" "$INSTALL_URL" \
        || die "$INSTALL_URL does not give the install script of RKE2: see what curl says above, and what rke2.installUrl says"
    mv -f "$INSTALLER.new" "$INSTALLER"
    left=$((DEADLINE - SECONDS))
    [ "$left" -gt 0 ] || die "gave up after $SECONDS_MAX s, before RKE2 could be installed"
    INSTALL_RKE2_VERSION=$VERSION INSTALL_RKE2_TYPE=$ROLE INSTALL_RKE2_METHOD=tar \
        timeout "$left" sh "$INSTALLER" 9>&- || die "the install script of RKE2 failed"
    installed=$(installed_version) || true
    [ "$installed" = "$VERSION" ] || die "the install script has left RKE2 ${installed:-nowhere}, not $VERSION"
    rm -f "$INSTALLER"
}

invocation() { systemctl show --property=InvocationID --value "$UNIT"; }

# The unit's last start before a restart does not count as its being ready.
OUTDATED=""

start_rke2() {
    local state before
    state=$(systemctl is-active "$UNIT") || true
    case $state in
        active | activating | reloading)
            if ! cmp -s "$CONFIG_FILE" "$STARTED_FILE"; then
                before=$(invocation)
                systemctl restart --no-block "$UNIT"
                put "$STARTED_FILE" "$(cat "$CONFIG_FILE")"
                OUTDATED=$before
            fi
            ;;
        inactive | failed | deactivating)
            # Noted first: after an interruption here, the next run starts it anyway; noted later, it would restart it.
            put "$STARTED_FILE" "$(cat "$CONFIG_FILE")"
            systemctl start --no-block "$UNIT"
            ;;
        *) die "systemd does not say how $UNIT is, but: ${state:-nothing}" ;;
    esac
    # Last: a host that boots in between must not start what is not yet noted as started from here.
    systemctl is-enabled --quiet "$UNIT" 2>/dev/null || systemctl enable --quiet "$UNIT"
}

kubectl() {
    local as=$ROOT/etc/rancher/rke2/rke2.yaml
    [ "$ROLE" = server ] || as=$DATA/agent/kubelet.kubeconfig # an agent may read its own node
    "$DATA/bin/kubectl" --kubeconfig "$as" --request-timeout=10s "$@" 2>/dev/null
}

# Prints what is still missing, and fails, or prints nothing. Without a network the node is not Ready and need not be.
check_node() {
    local state conditions
    state=$(systemctl is-active "$UNIT") || true
    [ "$state" = active ] || { echo "$UNIT is ${state:-not there}"; return 1; }
    [ -z "$OUTDATED" ] || [ "$(invocation)" != "$OUTDATED" ] || { echo "$UNIT has not restarted"; return 1; }
    [ "$ROLE" = agent ] || kubectl get --raw /readyz >/dev/null || { echo "the API is not ready"; return 1; }
    conditions=$(kubectl get node "$NODE_NAME" \
        -o 'jsonpath={range .status.conditions[*]}{.type}={.status} {end}') || { echo "the node has not registered"; return 1; }
    case " $conditions" in *" MemoryPressure=False "*) ;; *) echo "the kubelet reports nothing"; return 1 ;; esac
    [ "$ROLE" = server ] || return 0
    case " $conditions" in *" EtcdIsVoter=True "*) ;; *) echo "etcd does not count this server yet"; return 1 ;; esac
}

await_node() {
    local missing journal
    until missing=$(check_node); do
        if [ "$SECONDS" -ge "$DEADLINE" ]; then
            journal=$(journalctl --no-pager -n 30 -u "$UNIT" 2>&1) || true
            die "gave up after $SECONDS_MAX s: $missing. The last lines of $UNIT:"$'\n'"${journal//"$TOKEN"/[token]}"
        fi
        sleep 3
    done
}

# RKE2 adds the labels of its configuration when it starts, and takes none away. This gives the node exactly the described
# ones, next to those that others have given it.
label_node() {
    local given label changes=()
    given=$(cat "$LABELS_FILE" 2>/dev/null) || true
    [ "$given" != "$LABELS" ] || return 0
    for label in $given; do
        [[ $'\n'$LABELS == *$'\n'"${label%%=*}="* ]] || changes+=("${label%%=*}-")
    done
    for label in $LABELS; do changes+=("$label"); done
    kubectl label node "$NODE_NAME" --overwrite "${changes[@]}" >/dev/null || die "the node does not take its labels: $LABELS"
    put "$LABELS_FILE" "$LABELS"
}

main() {
    DEADLINE=$((SECONDS + SECONDS_MAX))
    lock
    check_host
    mkdir -p "$ROOT/etc/rancher/rke2"
    write_config
    install_rke2
    start_rke2
    await_node
    label_node
    echo "$NODE_NAME is a node"
}

main </dev/null
