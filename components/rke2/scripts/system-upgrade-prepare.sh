# Waits until taking one more node away is safe. Run in the job of a Plan, on the node that is upgraded next, before it is
# cordoned.
#
# A job ends when it has told RKE2 to end, and then the next begins: nobody asks whether the node has come back, so that two
# servers could be away at once, and etcd with them. What `prepare` of RKE2's own image does is no help: it waits for nodes with
# the label node-role.kubernetes.io/master, which RKE2 gives none since 1.34, and so for ever.
#
#   VERSION       the RKE2 release that the nodes are to run
#   SECONDS_MAX   when to give up
#   SYSTEM_UPGRADE_PLAN_NAME, SYSTEM_UPGRADE_PLAN_LATEST_HASH   from the controller: what nodes that are done are labelled with
: "${VERSION:?}" "${SECONDS_MAX:?}" "${SYSTEM_UPGRADE_PLAN_NAME:?}" "${SYSTEM_UPGRADE_PLAN_LATEST_HASH:?}"
READY='{.status.conditions[?(@.type=="Ready")].status}'

# Nodes and pods that are replaced look well for a moment.
TIMES=3

kubectl() { command kubectl --request-timeout=15s "$@"; }

# Each check prints what is still missing and fails, or prints nothing.
check_done() {
    local out node name running ready missing=""
    out=$(kubectl get nodes -l "plan.upgrade.cattle.io/$SYSTEM_UPGRADE_PLAN_NAME=$SYSTEM_UPGRADE_PLAN_LATEST_HASH" \
        -o "jsonpath={range .items[*]}{.metadata.name}={.status.nodeInfo.kubeletVersion}=$READY {end}" 2>&1) \
        || { echo "nodes: ${out##*$'\n'}"; return 1; }
    for node in $out; do
        IFS='=' read -r name running ready <<<"$node"
        if [ "$running" != "$VERSION" ]; then
            missing="$missing $name ($running)"
        elif [ "$ready" != True ]; then
            missing="$missing $name (not Ready)"
        fi
    done
    [ -z "$missing" ] || { echo "upgraded before, and not back at $VERSION:$missing"; return 1; }
}

check_servers() {
    local out node name ready etcd pod wanted=0 missing=""
    out=$(kubectl get nodes -l node-role.kubernetes.io/control-plane=true \
        -o "jsonpath={range .items[*]}{.metadata.name}=$READY={.metadata.labels.node-role\\.kubernetes\\.io/etcd} {end}" 2>&1) \
        || { echo "servers: ${out##*$'\n'}"; return 1; }
    for node in $out; do
        IFS='=' read -r name ready etcd <<<"$node"
        wanted=$((wanted + 1))
        [ "$etcd" != true ] || wanted=$((wanted + 1))
        [ "$ready" = True ] || missing="$missing $name"
    done
    [ -z "$missing" ] || { echo "servers not Ready:$missing"; return 1; }
    out=$(kubectl -n kube-system get pods -l 'component in (etcd,kube-apiserver)' \
        -o "jsonpath={range .items[*]}{.metadata.name}=$READY {end}" 2>&1) \
        || { echo "etcd and the API servers: ${out##*$'\n'}"; return 1; }
    for pod in $out; do
        if [ "${pod#*=}" = True ]; then wanted=$((wanted - 1)); else missing="$missing ${pod%%=*}"; fi
    done
    [ -z "$missing" ] || { echo "not Ready:$missing"; return 1; }
    [ "$wanted" -le 0 ] || { echo "etcd or an API server of $wanted more is not there"; return 1; }
}

main() {
    local missing times=0
    while [ "$times" -lt "$TIMES" ]; do
        if missing=$(check_done && check_servers); then
            times=$((times + 1))
        else
            times=0
            [ "$SECONDS" -lt "$SECONDS_MAX" ] \
                || { echo "gave up after $SECONDS_MAX s: $missing" >&2; exit 1; }
            echo "waiting: $missing"
        fi
        sleep 5
    done
    echo "all that was upgraded before is well"
}

main </dev/null
