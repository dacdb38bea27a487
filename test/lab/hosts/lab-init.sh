#!/usr/bin/env bash
# The first process of a lab, in namespaces of its own (network, mounts, processes). It makes the network that all hosts are
# in, and then waits: every process of the lab ends with this one.
set -euo pipefail

FOLDER=$1  # the lab's folder
ADDRESS=$2 # the lab's own address, as 10.88.0.1/16
HERE=$(dirname "$(realpath "$0")")
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$HERE/record.sh"

mounts() {
    mount -t proc proc /proc
    # The disks of all hosts: they go with the lab.
    mount -t tmpfs -o mode=755 lab "$FOLDER/hosts"
    mount --bind "$FOLDER/names" "$(realpath /etc/hosts)"
    if [ -e /etc/resolv.conf ]; then
        mount --bind "$FOLDER/resolv.conf" "$(realpath /etc/resolv.conf)"
    fi
}

network() {
    ip link set lo up
    # An address of its own choice would change with every port.
    ip link add lab0 address 02:00:00:00:00:01 type bridge
    ip address add "$ADDRESS" dev lab0
    ip link set lab0 up
    # Whoever holds an address answers for it, whatever its subnet.
    ip route add default dev lab0
}

main() {
    # First of all, and with the machine's /proc: whoever closes the lab must find this process.
    record "$FOLDER/init"
    mounts
    network
    echo ready
    exec >/dev/null
    # Bash reaps whatever ends here while it waits.
    while :; do
        sleep infinity &
        wait $! || true
    done
}

main </dev/null
