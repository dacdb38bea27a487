#!/bin/sh
# Simulated rke2-uninstall.sh, for hosts of the lab only: takes away what the simulated RKE2 has put on this host, itself last.
set -eu

[ "$(id -u)" -eq 0 ] || {
    echo "$0: must be run as root" >&2
    exit 1
}

PREFIX=/usr/local

# The next lines are read before this file is removed.
uninstall() {
    "$PREFIX/bin/rke2-killall.sh"
    for unit in rke2-server rke2-agent; do
        systemctl disable --quiet "$unit" 2>/dev/null || true
        rm -f "$PREFIX/lib/systemd/system/$unit.service" "$PREFIX/lib/systemd/system/$unit.env"
        rm -rf "/run/lab-systemd/$unit.service"
        rm -f "/var/log/lab-journal/$unit.service.log" "/var/log/lab-journal/$unit.service.log.1"
    done
    systemctl daemon-reload
    rm -rf /etc/rancher/rke2 /etc/rancher/node /etc/cni /opt/cni/bin /var/lib/kubelet /var/lib/rancher/rke2 /run/lab-kubelet \
        /var/log/pods
    rmdir /etc/rancher /var/lib/rancher /opt/cni /var/log/lab-journal 2>/dev/null || true
    rm -rf "$PREFIX/share/rke2"
    rm -f "$PREFIX/bin/rke2" "$PREFIX/bin/rke2-killall.sh" "$PREFIX/bin/rke2-uninstall.sh"
}

uninstall
exit 0
