# Waits until a cluster has what the next objects need. Run on a server of the cluster.
#
#   CONDITIONS  one condition on each line:
#                 crd NAME                      the CRD is established
#                 rollout KIND NAMESPACE NAME   every pod of the workload is updated and available
#                 nodes                         every node is Ready
#                 versions VERSION [SELECTOR]   every node runs this RKE2 and is Ready, or every one that the labels select
#                 deployed NAMESPACE DEPLOYMENT VERSION MARK CHART   the Deployment has an image of this version, and is
#                                               annotated with these values, out of this chart of RKE2's
#                 endpoint NAMESPACE SERVICE    the Service has an endpoint that is ready
#                 address NAMESPACE SERVICE IP  the Service of type LoadBalancer has been given this address
#   SECONDS_MAX   when to give up
#   REFUSED_SECONDS_MAX   how long a load balancer may refuse an address, and jobs may fail   @default 60
#   AFTER         names what was changed before; it is not read, but with another one this runs again
#   KUBECTL, KUBECONFIG   @default what RKE2 installs
#   ROOT   what stands in front of every path   @default nothing
: "${CONDITIONS:?}" "${SECONDS_MAX:?}"
ROOT=${ROOT:-}
KUBECTL=${KUBECTL:-$ROOT/var/lib/rancher/rke2/bin/kubectl}
export KUBECONFIG=${KUBECONFIG:-$ROOT/etc/rancher/rke2/rke2.yaml}
export KUBECACHEDIR=$ROOT/run/multicluster-kubectl # or root's home would keep it

kubectl() { "$KUBECTL" --request-timeout=15s "$@"; }

# What is still refused, or still fails, after this time will not come by itself.
REFUSED_SECONDS_MAX=${REFUSED_SECONDS_MAX:-60}

# Tries from before do not count against a cluster that someone has put right since.
BEGAN=$(date -u +%Y-%m-%dT%H:%M:%SZ)

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

check_versions() {
    local out node name running ready missing=""
    out=$(kubectl get nodes ${2:+-l "$2"} -o 'jsonpath={range .items[*]}{.metadata.name}={.status.nodeInfo.kubeletVersion}={.status.conditions[?(@.type=="Ready")].status} {end}' 2>&1) \
        || { echo "nodes: ${out##*$'\n'}"; return 1; }
    [ -n "$out" ] || { echo "no node is there${2:+ with $2}"; return 1; }
    for node in $out; do
        IFS='=' read -r name running ready <<<"$node"
        if [ "$running" != "$1" ]; then
            missing="$missing $name (${running:-unknown})"
        elif [ "$ready" != True ]; then
            missing="$missing $name (not Ready)"
        fi
    done
    [ -n "$missing" ] || return 0
    echo "nodes not at $1:$missing"
    tell_jobs "$1"
}

# What keeps the jobs of the system-upgrade-controller, where that brings the nodes to a version. They try again for ever.
# One try may fail as RKE2 goes down under it; a node whose tries fail again needs somebody.
tell_jobs() {
    local pods at namespace pod job node phase waits why useless=0
    local -A times=() last=()
    pods=$(kubectl get pods --all-namespaces -l "upgrade.cattle.io/version=${1/+/-}" --sort-by=.metadata.creationTimestamp \
        -o 'jsonpath={range .items[*]}{.metadata.creationTimestamp}|{.metadata.namespace}|{.metadata.name}|{.metadata.labels.batch\.kubernetes\.io/job-name}|{.metadata.labels.upgrade\.cattle\.io/node}|{.status.phase}|{.status.initContainerStatuses[*].state.waiting.reason} {.status.containerStatuses[*].state.waiting.reason}{"\n"}{end}' 2>/dev/null) || true
    while IFS='|' read -r at namespace pod job node phase waits; do
        case "$phase $waits" in
            Failed*)
                [[ $at < $BEGAN ]] || times[$node]=$((${times[$node]:-0} + 1))
                last[$node]="$namespace $pod $job"
                ;;
            Pending*Image* | Pending*Err*) echo "Job $job cannot begin on node $node: ${waits% PodInitializing}" ;;
        esac
    done <<<"$pods"
    for node in "${!times[@]}"; do
        [ "${times[$node]}" -ge 2 ] || continue
        read -r namespace pod job <<<"${last[$node]}"
        why=$(kubectl -n "$namespace" logs "$pod" --all-containers --tail=1 2>/dev/null) || true
        why=${why##*$'\n'}
        echo "Job $job has failed on node $node, ${times[$node]} times: ${why:-its log is not to be had}; see kubectl -n $namespace logs $pod --all-containers"
        useless=1
    done
    [ "$useless" -eq 0 ] || [ "$SECONDS" -lt "$REFUSED_SECONDS_MAX" ] || return 2
    return 1
}

# RKE2's controller installs its own charts in its own time: what it has come to shows in their objects.
check_deployed() {
    local out mark images image job="see kubectl -n $1 logs job/helm-install-$5"
    out=$(kubectl -n "$1" get deployment "$2" \
        -o 'jsonpath={.metadata.annotations.multicluster/values}|{.spec.template.spec.containers[*].image}' 2>&1) \
        || { echo "deployment $1/$2: ${out##*$'\n'}; $job"; return 1; }
    mark=${out%%|*} images=${out#*|}
    for image in $images; do
        [[ ${image##*/} =~ :v?"$3"($|[^0-9.]) ]] || continue
        [ "$mark" != "$4" ] || return 0
        echo "deployment $1/$2 does not yet have the values $4, but ${mark:-others}; $job"
        return 1
    done
    echo "deployment $1/$2 has no image of $3, but ${images:-none}; $job"
    return 1
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
            "crd "?* | "rollout "?*" "?*" "?* | nodes | "versions "?* | "deployed "?*" "?*" "?*" "?*" "?* | "endpoint "?*" "?* | "address "?*" "?*" "?*) ;;
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
