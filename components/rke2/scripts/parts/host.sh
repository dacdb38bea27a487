# What the scripts of a node have in common: where things are on its host, and how they are changed.
#
#   ROLE          server or agent
#   NODE_NAME     the node's name in Kubernetes
#   SECONDS_MAX   when to give up
#   TOKEN         the token of the cluster, which is kept out of messages   @default none
#   ROOT          what stands in front of every path   @default nothing
: "${ROLE:?}" "${NODE_NAME:?}" "${SECONDS_MAX:?}"
ROOT=${ROOT:-}
UNIT=rke2-$ROLE
ETC=$ROOT/etc/rancher/rke2
DATA=$ROOT/var/lib/rancher/rke2
CONFIG_FILE=$ETC/config.yaml
# Where the install script puts rke2; sudo's own path often lacks it.
PATH=$PATH:$ROOT/usr/local/bin:$ROOT/opt/rke2/bin
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or root's home would keep it
DEADLINE=$((SECONDS + SECONDS_MAX))

die() {
    printf '%s: %s\n' "$NODE_NAME" "$1" >&2
    exit 1
}

# Two runs at once happen: a lost connection does not end a script, and the next run starts it again.
lock() {
    mkdir -p "$ROOT/run"
    exec 9>"$ROOT/run/multicluster-node.lock"
    flock -w "$SECONDS_MAX" 9 || die "another run is still at work on this host after $SECONDS_MAX s"
}

# text_of FILE: what stands in it, or nothing.
text_of() { [ ! -f "$1" ] || printf '%s\n' "$(<"$1")"; }

# put FILE TEXT [MODE]: never half of it, and for root only if nothing else is said.
put() {
    if [ ! -f "$1" ] || [ "$(<"$1")" != "$2" ]; then
        (umask 077 && printf '%s\n' "$2" >"$1.new")
        mv -f "$1.new" "$1"
    fi
    chmod "${3:-600}" "$1"
}

# Whether RKE2 has ever become a node here: a server has its part of etcd, an agent what it got for its token.
is_node() {
    if [ "$ROLE" = server ]; then [ -d "$DATA/server/db/etcd/member/wal" ]; else [ -f "$DATA/agent/kubelet.kubeconfig" ]; fi
}

installed_version() { rke2 --version 2>/dev/null | sed -n 's/^rke2 version \([^ ]*\).*/\1/p'; }

# The cluster as this node may see it: a server's administrator all of it, an agent little more than its own node.
kubectl() {
    local as=$ETC/rke2.yaml
    [ "$ROLE" = server ] || as=$DATA/agent/kubelet.kubeconfig
    "$DATA/bin/kubectl" --kubeconfig "$as" --request-timeout=10s "$@"
}

# The last lines of RKE2's log, without the token.
journal() {
    local lines
    lines=$(journalctl --no-pager -n 30 -u "$UNIT" 2>&1) || true
    printf '%s' "${lines//"${TOKEN:-[no token]}"/[token]}"
}

invocation() { systemctl show --property=InvocationID --value "$UNIT"; }
