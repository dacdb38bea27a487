# What a preflight finds of services that get in a cluster network's way.

check_firewalld() {
    is_active firewalld || return 0
    if [ "$FIREWALLD" = leave ]; then
        demand firewalld "firewalld runs, and rke2.host.firewalld is leave" "no firewalld: it drops packets of pods that Cilium has let through" \
            "systemctl disable --now firewalld, or say off or open"
    elif [ "$PREPARE" = no ]; then
        demand firewalld "firewalld runs, and rke2.host.prepare is false" "no firewalld: it drops packets of pods that Cilium has let through" \
            "systemctl disable --now firewalld, or let this program prepare the hosts"
    fi
}

# Asking for the rules themselves would load kernel modules.
check_firewall() {
    local service found=()
    if grep -qs '^ENABLED=yes' "$ROOT/etc/ufw/ufw.conf"; then found+=(ufw); fi
    for service in nftables iptables ip6tables; do if is_active "$service"; then found+=("$service"); fi; done
    [ "${#found[@]}" -eq 0 ] || warn firewall "rules of $(joined "${found[@]}")" \
        "rules that let through the ports of RKE2 and Cilium, and all from pods" "see docs.rke2.io/install/requirements, or switch it off"
}

# Why it matters what others say: this program's own files are not there yet when it prepares the host.
check_network_manager() {
    [ "$PREPARE" = no ] && is_active NetworkManager || return 0
    grep -qsE '^unmanaged-devices.*cilium' "$ROOT"/{etc,run,usr/lib}/NetworkManager/conf.d/*.conf "$ROOT/etc/NetworkManager/NetworkManager.conf" \
        || demand network-manager "NetworkManager manages Cilium's interfaces, and rke2.host.prepare is false" "that it leaves them alone" \
            "write unmanaged-devices=interface-name:cilium*;interface-name:lxc* below [keyfile] in /etc/NetworkManager/conf.d/cilium.conf"
}

check_nm_cloud_setup() {
    local unit found=()
    [ "$PREPARE" = no ] || return 0
    for unit in nm-cloud-setup.service nm-cloud-setup.timer; do
        if is_active "$unit" || is_enabled "$unit"; then found+=("$unit"); fi
    done
    [ "${#found[@]}" -eq 0 ] || demand nm-cloud-setup "$(joined "${found[@]}") on, and rke2.host.prepare is false" "off: its routing rules lead pods' packets astray" \
        "systemctl disable --now nm-cloud-setup.service nm-cloud-setup.timer, and reboot"
}

check_networkd() {
    [ "$PREPARE" = no ] && is_active systemd-networkd || return 0
    local files=("$ROOT"/{etc,run,usr/local/lib,usr/lib}/systemd/networkd.conf "$ROOT"/{etc,run,usr/local/lib,usr/lib}/systemd/networkd.conf.d/*.conf)
    if grep -qsiE '^ManageForeignRoutes *= *(no|false|off|0) *$' "${files[@]}" \
        && grep -qsiE '^ManageForeignRoutingPolicyRules *= *(no|false|off|0) *$' "${files[@]}"; then return 0; fi
    demand networkd "systemd-networkd takes away routes and rules of Cilium when it restarts, and rke2.host.prepare is false" "that it leaves them alone" \
        "write ManageForeignRoutes=no and ManageForeignRoutingPolicyRules=no below [Network] in /etc/systemd/networkd.conf.d/cilium.conf"
}
