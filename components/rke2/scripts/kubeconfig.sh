# Prints the kubeconfig of a cluster's administrator, once its API is ready. Run on a server; it changes nothing. It prints
# none for a cluster that has another place in a mesh than the one it is to have: what comes next would change that place.
#
#   AFTER          names what may have changed the file; it is not read, but with another one this runs again
#   CLUSTER_NAME   what cluster, user and context are called in it
#   API_URL        where the API is reached from outside
#   MESH_PLACE     the cluster's name, its id and the mesh's maxConnectedClusters, as `east 1 255`   @default not looked at
#   SECONDS_MAX    when to give up
#   ROOT           what stands in front of every path   @default nothing
: "${CLUSTER_NAME:?}" "${API_URL:?}" "${SECONDS_MAX:?}"
ROOT=${ROOT:-} MESH_PLACE=${MESH_PLACE:-}
FILE=$ROOT/etc/rancher/rke2/rke2.yaml
KUBECTL=$ROOT/var/lib/rancher/rke2/bin/kubectl
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or root's home would keep it

kubectl() { "$KUBECTL" --kubeconfig "$FILE" --request-timeout=10s "$@"; }

# Every running pod has its identity from these three. A cluster without Cilium has none yet.
check_place() {
    local place
    [ -n "$MESH_PLACE" ] || return 0
    place=$(kubectl -n kube-system get configmap cilium-config --ignore-not-found \
        -o 'jsonpath={.data.cluster-name} {.data.cluster-id} {.data.max-connected-clusters}')
    if [ -z "$place" ] || [ "$place" = "$MESH_PLACE" ]; then return 0; fi
    cat >&2 <<END
$CLUSTER_NAME: the cluster's name, id and maxConnectedClusters in the mesh are "$place", and the description says "$MESH_PLACE".
    They are never changed on a cluster that runs: its pods would keep the old identity, and other clusters would mistake them.
    fix: write the old ones again. Or, to change them all the same: take the cluster out of the description of the others and
    run pulumi up; change Cilium's release on this cluster by hand (helm upgrade --reuse-values, with the new values); restart
    every pod of the cluster; then run pulumi up with the new description.
END
    exit 1
}

main() {
    local deadline=$((SECONDS + SECONDS_MAX))
    until kubectl get --raw /readyz >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "gave up after $SECONDS_MAX s: the API of $CLUSTER_NAME is not ready" >&2
            exit 1
        fi
        sleep 3
    done
    check_place
    # RKE2 writes its own machine's address, and calls everything `default`. In quotes: a name may be all digits.
    sed -E -e "s#^( *server: ).*#\1\"$API_URL\"#" \
        -e "s#^( *(- )?(name|cluster|user|current-context): )default\$#\1\"$CLUSTER_NAME\"#" "$FILE"
}

main </dev/null
