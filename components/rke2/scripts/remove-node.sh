# Takes RKE2 and all it has off this host, when its whole cluster is removed or goes on without this node. A node that its
# cluster goes on with is left as it is, and so is a host that this program has not made this node. Run again, it finishes
# what was interrupted.
#
# with: parts/host.sh
# with: parts/prepare.sh
# with: parts/files.sh
# with: parts/membership.sh
#
#   ROLE, NODE_NAME, SECONDS_MAX, ROOT   see parts/host.sh; further variables in the other parts
#   PEERS             other servers of the cluster, a URL on each line   @default none
#   ASK_SECONDS_MAX   how long the API may take to say whether the cluster goes on, and its pods to follow their chart   @default 120
PEERS=${PEERS:-} ASK_SECONDS_MAX=${ASK_SECONDS_MAX:-120}
OURS=$ROOT/etc/multicluster
REMOVING_FILE=$OURS/removing # there from when the host is given up to when it is clean
FATE="" # stays, or why this host is given up: taken-out, returned (it was, and has registered again), or gone (the cluster is)

# Another description may have made the same host another node since. What RKE2 takes away itself is the configuration too.
is_this_node() {
    if grep -qs '^node-name: ' "$CONFIG_FILE"; then
        grep -qxF "node-name: \"$NODE_NAME\"" "$CONFIG_FILE"
    else
        is_being_removed
    fi
}
is_being_removed() { [ "$(text_of "$REMOVING_FILE")" = "$NODE_NAME" ]; }

# kubectl_with FILE WORDS...: with the rights of this kubeconfig.
kubectl_with() { "$DATA/bin/kubectl" --kubeconfig "$1" --request-timeout=10s "${@:2}"; }

# The API that other servers have, as URLs.
other_servers() {
    local url
    for url in $(sed -n 's/^server: "\(.*\)"$/\1/p' "$CONFIG_FILE") $PEERS; do
        echo "${url%:9345}:6443"
    done
}

# The uid of this node's Node object, or nothing where there is none. A server that is out of etcd has no API of its own.
own_node() {
    local url
    for url in "" $(other_servers); do
        kubectl_with "$DATA/agent/kubelet.kubeconfig" ${url:+--server "$url"} get node "$NODE_NAME" --ignore-not-found \
            -o 'jsonpath={.metadata.uid}' 2>/dev/null && return 0
    done
    return 1
}

# The network goes before the nodes where everything goes. A kubelet may see the pods of its own node, and no more.
network_is_here() {
    local pods
    pods=$(kubectl_with "$DATA/agent/kubelet.kubeconfig" -n kube-system get pods --selector k8s-app=cilium \
        --field-selector "spec.nodeName=$NODE_NAME" -o name 2>&1) || { printf '%s' "$pods"; return 2; }
    [ -n "$pods" ]
}

find_fate() {
    local said found uid was end=$((SECONDS + ASK_SECONDS_MAX))
    was=$(text_of "$NODE_UID_FILE")
    while :; do
        if uid=$(own_node); then
            [ -n "$uid" ] || { FATE=taken-out; return; }
            [ -z "$was" ] || [ "$uid" = "$was" ] || { FATE=returned; return; }
        fi
        found=0
        said=$(network_is_here) || found=$?
        [ "$found" -ne 1 ] || { FATE=gone; return; }
        if [ "$SECONDS" -ge "$end" ]; then
            [ "$found" -eq 2 ] || { FATE=stays; return; }
            die "whether the cluster goes on without this node cannot be told: ${said##*$'\n'}. If it does, or if it is lost, run rke2-uninstall.sh here when its data may go; then take the node out of the stack with pulumi state delete"
        fi
        sleep 3
    done
}

# servers_without ANNOTATION: those of etcd's servers whose Node says nothing of it, one a line, each with = after it.
servers_without() {
    kubectl get nodes --selector node-role.kubernetes.io/etcd=true \
        -o "jsonpath={range .items[*]}{.metadata.name}={.metadata.annotations.etcd\\.rke2\\.cattle\\.io/$1} {end}" 2>/dev/null \
        | tr ' ' '\n' | grep '=$'
}

# The servers that are still members of etcd. The nodes of those that have left stay until their cluster is gone.
members() { servers_without removed-node-name; }

# Whether another server is still to have its turn: those that are marked have had it.
others_stay() { servers_without remove | grep -qvxF "$NODE_NAME="; }

# The others must stay a majority of etcd until it is their turn. This server's own API ends with its membership, so its
# silence is as good as RKE2's answer.
leave_etcd() {
    local servers end=$((SECONDS + ASK_SECONDS_MAX))
    [ "$ROLE" = server ] || return 0
    servers=$(members) || return 0
    if [ "$(wc -l <<<"$servers")" -le 1 ] || ! others_stay; then return 0; fi
    kubectl annotate node "$NODE_NAME" etcd.rke2.cattle.io/remove=true --overwrite >/dev/null 2>&1 || return 0
    while [ "$SECONDS" -lt "$end" ]; do
        servers=$(members) || return 0
        grep -qxF "$NODE_NAME=" <<<"$servers" || return 0
        sleep 1
    done
    die "RKE2 has not taken this server out of etcd within $ASK_SECONDS_MAX s"
}

# It lies where RKE2 was unpacked, or where a package has put it.
uninstall() {
    local script
    for script in "$ROOT"/{usr/local/bin,opt/rke2/bin,usr/bin}/rke2-uninstall.sh; do
        [ -f "$script" ] || continue
        timeout -k 10 "$SECONDS_MAX" sh "$script" 9>&- >&2 || die "rke2-uninstall.sh failed"
    done
}

# What the network's pods have left outside of RKE2's own folders. RKE2's script has removed their iptables chains.
remove_leftovers() {
    detach_programs
    remove_links
    remove_rules
    # Mounted by an init container; what is in it is not for removal.
    ! mountpoint -q "$ROOT/run/cilium/cgroupv2" || umount "$ROOT/run/cilium/cgroupv2"
    rm -rf "$ROOT/etc/rancher/rke2" "$ROOT/run/cilium" "$ROOT/var/run/cilium" "$KUBECACHEDIR" \
        "$ROOT/var/tmp/multicluster-artifacts" "$ROOT/sys/fs/bpf/cilium" "$ROOT/sys/fs/bpf/tc/globals/cilium_"* \
        "$ROOT/etc/cni/net.d/05-cilium.conflist" "$ROOT/etc/cni/net.d/"*.cilium_bak "$ROOT/opt/cni/bin/cilium-cni"
    rmdir "$ROOT/sys/fs/bpf/tc/globals" "$ROOT/sys/fs/bpf/tc" "$ROOT/etc/cni/net.d" "$ROOT/etc/cni" \
        "$ROOT/opt/cni/bin" "$ROOT/opt/cni" "$ROOT/etc/rancher" 2>/dev/null || true
}

# On kernels before 6.6 Cilium's programs hang on the host's own links as filters, and would go on without Cilium.
detach_programs() {
    local link way order
    type -P tc >/dev/null || return 0
    for link in "$ROOT"/sys/class/net/*; do
        [ -e "$link" ] || continue
        for way in ingress egress; do
            for order in $(tc filter show dev "${link##*/}" "$way" 2>/dev/null | sed -n 's/.* pref \([0-9]*\) bpf .* cil_.*/\1/p'); do
                tc filter del dev "${link##*/}" "$way" pref "$order"
            done
        done
    done
}

# The other ends of lxc links were in pods; a bridge of LXC has another name.
remove_links() {
    local link
    for link in "$ROOT"/sys/class/net/*; do
        link=${link##*/}
        # One link takes another with it: cilium_net goes with cilium_host.
        if [[ $link =~ ^(cilium_(vxlan|geneve|host|net|wg0|ipip4|ipip6)|lxc_health|lxc[0-9a-f]{12})$ && -e $ROOT/sys/class/net/$link ]]; then
            ip link delete "$link"
        fi
    done
}

# By which packets that Cilium's proxy has marked are led through this host.
remove_rules() {
    local family order
    for family in -4 -6; do
        for order in $(ip "$family" rule show 2>/dev/null | sed -n 's/^\([0-9]*\):.* lookup 200[45]\( .*\)\{0,1\}$/\1/p'); do
            ip "$family" rule del pref "$order"
        done
        ip "$family" route flush table 2004 2>/dev/null || true
        ip "$family" route flush table 2005 2>/dev/null || true
    done
}

main() {
    lock
    if ! is_this_node; then
        echo "$NODE_NAME is not on this host: nothing to remove"
        return
    fi
    # Once RKE2 has ended here, a removal that was interrupted has nobody to ask again.
    if is_node && { ! is_being_removed || systemctl is-active --quiet "$UNIT"; }; then
        find_fate
        if [ "$FATE" = stays ]; then
            echo "$NODE_NAME is left as it is, as its cluster goes on with it. A node is removed by leaving it out of the description: then the step of the cluster's members takes it out first"
            return
        fi
        [ "$FATE" = taken-out ] || leave_etcd
    fi
    mkdir -p "$OURS"
    put "$REMOVING_FILE" "$NODE_NAME"
    uninstall
    remove_leftovers
    remove_files
    undo_preparation
    rm -f "$REMOVING_FILE"
    rmdir "$OURS" 2>/dev/null || true
    [ "$FATE" != returned ] \
        || die "this host is clean, but RKE2 had registered its node again after that was taken out of the cluster: run kubectl delete node $NODE_NAME"
    echo "$NODE_NAME is removed"
}

main </dev/null
