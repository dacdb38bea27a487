#!/bin/sh
# Simulated rke2-killall.sh, for hosts of the lab only: stops RKE2 and everything that it and the kubelet have started.
set -eu

[ "$(id -u)" -eq 0 ] || {
    echo "$0: must be run as root" >&2
    exit 1
}

# Those that carry the mark of the simulated RKE2 in their environment; a kubelet's pods are ended by the kubelet's own program.
marked() { grep -lsz '^LAB_RKE2=' /proc/[0-9]*/environ | cut -d / -f 3 | grep -vx "$$" || true; }

end_marked() {
    for signal in TERM KILL; do
        for pid in $(marked); do kill "-$signal" "$pid" 2>/dev/null || true; done
        tries=0
        while [ "$tries" -lt 50 ] && [ -n "$(marked)" ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
    done
}

for unit in rke2-server rke2-agent; do systemctl stop "$unit" 2>/dev/null || true; done
end_marked
node=$(sed -n 's/.*"node" *: *"\([^"]*\)".*/\1/p' /etc/lab/tools.json)
"$node" @STOP_PODS@
for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    rm -f "/var/lib/rancher/rke2/agent/pod-manifests/$name.yaml"
done
for label in 'lo:rke2' '*:vip'; do
    ip -o addr show label "$label" 2>/dev/null | awk '{ print $2, $4 }' | while read -r device address; do
        ip addr del "$address" dev "$device"
    done
done
