# Prepares the host, as node.sh does.
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/prepare.sh

main() {
    prepare_host
}

main </dev/null
