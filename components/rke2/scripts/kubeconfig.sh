# Prints the kubeconfig of a cluster's administrator, once its API is ready. Run on a server; it changes nothing.
#
#   CLUSTER_NAME   what cluster, user and context are called in it
#   API_URL        where the API is reached from outside
#   SECONDS_MAX    when to give up
#   ROOT           what stands in front of every path   @default nothing
: "${CLUSTER_NAME:?}" "${API_URL:?}" "${SECONDS_MAX:?}"
ROOT=${ROOT:-}
FILE=$ROOT/etc/rancher/rke2/rke2.yaml
KUBECTL=$ROOT/var/lib/rancher/rke2/bin/kubectl

main() {
    local deadline=$((SECONDS + SECONDS_MAX))
    until "$KUBECTL" --kubeconfig "$FILE" --request-timeout=10s get --raw /readyz >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "gave up after $SECONDS_MAX s: the API of $CLUSTER_NAME is not ready" >&2
            exit 1
        fi
        sleep 3
    done
    # RKE2 writes its own machine's address, and calls everything `default`. In quotes: a name may be all digits.
    sed -E -e "s#^( *server: ).*#\1\"$API_URL\"#" \
        -e "s#^( *(- )?(name|cluster|user|current-context): )default\$#\1\"$CLUSTER_NAME\"#" "$FILE"
}

main </dev/null
