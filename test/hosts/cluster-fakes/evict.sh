# Empties a node.
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/evict.sh
main() {
    cordon "$NODE_NAME"
    evict_pods "$NODE_NAME" "$DRAIN_SECONDS"
    echo "the node is empty"
}

main </dev/null
