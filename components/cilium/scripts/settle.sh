# Takes away what RKE2's own Cilium was first installed with, once its cluster has the same as an object: RKE2 applies its
# manifests at every start, and would bring back the values of the first day.
#
# with: ../../rke2/scripts/parts/host.sh
# with: parts/first.sh
#
#   MARK   what the object says now; it is not read, but with another one this runs again
main() {
    lock
    forget_first
    echo "RKE2's Cilium is configured by an object alone"
}

main </dev/null
