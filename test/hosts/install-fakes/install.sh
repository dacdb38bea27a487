# Installs RKE2 by parts/install.sh alone, and nothing else of a node.
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/install.sh
main() {
    mkdir -p "$ETC"
    install_rke2
}

main </dev/null
