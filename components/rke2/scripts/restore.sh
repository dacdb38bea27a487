# One step of bringing a cluster's etcd back from a snapshot, on one of its servers. npm run restore calls the steps in this
# order, each on the servers it is for. Each can be run again: a step that has been done for this restore is not done twice.
# https://docs.rke2.io/datastore/backup_restore
#
# with: parts/host.sh
#
#   STEP          list    which snapshots are on this server; it changes nothing
#                 look    whether this server can be restored, and on the first one the snapshot; it changes nothing
#                 stop    on every server: RKE2 and its pods end
#                 reset   on the first server: etcd becomes what the snapshot holds, with this one member
#                 begin   on the first server: RKE2 starts, and its API is awaited
#                 rejoin  on the other servers, one after the other: the old data goes, RKE2 joins the first server anew
#                 finish  on the first server: which nodes the cluster has now; the restore is over
#   RESTORE       names this restore; another name begins anew. For stop, reset, begin, rejoin and finish
#   SNAPSHOT      the name of the snapshot, or an absolute path where it is a file; for look on the first server, and reset
#   SERVER_URL    where the first server registers nodes; for rejoin
#   S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_FOLDER, S3_ACCESS_KEY, S3_SECRET_KEY   the bucket that has it   @default - it is a file
#   NODE_NAME, SECONDS_MAX, ROOT   see parts/host.sh; ROLE is server
: "${STEP:?}"
RESTORE=${RESTORE:-} SNAPSHOT=${SNAPSHOT:-} SERVER_URL=${SERVER_URL:-}
S3_ENDPOINT=${S3_ENDPOINT:-} S3_BUCKET=${S3_BUCKET:-} S3_REGION=${S3_REGION:-} S3_FOLDER=${S3_FOLDER:-}
S3_ACCESS_KEY=${S3_ACCESS_KEY:-} S3_SECRET_KEY=${S3_SECRET_KEY:-}
TOKEN=$(cat "$ETC/token" 2>/dev/null) || true
# Which restore the data of this server comes from: its name, then what was done for it and with what. It is written once the
# old data is gone for good, so that a second run neither resets nor empties a server twice.
RESET_FILE=$ETC/restore.reset
# What an interruption leaves is taken up again for this long. After that, the same snapshot is a new restore.
RESUMED_MINUTES=1440
# The described address of registration may be held by a server that is down. RKE2 takes the last file's word.
SERVER_FILE=$ETC/config.yaml.d/zz-multicluster-restore.yaml
RESET_CONFIG=$ROOT/run/multicluster-restore.yaml

snapshot_folder() {
    local folder
    folder=$(sed -n 's/^etcd-snapshot-dir: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' "$CONFIG_FILE" 2>/dev/null) || true
    if [ -n "$folder" ]; then printf '%s' "$ROOT$folder"; else printf '%s' "$DATA/server/db/snapshots"; fi
}

snapshot_file() {
    case $SNAPSHOT in
        /*) printf '%s' "$ROOT$SNAPSHOT" ;;
        *) printf '%s' "$(snapshot_folder)/$SNAPSHOT" ;;
    esac
}

# What etcd is brought back from, in one line.
source_of() {
    local file
    if [ -n "$S3_ENDPOINT" ]; then
        printf 's3 %s/%s/%s' "$S3_ENDPOINT" "$S3_BUCKET" "${S3_FOLDER:+$S3_FOLDER/}$SNAPSHOT"
    else
        file=$(snapshot_file)
        printf 'file %s' "${file#"$ROOT"}"
    fi
}

list_snapshots() {
    (cd "$(snapshot_folder)" 2>/dev/null && TZ=UTC0 find . -maxdepth 1 -type f ! -name '*.part' -printf "$1" | sort) || true
}

list() { list_snapshots '%TY-%Tm-%Td %TH:%TM\t%s\t%f\n' | sed 's/^/snapshot\t/'; }

look() {
    local file found
    if [ ! -f "$CONFIG_FILE" ] || [ ! -f "$ETC/token" ]; then
        die "this host has no configuration of RKE2 by this program: a new host is first made a server by npm run up, and restored then"
    fi
    type -P rke2 >/dev/null || die "rke2 is not on this host: run npm run up first"
    type -P rke2-killall.sh >/dev/null || die "rke2-killall.sh is not on this host, without which RKE2's pods cannot be ended: was RKE2 installed here?"
    [ -n "$SNAPSHOT" ] || { echo "the host answers, and has RKE2"; return; }
    if [ -n "$S3_ENDPOINT" ]; then
        echo "the snapshot is looked for in the bucket $S3_BUCKET at the time of the reset"
    else
        file=$(snapshot_file)
        if [ ! -s "$file" ]; then
            found=$(list_snapshots '%f\n')
            found=${found:-none}
            die "there is no snapshot ${file#"$ROOT"} here. There are: ${found//$'\n'/, }"
        fi
        check_token "$file"
        echo "${file#"$ROOT"}, $(TZ=UTC0 stat -c '%s bytes, of %y' "$file" | cut -d. -f1) UTC"
    fi
    tell_begun
}

# An earlier run of the same restore, if it has come past the reset.
tell_begun() {
    local id kind from
    [ -n "$(find "$RESET_FILE" -mmin "-$RESUMED_MINUTES" 2>/dev/null)" ] || return 0
    read -r id kind from <"$RESET_FILE" || true
    if [ "$kind $from" = "reset $(source_of)" ]; then
        printf 'begun\t%s\t%s\n' "$id" "$(TZ=UTC0 stat -c %y "$RESET_FILE" | cut -d. -f1) UTC"
    fi
}

OTHER_TOKEN="was made when the cluster had another token, and only that one opens it. Choose a snapshot that was made after the token was replaced (rke2.tokenGeneration, or the token in the configuration)"

# RKE2 keeps the cluster's keys in etcd, under a name made from the token and encrypted with it. A snapshot that is compressed
# does not show it; then the reset itself finds out.
check_token() {
    local keys own
    keys=$(LC_ALL=C grep -aoE '/bootstrap/[0-9a-f]{12}' "$1" | sort -u) || true
    own=/bootstrap/$(printf '%s' "${TOKEN##*:}" | sha256sum | cut -c 1-12)
    [ -z "$keys" ] || grep -qxF "$own" <<<"$keys" || die "the snapshot ${1#"$ROOT"} $OTHER_TOKEN. Nothing has been changed"
}

# Whether this server's data is of this restore already.
belongs() {
    local id=""
    [ -n "$RESTORE" ] || die "no restore is named for this step"
    [ ! -f "$RESET_FILE" ] || read -r id _ <"$RESET_FILE" || true
    [ "$id" = "$RESTORE" ]
}

is_stopped() {
    local state
    state=$(systemctl is-active "$UNIT") || true
    case $state in
        inactive | failed | unknown) ;;
        active | activating | reloading | deactivating) return 1 ;;
        # A guess would empty a server that runs.
        *) die "systemd does not say how $UNIT is, but: ${state:-nothing}" ;;
    esac
}

stop() {
    if belongs; then
        echo "the data of this server is of this restore already: it is left as it is"
        return
    fi
    rm -f "$RESET_FILE" # an earlier restore is given up
    end_rke2
    echo "RKE2 and its pods have ended"
}

# Stopping the unit leaves etcd and the API server behind, which go on as containers.
end_rke2() {
    local killall
    systemctl stop "$UNIT" || die "systemctl stop $UNIT has failed: see systemctl status $UNIT on this host"
    killall=$(type -P rke2-killall.sh) || die "rke2-killall.sh is not on this host: was RKE2 installed here?"
    timeout -k 10 "$SECONDS_MAX" bash "$killall" 9>&- >/dev/null 2>&1 || die "rke2-killall.sh has failed: run it by hand on this host and see"
}

# RKE2 resets nothing while its configuration names another server, and would look for a file in the bucket that it names.
write_reset_config() {
    local part
    rm -rf "$RESET_CONFIG" "$RESET_CONFIG.d"
    (
        umask 077
        mkdir "$RESET_CONFIG.d"
        without_others "$CONFIG_FILE" >"$RESET_CONFIG"
        for part in "$ETC"/config.yaml.d/*.y*ml; do
            [ ! -f "$part" ] || without_others "$part" >"$RESET_CONFIG.d/${part##*/}"
        done
    )
}

without_others() { sed -e '/^server: /d' -e '/^etcd-s3/d' "$1"; }

reset() {
    local said arguments=("--cluster-reset")
    if belongs; then
        echo "etcd has become what the snapshot holds in an earlier run: it is not reset again"
        return
    fi
    is_stopped || die "RKE2 runs on this server: it must be stopped first"
    # What an earlier restore has left, and the mark of an earlier reset, without which RKE2 takes this for a mistake.
    rm -f "$RESET_FILE" "$SERVER_FILE" "$DATA/server/db/reset-flag"
    write_reset_config
    if [ -n "$S3_ENDPOINT" ]; then
        arguments+=("--cluster-reset-restore-path=$SNAPSHOT" --etcd-s3 "--etcd-s3-endpoint=$S3_ENDPOINT" "--etcd-s3-bucket=$S3_BUCKET")
        [ -z "$S3_REGION" ] || arguments+=("--etcd-s3-region=$S3_REGION")
        [ -z "$S3_FOLDER" ] || arguments+=("--etcd-s3-folder=$S3_FOLDER")
    else
        arguments+=("--cluster-reset-restore-path=$(snapshot_file)")
    fi
    said=$(AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY \
        timeout -k 10 "$SECONDS_MAX" rke2 server --config "$RESET_CONFIG" "${arguments[@]}" 9>&- 2>&1) \
        || { rm -rf "$RESET_CONFIG" "$RESET_CONFIG.d"; die "$(reset_failure "$said")"; }
    rm -rf "$RESET_CONFIG" "$RESET_CONFIG.d"
    put "$RESET_FILE" "$RESTORE reset $(source_of)"
    echo "etcd is what the snapshot holds, and has this server alone"
}

reset_failure() {
    local old
    printf 'rke2 server --cluster-reset has failed. '
    case $1 in
        *"encrypted with different token"* | *"failed to decrypt bootstrap data"*) printf 'The snapshot %s. ' "$OTHER_TOKEN" ;;
    esac
    old=$(cd "$DATA/server/db" 2>/dev/null && find . -maxdepth 1 -name 'etcd-old-*' -printf '%f\n' | sort | tail -n 1) || true
    [ -z "$old" ] || printf 'What etcd had before is in %s. ' "${DATA#"$ROOT"}/server/db/$old"
    printf 'Its last lines:\n%s' "$(tail -n 15 <<<"$1" | masked)"
}

# No secret in a message, whatever RKE2 says.
masked() {
    local text secret
    text=$(cat)
    for secret in "$TOKEN" "$S3_ACCESS_KEY" "$S3_SECRET_KEY"; do
        [ -z "$secret" ] || text=${text//"$secret"/[secret]}
    done
    printf '%s' "$text"
}

begin() {
    belongs || die "this server has not been reset: that comes first"
    start_and_await
    echo "the cluster answers from this server"
}

rejoin() {
    [ -n "$SERVER_URL" ] || die "this step was not told which server to join: it would begin a cluster of its own"
    if ! belongs; then
        # A host that was switched off and on in between has started it again, with its old data.
        is_stopped || end_rke2
        # Its own snapshots stay.
        [ ! -d "$DATA/server/db" ] || find "$DATA/server/db" -mindepth 1 -maxdepth 1 ! -name snapshots -exec rm -rf {} +
        put "$RESET_FILE" "$RESTORE rejoin"
    fi
    mkdir -p "${SERVER_FILE%/*}"
    put "$SERVER_FILE" "server: \"$SERVER_URL\""
    start_and_await
    rm -f "$SERVER_FILE"
    rmdir --ignore-fail-on-non-empty "${SERVER_FILE%/*}"
    echo "the server is a member of the cluster again"
}

start_and_await() {
    local missing
    systemctl start --no-block "$UNIT"
    until missing=$(check_server); do
        [ "$SECONDS" -lt "$DEADLINE" ] || die "gave up after $SECONDS_MAX s: $missing. The last lines of $UNIT:"$'\n'"$(journal | masked)"
        sleep 3
    done
}

check_server() {
    local state now
    state=$(systemctl is-active "$UNIT") || true
    [ "$state" = active ] || { echo "$UNIT is ${state:-not there}"; return 1; }
    kubectl get --raw /readyz >/dev/null 2>&1 || { echo "the API is not ready"; return 1; }
    now=$(kubectl get node "$NODE_NAME" -o 'jsonpath={range .status.conditions[*]}{.type}={.status} {end}' 2>/dev/null) \
        || { echo "the node has not registered"; return 1; }
    case " $now" in *" EtcdIsVoter=True "*) ;; *) echo "etcd does not count this server yet"; return 1 ;; esac
}

finish() {
    local nodes node
    belongs || die "this server has not been reset: that comes first"
    nodes=$(kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' 2>/dev/null) \
        || die "the API does not say which nodes it has: see journalctl -u $UNIT on this host"
    rm -f "$RESET_FILE"
    for node in $nodes; do printf 'node\t%s\n' "$node"; done
}

main() {
    case $STEP in
        list) list ;;
        look | stop | reset | begin | rejoin | finish)
            lock
            "$STEP"
            ;;
        *) die "there is no step $STEP" ;;
    esac
}

main </dev/null
