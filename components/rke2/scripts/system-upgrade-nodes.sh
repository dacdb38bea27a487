# Tells the Plans of the system-upgrade-controller which nodes they are for, before they change. Run on a server.
#
# A Plan takes every node that its selector names and that it has not labelled as done. Nodes that run the release already
# would be drained for nothing, and new ones as soon as they register; worse, the Plan of the last release would take back a
# node whose label changes. The Plans therefore select only nodes with a label that names their release, and this gives it to
# those that do not run it.
#
#   VERSION   the RKE2 release that the nodes are to run
#   NODES     the names of the described nodes; they are not read, but with others this runs again
#   KUBECTL, KUBECONFIG, ROOT   @default what RKE2 installs
: "${VERSION:?}"
ROOT=${ROOT:-}
KUBECTL=${KUBECTL:-$ROOT/var/lib/rancher/rke2/bin/kubectl}
export KUBECONFIG=${KUBECONFIG:-/etc/rancher/rke2/rke2.yaml}
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or root's home would keep it
PATH=$PATH:$ROOT/usr/local/bin:$ROOT/opt/rke2/bin
TAG=${VERSION/+/-}
TO=multicluster/upgrade-to # which release a node is to be upgraded to
DONE=plan.upgrade.cattle.io # with /<Plan>: what the controller writes on a node when its job has ended
SERVER="node-role.kubernetes.io/control-plane"

kubectl() { "$KUBECTL" --request-timeout=15s "$@"; }

die() {
    printf '%s\n' "$1" >&2
    exit 1
}

# nodes PLAN SELECTOR: prints NAME=VERSION=TO=DONE of each.
nodes() {
    kubectl get nodes -l "$2" \
        -o "jsonpath={range .items[*]}{.metadata.name}={.status.nodeInfo.kubeletVersion}={.metadata.labels.multicluster/upgrade-to}={.metadata.labels.plan\\.upgrade\\.cattle\\.io/$1} {end}" 2>/dev/null \
        || die "the API does not tell the nodes of the cluster: is it well? kubectl get nodes"
}

# While no server runs the release, its upgrade has not begun, and etcd is what one may want to return to. The label says
# that this has been done; it is part of etcd, so a cluster that was restored is saved again.
save_etcd() {
    local node running to saved=yes said
    for node in $1; do
        IFS='=' read -r _ running to _ <<<"$node"
        [ "$running" != "$VERSION" ] || return 0
        [ "$to" = "$TAG" ] || saved=""
    done
    [ -z "$saved" ] || return 0
    said=$(rke2 etcd-snapshot save --name "before-$TAG" 2>&1) \
        || die "etcd could not be saved before the upgrade to $VERSION, so nothing was upgraded: ${said##*$'\n'}"
    echo "etcd is saved as before-$TAG"
}

# mark PLAN NODES: those that do not run the release are for the Plan, and not done, whatever they were before.
mark() {
    local node name running to label changes
    for node in $2; do
        IFS='=' read -r name running to label <<<"$node"
        changes=()
        if [ "$running" = "$VERSION" ]; then
            [ -z "$to" ] || changes=("$TO-")
        else
            [ "$to" = "$TAG" ] || changes=("$TO=$TAG")
            case $label in
                "") ;;
                disabled) echo "$name is left out of the upgrade: someone has labelled it $DONE/$1=disabled" ;;
                *) changes+=("$DONE/$1-") ;;
            esac
        fi
        [ "${#changes[@]}" -gt 0 ] || continue
        kubectl label node "$name" --overwrite "${changes[@]}" >/dev/null 2>&1 \
            || die "the node $name does not take its labels: ${changes[*]}"
        echo "$name runs $running: ${changes[*]}"
    done
}

main() {
    local servers agents
    servers=$(nodes servers "$SERVER=true")
    [ -n "$servers" ] || die "no node of the cluster has the label $SERVER=true, so nothing would be upgraded"
    agents=$(nodes agents "!$SERVER")
    save_etcd "$servers"
    mark servers "$servers"
    mark agents "$agents"
}

main </dev/null
