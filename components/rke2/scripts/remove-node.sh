# Takes RKE2 and all it has off this host, when its whole cluster is removed. A node of a cluster that goes on is left as it
# is, and so is a host that this program has not made this node. Run again, it finishes what was interrupted.
#
#   ROLE          server or agent
#   NODE_NAME     the node's name in Kubernetes
#   SECONDS_MAX   when to give up
#   ROOT          what stands in front of every path   @default nothing
: "${ROLE:?}" "${NODE_NAME:?}" "${SECONDS_MAX:?}"
ROOT=${ROOT:-}
CONFIG_FILE=$ROOT/etc/rancher/rke2/config.yaml
DATA=$ROOT/var/lib/rancher/rke2
REMOVING_FILE=$ROOT/run/multicluster-node.removing # there from when the host is given up to when it is clean
PATH=$PATH:$ROOT/usr/local/bin:$ROOT/opt/rke2/bin
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or root's home would keep it
# How long the API may take to say whether the cluster goes on, and its pods to follow their chart.
ASK_SECONDS_MAX=${ASK_SECONDS_MAX:-120}

die() {
    printf '%s: %s\n' "$NODE_NAME" "$1" >&2
    exit 1
}

lock() {
    mkdir -p "$ROOT/run"
    exec 9>"$ROOT/run/multicluster-node.lock"
    flock -w "$SECONDS_MAX" 9 || die "another run is still at work on this host after $SECONDS_MAX s"
}

# Another description may have made the same host another node since. What RKE2 takes away itself is the configuration too.
is_this_node() {
    grep -qsxF "node-name: \"$NODE_NAME\"" "$CONFIG_FILE" || [ "$(cat "$REMOVING_FILE" 2>/dev/null)" = "$NODE_NAME" ]
}

is_node() {
    if [ "$ROLE" = server ]; then [ -d "$DATA/server/db/etcd/member/wal" ]; else [ -f "$DATA/agent/kubelet.kubeconfig" ]; fi
}

kubectl() {
    local as=$1
    shift
    "$DATA/bin/kubectl" --kubeconfig "$as" --request-timeout=10s "$@"
}

# The network goes before the nodes where everything goes. A kubelet may see the pods of its own node, and no more.
network_is_here() {
    local pods
    pods=$(kubectl "$DATA/agent/kubelet.kubeconfig" -n kube-system get pods --selector k8s-app=cilium \
        --field-selector "spec.nodeName=$NODE_NAME" -o name 2>&1) || { printf '%s' "$pods"; return 2; }
    [ -n "$pods" ]
}

# Fails where the cluster is gone, but for its nodes.
cluster_goes_on() {
    local said found deadline=$((SECONDS + ASK_SECONDS_MAX))
    while :; do
        found=0
        said=$(network_is_here) || found=$?
        [ "$found" -ne 1 ] || return 1
        if [ "$SECONDS" -ge "$deadline" ]; then
            [ "$found" -eq 2 ] || return 0
            die "whether the cluster goes on without this node cannot be told: ${said##*$'\n'}. If it does, or if it is lost, run rke2-uninstall.sh here when its data may go; then take the node out of the stack with pulumi state delete"
        fi
        sleep 3
    done
}

# The servers that are still members of etcd, one a line. The nodes of those that have left stay until their cluster is gone.
members() {
    kubectl "$1" get nodes --selector node-role.kubernetes.io/etcd=true \
        -o "jsonpath={range .items[*]}{.metadata.name}={.metadata.annotations.$LEFT} {end}" 2>/dev/null | tr ' ' '\n' | grep '=$'
}
LEFT='etcd\.rke2\.cattle\.io/removed-node-name'

# The others must stay a majority of etcd until it is their turn. This server's own API ends with its membership, so its
# silence is as good as RKE2's answer.
leave_etcd() {
    local admin=$ROOT/etc/rancher/rke2/rke2.yaml servers deadline=$((SECONDS + ASK_SECONDS_MAX))
    [ "$ROLE" = server ] || return 0
    servers=$(members "$admin") || return 0
    [ "$(wc -l <<<"$servers")" -gt 1 ] || return 0
    kubectl "$admin" annotate node "$NODE_NAME" etcd.rke2.cattle.io/remove=true --overwrite >/dev/null 2>&1 || return 0
    while [ "$SECONDS" -lt "$deadline" ]; do
        servers=$(members "$admin") || return 0
        grep -qxF "$NODE_NAME=" <<<"$servers" || return 0
        sleep 1
    done
    die "RKE2 has not taken this server out of etcd within $ASK_SECONDS_MAX s"
}

uninstall() {
    local script
    script=$(type -P rke2-uninstall.sh) || return 0
    timeout -k 10 "$SECONDS_MAX" sh "$script" 9>&- >&2 || die "rke2-uninstall.sh failed"
}

# What pods of the network have left outside of RKE2's own folders.
remove_leftovers() {
    local link
    rm -rf "$ROOT/etc/rancher/rke2" "$ROOT/run/cilium" "$ROOT/var/run/cilium" "$ROOT/sys/fs/bpf/cilium" \
        "$ROOT/etc/cni/net.d/05-cilium.conflist" "$ROOT/opt/cni/bin/cilium-cni"
    rm -rf "$KUBECACHEDIR" "$ROOT/etc/cni/net.d/"*.cilium_bak
    for link in cilium_vxlan cilium_geneve cilium_host cilium_wg0; do
        [ ! -e "$ROOT/sys/class/net/$link" ] || ip link delete "$link"
    done
    rmdir "$ROOT/etc/cni/net.d" "$ROOT/etc/cni" "$ROOT/opt/cni/bin" "$ROOT/opt/cni" "$ROOT/etc/rancher" 2>/dev/null || true
}

main() {
    lock
    if ! is_this_node; then
        echo "$NODE_NAME is not on this host: nothing to remove"
        return
    fi
    if is_node; then
        if cluster_goes_on; then
            echo "$NODE_NAME is left as it is: its cluster goes on"
            return
        fi
        leave_etcd
    fi
    echo "$NODE_NAME" >"$REMOVING_FILE"
    uninstall
    remove_leftovers
    rm -f "$REMOVING_FILE"
    echo "$NODE_NAME is removed"
}

main </dev/null
