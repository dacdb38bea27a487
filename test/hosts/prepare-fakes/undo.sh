# Takes a preparation back, as remove-node.sh does.
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/prepare.sh

main() {
    undo_preparation
}

main </dev/null
