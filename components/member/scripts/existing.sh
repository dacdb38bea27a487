# Prints the kubeconfig of a cluster that was there already, once its API is ready and it can be a member of a mesh as it is
# described. Run on the machine that runs Pulumi; it changes nothing.
#
#   CLUSTER_NAME   what messages call the cluster
#   KUBERNETES     the minor version of Kubernetes that it is to run, as 1.35
#   OPERATORS      how many of Cilium's operators there are to be
#   IPAM           who gives nodes their pod ranges: kubernetes, or cluster-pool
#   MESH_PLACE     the cluster's name, its id and the mesh's maxConnectedClusters, as `east 1 255`
#   SECONDS_MAX    when to give up
#   KUBECTL, KUBECONFIG, ROOT   how the cluster is asked, and where kubectl may keep what it learns
: "${CLUSTER_NAME:?}" "${KUBERNETES:?}" "${OPERATORS:?}" "${IPAM:?}" "${MESH_PLACE:?}" "${SECONDS_MAX:?}" "${KUBECTL:?}" "${KUBECONFIG:?}" "${ROOT:?}"
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or the home would keep it

kubectl() { "$KUBECTL" --request-timeout=10s "$@"; }

REFUSED=""
refuse() { REFUSED="$REFUSED$CLUSTER_NAME: $1"$'\n'"    fix: $2"$'\n'; }

check_version() {
    local minor
    minor=$(kubectl get --raw /version | sed -nE 's/.*"minor": *"([0-9]+).*/\1/p')
    [ "1.$minor" = "$KUBERNETES" ] \
        || refuse "runs Kubernetes 1.${minor:-?}, and the description says $KUBERNETES" "write it in kubernetes.version"
}

# Only one of the two may turn Services' addresses into pods'.
check_kube_proxy() {
    local found
    found=$(kubectl -n kube-system get daemonset kube-proxy --ignore-not-found -o name)
    if [ -n "$found" ]; then
        refuse "kube-proxy runs in it, whose place Cilium takes" "take it out (kubectl -n kube-system delete daemonset kube-proxy), and restart the nodes, which still have its rules"
        return 0
    fi
    # RKE2 has no DaemonSet of it: each node runs its own.
    found=$(kubectl -n kube-system get pods -l component=kube-proxy -o name)
    [ -z "$found" ] \
        || refuse "kube-proxy runs on its nodes, whose place Cilium takes" "turn it off where the nodes are made (RKE2: disable-kube-proxy: true in every server's config.yaml), and restart them, as they still have its rules"
}

check_nodes() {
    local out node count missing=""
    out=$(kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}={.spec.podCIDR} {end}')
    count=$(wc -w <<<"$out")
    if [ "$count" -eq 0 ]; then
        refuse "has no node" "let one join"
    elif [ "$count" -lt "$OPERATORS" ]; then
        refuse "has $count node(s) for $OPERATORS operators of Cilium, and two never share one" "set cilium.operatorReplicas to $count, or let more nodes join"
    fi
    [ "$IPAM" = kubernetes ] || return 0
    for node in $out; do
        [ -n "${node#*=}" ] || missing="$missing ${node%%=*}"
    done
    [ -z "$missing" ] \
        || refuse "Kubernetes gives these nodes no range for their pods:$missing" 'set cilium.ipam to "cluster-pool", and Cilium gives them'
}

# Every running pod has its identity from these three. A cluster without Cilium has none yet.
check_place() {
    local place
    place=$(kubectl -n kube-system get configmap cilium-config --ignore-not-found \
        -o 'jsonpath={.data.cluster-name} {.data.cluster-id} {.data.max-connected-clusters}')
    if [ -z "$place" ] || [ "$place" = "$MESH_PLACE" ]; then return 0; fi
    refuse "has a Cilium whose name, id and maxConnectedClusters in a mesh are \"$place\", and the description says \"$MESH_PLACE\": its pods would keep the old identity, and other clusters would mistake them" \
        "write the old ones again, if that Cilium is this program's; if somebody else has installed it, it has to go before this one comes"
}

main() {
    local why deadline=$((SECONDS + SECONDS_MAX))
    until why=$(kubectl get --raw /readyz 2>&1 >/dev/null); do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "gave up after $SECONDS_MAX s: the API of $CLUSTER_NAME is not ready: ${why##*$'\n'}" >&2
            exit 1
        fi
        sleep 3
    done
    check_version
    check_kube_proxy
    check_nodes
    check_place
    if [ -n "$REFUSED" ]; then
        printf '%s' "$REFUSED" >&2
        exit 1
    fi
    cat "$KUBECONFIG"
}

main </dev/null
