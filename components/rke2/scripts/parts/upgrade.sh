# What comes before and after another version of RKE2 on a node. Needs parts/host.sh.
#
# with: evict.sh
#
#   VERSION         the RKE2 release, as v1.35.7+rke2r1
#   FIRST           yes for the server that begins the cluster: it takes the snapshot   @default no
#   EVICT           none; cordon: no new pods come while the version changes; drain: and those that are there go   @default cordon
#   DRAIN_SECONDS   how long the pods may take   @default 600
#   SNAPSHOT_SECONDS_MAX   how long a snapshot of etcd may take   @default 300
FIRST=${FIRST:-} EVICT=${EVICT:-cordon} DRAIN_SECONDS=${DRAIN_SECONDS:-600} SNAPSHOT_SECONDS_MAX=${SNAPSHOT_SECONDS_MAX:-300}
SNAPSHOT_FILE=$ETC/snapshot.before # the version before which etcd has a snapshot, until the upgrade is done
CORDONED_FILE=$ETC/cordoned.here # there while the node is cordoned from here, and not by someone else
ETCD_MANIFEST=$DATA/agent/pod-manifests/etcd.yaml

# What runs here, or ran last. What is installed may never have been started.
version_here() {
    local here
    here=$(kubectl get node "$NODE_NAME" -o 'jsonpath={.status.nodeInfo.kubeletVersion}' 2>/dev/null) || here=""
    [ -n "$here" ] || here=$(sed -n 's/^# version: //p' "$STARTED_FILE" 2>/dev/null) || here=""
    [ -n "$here" ] || here=$(installed_version) || here=""
    printf '%s' "${here%% *}"
}

# release VERSION: its minor, and a number that is higher for a later release.
release() {
    [[ $1 =~ ^v1\.([0-9]+)\.([0-9]+)(-rc[0-9]+)?\+rke2r([0-9]+)$ ]] || return 1
    echo "${BASH_REMATCH[1]}" $((BASH_REMATCH[1] * 1000000 + BASH_REMATCH[2] * 1000 + BASH_REMATCH[4]))
}

# check_upgrade FROM TO: ends the run where this node must not become that. Changes nothing.
check_upgrade() {
    local found from from_number to to_number
    [ "$1" != "$2" ] || return 0
    found=$(release "$1") \
        || die "the version of RKE2 on this host cannot be told, and so not whether $2 may follow it: see what rke2 --version says here"
    read -r from from_number <<<"$found"
    found=$(release "$2") || die "$2 is no release of RKE2, as v1.35.7+rke2r1 is"
    read -r to to_number <<<"$found"
    [ "$to_number" -ge "$from_number" ] \
        || die "RKE2 $1 runs here, and $2 is older: neither Kubernetes nor etcd goes back. Set rke2.version to $1 or a later one; what was before the upgrade can only come back from its snapshot: npm run restore"
    if [ "$ROLE" = agent ]; then
        # It may be minors behind, where it was away while its servers went on, and catches up at once.
        await_servers "$2" "$to"
        return
    fi
    [ "$to" -le $((from + 1)) ] \
        || die "RKE2 $1 runs here, and $2 is $((to - from)) minors later: Kubernetes allows no minor to be skipped. Set rke2.version to the newest release of v1.$((from + 1)) first, and on from there when all nodes run it"
    [ "$from" -ge 34 ] || [ "$to" -lt 34 ] || check_etcd "$1" "$from" "$2"
}

# await_servers VERSION MINOR: a kubelet must not be newer than its API server, which may be the last to be replaced.
await_servers() {
    local said minor end=$((SECONDS + API_SECONDS_MAX))
    while :; do
        said=$(ask get --raw /version) || die "whether the cluster's servers run $1 already cannot be told, and an agent must not be ahead of them: $said"
        minor=$(sed -n 's/.*"gitVersion": *"v1\.\([0-9]*\)\..*/\1/p' <<<"$said")
        [ -n "$minor" ] || die "the API does not say its version, and an agent must not be ahead of it: see kubectl get --raw /version"
        [ "$minor" -lt "$2" ] || return 0
        [ "$SECONDS" -lt "$end" ] \
            || die "the cluster's API is of v1.$minor, and $1 is later: an agent must not be ahead of its servers. Bring all servers to $1 first"
        sleep 3
    done
}

# check_etcd FROM MINOR TO: members that etcd before 3.5.26 has removed may come back with 3.6, which 1.34 brings.
check_etcd() {
    local running major minor patch
    running=$(sed -n 's/^ *\(- \)\{0,1\}image: .*etcd[^:]*:v\([0-9]*\.[0-9]*\.[0-9]*\).*/\2/p' "$ETCD_MANIFEST" 2>/dev/null) || running=""
    [ -n "$running" ] || die "which etcd runs here cannot be told, and $3 needs 3.5.26 or later before it: ${ETCD_MANIFEST#"$ROOT"} names no image with its version"
    IFS=. read -r major minor patch <<<"$running"
    [ $((major * 1000000 + minor * 1000 + patch)) -ge 3005026 ] \
        || die "etcd $running runs here with RKE2 $1, and $3 needs 3.5.26 or later before it, or removed members may come back. Set rke2.version to the newest release of v1.$2 first, and to $3 when all nodes run it"
}

# Before anything of the node is changed. Run again in the middle of an upgrade, it goes on.
before_upgrade() {
    local from
    is_node || return 0
    from=$(version_here)
    [ "$from" != "$VERSION" ] || return 0
    take_snapshot
    step_aside
}

take_snapshot() {
    local said name=before-${VERSION/+/-}
    [ "$FIRST" = yes ] || return 0
    [ "$(text_of "$SNAPSHOT_FILE")" != "$VERSION" ] || return 0
    said=$(timeout "$SNAPSHOT_SECONDS_MAX" rke2 etcd-snapshot save --name "$name" 9>&- 2>&1) \
        || die "rke2 etcd-snapshot save has failed, without which nothing is upgraded: ${said##*$'\n'}. RKE2 must run on this host for it: see journalctl -u $UNIT"
    put "$SNAPSHOT_FILE" "$VERSION"
    echo "etcd has the snapshot $name"
}

step_aside() {
    local cordoned
    [ "$EVICT" != none ] || return 0
    if ! systemctl is-active --quiet "$UNIT"; then
        echo "$UNIT does not run: the node is upgraded without being cordoned"
        return
    fi
    cordoned=$(ask get node "$NODE_NAME" -o 'jsonpath={.spec.unschedulable}') \
        || die "whether the node is cordoned cannot be told: $cordoned"
    if [ "$cordoned" != true ]; then
        # Noted first: what is noted and was not done is undone without harm.
        put "$CORDONED_FILE" "$VERSION"
        cordon "$NODE_NAME"
        echo "$NODE_NAME is cordoned"
    fi
    [ "$EVICT" != drain ] || evict_pods "$NODE_NAME" "$DRAIN_SECONDS"
}

# Once the node is one again. A node that someone else has cordoned stays so.
after_upgrade() {
    if [ -f "$CORDONED_FILE" ]; then
        uncordon "$NODE_NAME"
        rm -f "$CORDONED_FILE"
        echo "$NODE_NAME is not cordoned any more"
    fi
    rm -f "$SNAPSHOT_FILE"
}
