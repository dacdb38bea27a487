# Takes back the configuration of RKE2's own Cilium, where RKE2 has not been installed after it.
#
# with: ../../rke2/scripts/parts/host.sh
# with: parts/first.sh
main() {
    lock
    if is_node; then return; fi
    forget_first
    rmdir "${FIRST_FILE%/*}" "${FIRST_FILE%/*/*}" "$DATA" "${DATA%/*}" 2>/dev/null || true
}

main </dev/null
