# Takes nodes out of a cluster that are no longer described, or whose hosts are lost. Run on a server that stays. Nodes that
# this program has not made are never touched. Run again, it finishes what was interrupted.
#
# with: parts/host.sh
# with: parts/evict.sh
# with: parts/membership.sh
#
#   NODES           the names of the nodes that the cluster is to have, one a line
#   LOST            the names of those whose hosts no longer answer, one a line   @default none
#   EVICT           none: their pods end with them; else they are drained   @default drain
#   DRAIN_SECONDS   how long the pods of a node may take   @default 600
#   ETCD_SECONDS_MAX, DELETE_SECONDS_MAX   how long RKE2 may take to let a server and a Node go   @default 180, 120
#   ROLE, NODE_NAME, SECONDS_MAX, ROOT   of the server it runs on: see parts/host.sh
: "${NODES:?}"
LOST=${LOST:-} EVICT=${EVICT:-drain} DRAIN_SECONDS=${DRAIN_SECONDS:-600}
ETCD_SECONDS_MAX=${ETCD_SECONDS_MAX:-180} DELETE_SECONDS_MAX=${DELETE_SECONDS_MAX:-120}
RECORD=multicluster-members # a ConfigMap of kube-system: the nodes that this program has made
FIELDS='{.metadata.name} uid={.metadata.uid} etcd={.metadata.labels.node-role\.kubernetes\.io/etcd}'
FIELDS+=' ready={.status.conditions[?(@.type=="Ready")].status} voter={.status.conditions[?(@.type=="EtcdIsVoter")].status}'
LEFT='{.metadata.annotations.etcd\.rke2\.cattle\.io/removed-node-name}' # by which RKE2 says that a server is out of etcd
FIELDS+=" left=$LEFT made={.metadata.annotations.${MEMBER}}"

# What the API says of each Node, by its name.
declare -A THERE=() SERVER=() READY=() VOTER=() OUT=()
KNOWN=() # the nodes made by this program
GOING=() # those of them that go: agents, then lost servers, then the others
RECORDED="" # what the ConfigMap says; `none` where there is no ConfigMap

has() { [[ $'\n'$1$'\n' == *$'\n'"$2"$'\n'* ]]; }
lines() { [ $# -eq 0 ] || printf '%s\n' "$@"; }

read_cluster() {
    local said name uid etcd ready voter left made found
    said=$(ask -n kube-system get configmap "$RECORD" --ignore-not-found -o 'jsonpath=there {.data.nodes}') \
        || die "the ConfigMap kube-system/$RECORD cannot be read: $said"
    RECORDED=none
    [ -z "$said" ] || RECORDED=${said#there }
    found=$LOST
    [ "$RECORDED" = none ] || found+=$'\n'$RECORDED
    said=$(ask get nodes -o "jsonpath={range .items[*]}$FIELDS{\"\\n\"}{end}") || die "the cluster's nodes cannot be listed: $said"
    while read -r name uid etcd ready voter left made; do
        [ -n "$name" ] || continue
        THERE[$name]=${uid#uid=} SERVER[$name]=${etcd#etcd=} READY[$name]=${ready#ready=}
        VOTER[$name]=${voter#voter=} OUT[$name]=${left#left=}
        [ "$made" != made=yes ] || found+=$'\n'$name
    done <<<"$said"
    mapfile -t KNOWN < <(grep . <<<"$found" | sort -u)
}

is_server() { [ "${SERVER[$1]:-}" = true ]; }
is_lost() { has "$LOST" "$1"; }
is_out() { [ -n "${OUT[$1]:-}" ]; }
# Unknown is what the cluster says of a kubelet that is silent; one that is not Ready can still end pods.
reports() { [ "${READY[$1]:-}" = True ] || [ "${READY[$1]:-}" = False ]; }

find_going() {
    local name agents=() lost=() others=()
    for name in "${KNOWN[@]}"; do
        if has "$NODES" "$name"; then continue; fi
        if ! is_server "$name"; then agents+=("$name"); elif is_lost "$name"; then lost+=("$name"); else others+=("$name"); fi
    done
    GOING=("${agents[@]}" "${lost[@]}" "${others[@]}")
}

# All that is refused, before anything is changed.
check_going() {
    local name silent=()
    if ! has "$NODES" "$NODE_NAME" || is_lost "$NODE_NAME"; then
        die "this server would have to take itself out of its cluster: describe a server first that stays in it"
    fi
    for name in "${GOING[@]}"; do
        if [ -z "${THERE[$name]:-}" ] || is_lost "$name" || is_out "$name" || reports "$name"; then continue; fi
        silent+=("$name")
    done
    [ ${#silent[@]} -eq 0 ] \
        || die "these nodes are no longer described, and do not report to their cluster, so that they cannot be taken out in order: ${silent[*]}. No node has been taken out. Start their hosts; or describe them again and say lost: true for each whose host no longer answers"
    check_quorum
}

# After each server that goes, those that stay must be able to decide.
check_quorum() {
    local name leaving stay=() going=() members=() voters=() need
    for name in "${!THERE[@]}"; do
        ! is_server "$name" || is_out "$name" || stay+=("$name")
    done
    mapfile -t stay < <(lines "${stay[@]}" | sort)
    for name in "${GOING[@]}"; do
        ! is_server "$name" || is_out "$name" || going+=("$name")
    done
    for leaving in "${going[@]}"; do
        members=() voters=()
        for name in "${stay[@]}"; do
            [ "$name" != "$leaving" ] || continue
            members+=("$name")
            ! reports "$name" || [ "${VOTER[$name]}" != True ] || voters+=("$name")
        done
        [ ${#members[@]} -gt 0 ] \
            || die "every server of the cluster would go (${going[*]}), and its data with them. No node has been taken out. Describe new servers next to one of these, and leave it out in a change of its own"
        need=$((${#members[@]} / 2 + 1))
        [ ${#voters[@]} -ge "$need" ] \
            || die "etcd would have no majority without $leaving: of the ${#members[@]} servers that stay (${members[*]}), $need must report and vote, and only these do: ${voters[*]:-none}. No node has been taken out. Start the others first, or say lost: true for each whose host no longer answers; a cluster that has lost its majority comes back from a snapshot: npm run restore"
        stay=("${members[@]}")
    done
}

# record NAMES...: the ConfigMap says exactly these.
record() {
    local said names text="" name
    names=$(lines "$@")
    [ "$RECORDED" != "$names" ] || return 0
    if [ "$RECORDED" = none ]; then
        said=$(ask -n kube-system create configmap "$RECORD" "--from-literal=nodes=$names") \
            || die "the ConfigMap kube-system/$RECORD cannot be made: $said"
    else
        for name in "$@"; do text+="${text:+\\n}$name"; done
        said=$(ask -n kube-system patch configmap "$RECORD" --type=merge --patch "{\"data\":{\"nodes\":\"$text\"}}") \
            || die "the ConfigMap kube-system/$RECORD cannot be changed: $said"
    fi
    RECORDED=$names
}

# The host must not take part in etcd's decisions any more when it goes.
leave_etcd() {
    local said end=$((SECONDS + ETCD_SECONDS_MAX))
    said=$(ask annotate node "$1" etcd.rke2.cattle.io/remove=true --overwrite) || die "RKE2 cannot be asked to take server $1 out of etcd: $said"
    until [ -n "$(kubectl get node "$1" -o "jsonpath=$LEFT" 2>/dev/null)" ]; do
        [ "$SECONDS" -lt "$end" ] \
            || die "RKE2 has not taken server $1 out of etcd within $ETCD_SECONDS_MAX s. See journalctl -u rke2-server on the servers that stay; the next run goes on. The last lines here:"$'\n'"$(journal)"
        sleep 3
    done
    echo "$1 is out of etcd"
}

# Its servers' controllers hold a Node until they have done their part.
delete_node() {
    local said end=$((SECONDS + DELETE_SECONDS_MAX))
    said=$(ask delete node "$1" --ignore-not-found --wait=false) || die "the Node $1 cannot be deleted: $said"
    while :; do
        said=$(ask get node "$1" --ignore-not-found -o 'jsonpath={.metadata.uid} held by {.metadata.finalizers}') \
            || die "whether the Node $1 is gone cannot be told: $said"
        # Another one of this name has registered by itself in the meantime.
        [[ $said == "${THERE[$1]} "* ]] || return 0
        [ "$SECONDS" -lt "$end" ] \
            || die "the Node $1 is not gone $DELETE_SECONDS_MAX s after it was deleted, ${said#* }: see journalctl -u rke2-server on the servers. The next run goes on"
        sleep 3
    done
}

take_out() {
    local said
    if [ -n "${THERE[$1]:-}" ]; then
        if ! is_lost "$1" && ! is_out "$1"; then
            cordon "$1"
            [ "$EVICT" = none ] || evict_pods "$1" "$DRAIN_SECONDS"
        fi
        ! is_server "$1" || is_out "$1" || leave_etcd "$1"
        delete_node "$1"
    fi
    # Or no other host could register with this name.
    said=$(ask -n kube-system delete secret "$1.node-password.rke2" --ignore-not-found) \
        || die "the Secret kube-system/$1.node-password.rke2 cannot be deleted: $said"
    echo "$1 is taken out of the cluster"
}

main() {
    local name left
    lock
    read_cluster
    find_going
    check_going
    # All of them first, so that an interruption forgets none.
    [ ${#GOING[@]} -eq 0 ] || record "${KNOWN[@]}"
    left=$(lines "${KNOWN[@]}")
    for name in "${GOING[@]}"; do
        take_out "$name"
        left=$(grep -vxF "$name" <<<"$left") || left=""
        mapfile -t KNOWN < <(grep . <<<"$left" || true)
        record "${KNOWN[@]}"
    done
    mapfile -t KNOWN < <(grep . <<<"$NODES" | sort -u)
    record "${KNOWN[@]}"
    echo "the cluster has the nodes that are described"
}

main </dev/null
