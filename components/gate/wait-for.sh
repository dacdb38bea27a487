# Waits until a cluster has what the next objects need. Run on a server of the cluster.
#
#   CONDITIONS  one condition on each line:
#                 crd NAME                      the CRD is established
#                 rollout KIND NAMESPACE NAME   every pod of the workload is updated and available
#                 nodes                         every node is Ready
#                 endpoint NAMESPACE SERVICE    the Service has an endpoint that is ready
#                 address NAMESPACE SERVICE IP  the Service of type LoadBalancer has been given this address
#   SECONDS_MAX   when to give up
#   REFUSED_SECONDS_MAX   how long a load balancer may refuse an address   @default 60
#   AFTER         names what was changed before; it is not read, but with another one this runs again
#   KUBECTL, KUBECONFIG   @default what RKE2 installs
: "${CONDITIONS:?}" "${SECONDS_MAX:?}"
KUBECTL=${KUBECTL:-/var/lib/rancher/rke2/bin/kubectl}
export KUBECONFIG=${KUBECONFIG:-/etc/rancher/rke2/rke2.yaml}
export KUBECACHEDIR=/run/multicluster-kubectl # or root's home would keep it

kubectl() { "$KUBECTL" --request-timeout=15s "$@"; }

# A load balancer that still refuses an address after this time will not give it by itself.
REFUSED_SECONDS_MAX=${REFUSED_SECONDS_MAX:-60}

# Each check prints what is still missing and fails, with 2 if waiting is of no use, or prints nothing.
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

check_address() {
    local given why
    given=$(kubectl -n "$1" get service "$2" -o 'jsonpath={range .status.loadBalancer.ingress[*]}{.ip} {end}' 2>&1) || true
    case " $given " in *" $3 "*) return 0 ;; esac
    # What LB-IPAM says of the Service stands in its conditions; MetalLB writes an event.
    why=$(kubectl -n "$1" get service "$2" \
        -o 'jsonpath={range .status.conditions[?(@.status=="False")]}{.reason}: {.message}{end}' 2>/dev/null) || true
    [ -n "$why" ] || why=$(kubectl -n "$1" get events --sort-by=.lastTimestamp \
        --field-selector "involvedObject.kind=Service,involvedObject.name=$2,type=Warning" \
        -o 'jsonpath={range .items[-1:]}{.reason}: {.message}{end}' 2>/dev/null) || true
    echo "Service $1/$2 has not got the address $3, but ${given:-none}${why:+; $why}"
    [ -z "$why" ] || [ "$SECONDS" -lt "$REFUSED_SECONDS_MAX" ] || return 2
    return 1
}

check_all() {
    local condition kind rest found status=0
    for condition in "${ALL[@]}"; do
        read -r kind rest <<<"$condition"
        # The words of a condition are names of Kubernetes objects: splitting them at spaces is meant.
        # shellcheck disable=SC2086
        "check_$kind" $rest && continue || found=$?
        [ "$found" -lt "$status" ] || status=$found
    done
    return "$status"
}

main() {
    local missing condition found deadline=$((SECONDS + SECONDS_MAX))
    mapfile -t ALL <<<"$CONDITIONS"
    for condition in "${ALL[@]}"; do
        # Here, as the checks run in a subshell, which cannot end the script.
        case $condition in
            "crd "?* | "rollout "?*" "?*" "?* | nodes | "endpoint "?*" "?* | "address "?*" "?*" "?*) ;;
            *) echo "unknown condition: $condition" >&2; exit 2 ;;
        esac
    done
    until missing=$(check_all); do
        found=$?
        if [ "$found" -gt 1 ]; then
            printf 'waiting is of no use; still missing:\n%s\n' "$missing" >&2
            exit 1
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            printf 'gave up after %s s; still missing:\n%s\n' "$SECONDS_MAX" "$missing" >&2
            exit 1
        fi
        sleep 3
    done
    echo "all conditions hold"
}

main </dev/null
