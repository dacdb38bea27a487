# Takes the egress addresses off this host, and the interface that was made for them.
#
# with: ../../rke2/scripts/parts/host.sh
# with: parts/egress.sh
main() {
    lock
    remove_egress
}

main </dev/null
