# How a node is emptied, by itself or by a server. Needs parts/host.sh.
#
# An agent has its kubelet's rights and no more: it may change its own Node, list its own pods and evict them. `kubectl drain`
# asks for DaemonSets too, and is refused.
#
# with: ask.sh
PODS='{range .items[*]}{.metadata.uid} {.metadata.namespace} {.metadata.name} {.status.phase}'
PODS+=' mirror={.metadata.annotations.kubernetes\.io/config\.mirror} owners={.metadata.ownerReferences[*].kind}{"\n"}{end}'

# cordon NODE: no new pods come to it.
cordon() {
    local said
    said=$(ask cordon "$1") || die "node $1 cannot be cordoned: $said"
}

# uncordon NODE
uncordon() {
    local said
    said=$(ask uncordon "$1") || die "node $1 cannot be uncordoned: $said. The next run tries again, and kubectl uncordon $1 does the same"
}

# pods_to_evict NODE: `uid namespace name owned|alone` of all but the finished pods and those that belong to the node itself.
pods_to_evict() {
    local pods uid namespace name phase mirror owners
    pods=$(ask get pods --all-namespaces --field-selector "spec.nodeName=$1" -o "jsonpath=$PODS") || { printf '%s' "$pods"; return 1; }
    while read -r uid namespace name phase mirror owners; do
        case "$phase $mirror $owners" in
            " "* | "Succeeded "* | "Failed "* | *"DaemonSet"*) ;;
            *" mirror= owners=") echo "$uid $namespace $name alone" ;;
            *" mirror= "*) echo "$uid $namespace $name owned" ;;
        esac
    done <<<"$pods"
}

# evict NAMESPACE POD: prints why it is refused, and fails. kubectl names the disruption budget only where it shows all.
evict() {
    local said why budget
    said=$(printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"%s","name":"%s"}}' "$1" "$2" \
        | kubectl create --raw "/api/v1/namespaces/$1/pods/$2/eviction" -f - -v=8 2>&1) && return 0
    why=${said##*$'\n'}
    [[ $why != *"(NotFound)"* ]] || return 0
    budget=$(grep -om1 'The disruption budget [^"]*' <<<"$said") || budget=""
    printf '%s' "${why#Error from server (*): }${budget:+ $budget}"
    return 1
}

# evict_pods NODE SECONDS: asks the pods of a cordoned node to go, as often as they are refused, and waits until they are gone.
# What comes in the meantime may stay: a pod that tolerates the cordon is made anew on the same node.
evict_pods() {
    local node=$1 end=$((SECONDS + $2)) pods now uid namespace name owner said accepted=" " staying=""
    local -A why=()
    pods=$(pods_to_evict "$node") || die "the pods of node $node cannot be listed: $pods"
    while [ -n "$pods" ]; do
        while read -r uid namespace name owner; do
            [[ $accepted != *" $uid "* ]] || continue
            if said=$(evict "$namespace" "$name"); then
                accepted+="$uid "
                why[$uid]="has been asked to end, and has not"
                [ "$owner" = owned ] || echo "$namespace/$name has left $node for good: nothing makes it anew"
            else
                why[$uid]=$said
            fi
        done <<<"$pods"
        sleep 3
        now=$(pods_to_evict "$node") || die "the pods of node $node cannot be listed: $now"
        pods=$(grep -xFf <(printf '%s\n' "$pods") <<<"$now") || pods=""
        [ -z "$pods" ] || [ "$SECONDS" -lt "$end" ] || break
    done
    [ -n "$pods" ] || return 0
    while read -r uid namespace name owner; do
        staying+=$'\n'"  $namespace/$name: ${why[$uid]}"
    done <<<"$pods"
    die "gave up after $2 s of draining node $node, which still has these pods:$staying
The node stays cordoned, and the next run goes on. Change what holds them, such as the disruption budget, or raise rollout.drainSeconds. To have the node back as it was, run kubectl uncordon $node"
}
