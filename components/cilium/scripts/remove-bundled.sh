# Has RKE2 uninstall its own Cilium, when the whole cluster is removed: the network goes before the nodes, which are removed
# only where it is gone. Run again, it finishes what was interrupted.
#
# with: ../../rke2/scripts/parts/host.sh
# with: parts/first.sh
main() {
    local said
    lock
    forget_first
    if ! is_node; then
        echo "RKE2 is not on this host: its Cilium is gone with it"
        return
    fi
    # Waited for below, with a time of its own: the object stays until RKE2's job is done.
    said=$(kubectl -n kube-system delete helmcharts.helm.cattle.io rke2-cilium --ignore-not-found --wait=false 2>&1) \
        || die "RKE2's Cilium cannot be uninstalled: ${said##*$'\n'}"
    until said=$(kubectl -n kube-system get pods --selector k8s-app=cilium -o name 2>&1) && [ -z "$said" ]; do
        [ "$SECONDS" -lt "$DEADLINE" ] \
            || die "RKE2 has not uninstalled its Cilium within $SECONDS_MAX s: ${said##*$'\n'}; see kubectl -n kube-system logs job/helm-delete-rke2-cilium"
        sleep 3
    done
    echo "RKE2's Cilium is uninstalled"
}

main </dev/null
