# Puts the configuration of RKE2's own Cilium where RKE2 finds it when it starts for the first time: the network that it
# installs is then the described one from the beginning. On a server that has been started it does nothing: its cluster knows
# the configuration as an object.
#
# with: ../../rke2/scripts/parts/host.sh
# with: parts/first.sh
#
#   MANIFEST   the text of the file
: "${MANIFEST:?}"

main() {
    lock
    if is_node; then
        echo "RKE2 has been started here: its cluster has the configuration as an object"
        return
    fi
    mkdir -p "$DATA"
    # As RKE2 makes them.
    for folder in "${FIRST_FILE%/*/*}" "${FIRST_FILE%/*}"; do
        [ -d "$folder" ] || mkdir -m 700 "$folder"
    done
    put "$FIRST_FILE" "${MANIFEST%$'\n'}"
    echo "RKE2 finds the configuration of its Cilium when it starts"
}

main </dev/null
