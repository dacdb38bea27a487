# Runs functions of parts/files.sh, and nothing else of a node.
#
#   RUN   their names
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/files.sh
# with: ../../../components/rke2/scripts/parts/install.sh
: "${RUN:?}"

main() {
    mkdir -p "$ETC"
    for function in $RUN; do "$function"; done
}

main </dev/null
