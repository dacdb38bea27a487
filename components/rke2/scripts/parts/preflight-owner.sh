# What a preflight finds of clusters that this host is, or was, a part of.

# OWNED: `mine` for the node itself, `other` for another node of this program, or nothing. Only this program writes the name
# with these quotes; and RKE2 that runs without its note of the last start has been put there by others.
read_owner() {
    OWNED="" OWNER=""
    if has_data && [ ! -f "$CONFIG_FILE.started" ]; then return 0; fi
    OWNER=$(sed -n 's/^node-name: "\(.*\)"$/\1/p' "$CONFIG_FILE" 2>/dev/null) || true
    case $OWNER in
        "") ;;
        "$NODE_NAME") OWNED=mine ;;
        *) OWNED=other ;;
    esac
}

has_data() { [ -d "$DATA/server/db" ] || [ -f "$DATA/agent/kubelet.kubeconfig" ]; }

check_owner() {
    case $OWNED in
        mine) check_role ;;
        "") check_earlier ;;
        other)
            refuse other-node "this host is the node $OWNER" "a host for $NODE_NAME alone" \
                "if it was renamed, take it out under its old name first, in a change of its own; if not, correct ssh.host or the address of one of the two"
            ;;
    esac
}

check_role() {
    local other=rke2-agent
    [ "$ROLE" = server ] || other=rke2-server
    # UNIT is host.sh's.
    # shellcheck disable=SC2153
    if is_active "$other" || is_enabled "$other"; then
        refuse role "this host runs $other" "$UNIT, as the node is described" \
            "take the node out, in a change of its own, and describe it in its new role after that"
    fi
}

check_earlier() {
    local found=() unit path
    for unit in rke2-server rke2-agent k3s k3s-agent kubelet; do
        if is_active "$unit" || is_enabled "$unit"; then found+=("the service $unit"); fi
    done
    # Images that someone has put there beforehand, and files in config.yaml.d, are welcome.
    for path in "$CONFIG_FILE" "$DATA/server/db" "$DATA/agent/kubelet.kubeconfig" "$ROOT"/etc/rancher/k3s/config.yaml \
        "$ROOT"/var/lib/rancher/k3s/{server,agent} "$ROOT"/etc/kubernetes/kubelet.conf "$ROOT"/var/lib/k0s "$ROOT"/var/snap/microk8s; do
        [ ! -e "$path" ] || found+=("${path#"$ROOT"}")
    done
    [ "${#found[@]}" -eq 0 ] || refuse earlier-cluster "$(joined "${found[@]}")" "a host without RKE2, k3s or another Kubernetes" \
        "name another host, or remove what is there: rke2-uninstall.sh, k3s-uninstall.sh, kubeadm reset"
}
