# Waits until a cluster has what the next objects need. Run on a server of the cluster.
#
#   CONDITIONS  one condition on each line:
#                 crd NAME                      the CRD is established
#                 rollout KIND NAMESPACE NAME   every pod of the workload is updated and available
#                 nodes                         every node is Ready
#                 endpoint NAMESPACE SERVICE    the Service has an address that is ready
#   SECONDS_MAX   when to give up
#   AFTER         names what was changed before; it is not read, but with another one this runs again
#   KUBECTL, KUBECONFIG   @default what RKE2 installs
: "${CONDITIONS:?}" "${SECONDS_MAX:?}"
KUBECTL=${KUBECTL:-/var/lib/rancher/rke2/bin/kubectl}
export KUBECONFIG=${KUBECONFIG:-/etc/rancher/rke2/rke2.yaml}

kubectl() { "$KUBECTL" --request-timeout=15s "$@"; }

# Each check prints what is still missing, and fails, or prints nothing.
check_crd() {
    local established
    established=$(kubectl get crd "$1" -o 'jsonpath={.status.conditions[?(@.type=="Established")].status}' 2>&1) || true
    [ "$established" = True ] || { echo "CRD $1 is not established: ${established:-no status}"; return 1; }
}

check_rollout() {
    local out
    out=$(kubectl -n "$2" rollout status "$1/$3" --timeout=10s 2>&1) || { echo "$1 $2/$3: ${out##*$'\n'}"; return 1; }
}

check_nodes() {
    local out
    out=$(kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}' 2>&1) \
        || { echo "nodes: ${out##*$'\n'}"; return 1; }
    [ -n "$out" ] || { echo "no node has registered"; return 1; }
    local node missing=""
    for node in $out; do
        [ "${node#*=}" = True ] || missing="$missing ${node%%=*}"
    done
    [ -z "$missing" ] || { echo "nodes not Ready:$missing"; return 1; }
}

check_endpoint() {
    local out
    out=$(kubectl -n "$1" get endpointslices -l "kubernetes.io/service-name=$2" \
        -o 'jsonpath={range .items[*].endpoints[*]}{.conditions.ready} {end}' 2>&1) || true
    case " $out " in *" true "*) ;; *) echo "Service $1/$2 has no ready endpoint"; return 1 ;; esac
}

check_all() {
    local condition kind rest status=0
    for condition in "${ALL[@]}"; do
        read -r kind rest <<<"$condition"
        # The words of a condition are names of Kubernetes objects: splitting them at spaces is meant.
        # shellcheck disable=SC2086
        "check_$kind" $rest || status=1
    done
    return "$status"
}

main() {
    local missing condition deadline=$((SECONDS + SECONDS_MAX))
    mapfile -t ALL <<<"$CONDITIONS"
    for condition in "${ALL[@]}"; do
        # Here, as the checks run in a subshell, which cannot end the script.
        case $condition in
            "crd "?* | "rollout "?*" "?*" "?* | nodes | "endpoint "?*" "?*) ;;
            *) echo "unknown condition: $condition" >&2; exit 2 ;;
        esac
    done
    until missing=$(check_all); do
        if [ "$SECONDS" -ge "$deadline" ]; then
            printf 'gave up after %s s; still missing:\n%s\n' "$SECONDS_MAX" "$missing" >&2
            exit 1
        fi
        sleep 3
    done
    echo "all conditions hold"
}

main </dev/null
