#!/usr/bin/env bash
# Boots a host of a lab: runs as the first process of new namespaces (network, mounts, processes, name), makes them look like a
# machine, and becomes that machine's init.
#
# host-boot.sh DISKS NAME ADDRESS PORT [SOURCE TARGET]...
#   DISKS    the folder with the disks of all hosts
#   PORT     the name of its network link in the lab
#   SOURCE   a file or folder of the machine, which the host sees at TARGET
set -euo pipefail

DISKS=$1 NAME=$2 ADDRESS=$3 PORT=$4
shift 4
DISK=$DISKS/$NAME
HERE=$(dirname "$(realpath "$0")")
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$HERE/record.sh"

network() {
    local octets
    ip link set lo up
    # The lab's network, as long as /proc is that of the lab.
    ip link add eth0 type veth peer name "$PORT" netns /proc/1/ns/net
    nsenter --net=/proc/1/ns/net ip link set "$PORT" master lab0 up
    # Fixed, so that no one has to learn a new one after a boot.
    IFS=. read -ra octets <<<"$ADDRESS"
    ip link add br0 address "$(printf '02:00:%02x:%02x:%02x:%02x' "${octets[@]}")" type bridge
    ip link set eth0 master br0 up
    ip address add "$ADDRESS/32" dev br0
    ip link set br0 up
    ip route add default dev br0
}

# The host's disk lies over what the lab puts there, over what the lab hides, over the machine's own files.
disk() {
    cd "$DISK"
    # Without an index, so that a disk can be mounted again while the kernel still puts the old mount away.
    mount -t overlay -o index=off,lowerdir=own:../.common:../.mask:/,upperdir=upper,workdir=work lab root
    cd root
}

# readonly_bind SOURCE TARGET: shows one at the other, where nobody can write it.
readonly_bind() {
    mount --bind "$1" "$2"
    mount -o remount,bind,ro "$2"
}

kernel_files() {
    mount -t proc proc proc
    # Most of the kernel's settings are the machine's. The network's are the host's own.
    readonly_bind proc/sys proc/sys
    mount --bind proc/sys/net proc/sys/net
    mount -o remount,bind,rw proc/sys/net
    [ ! -e proc/sysrq-trigger ] || readonly_bind proc/sysrq-trigger proc/sysrq-trigger
    mount -t sysfs -o ro sysfs sys
}

devices() {
    mount -t tmpfs -o mode=755 dev dev
    mknod -m 666 dev/null c 1 3
    mknod -m 666 dev/zero c 1 5
    mknod -m 666 dev/full c 1 7
    mknod -m 666 dev/random c 1 8
    mknod -m 666 dev/urandom c 1 9
    mknod -m 666 dev/tty c 5 0
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
    mount -t tmpfs -o mode=1777 shm dev/shm
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    ln -s fd/0 dev/stdin
    ln -s fd/1 dev/stdout
    ln -s fd/2 dev/stderr
}

machine_files() {
    while [ $# -gt 0 ]; do
        # Where it lies below one of the mounts above; the disk has a place for it.
        if [ ! -e ".$2" ]; then
            mkdir -p ".$(dirname "$2")"
            if [ -d "$1" ]; then mkdir ".$2"; else touch ".$2"; fi
        fi
        readonly_bind "$1" ".$2"
        shift 2
    done
}

main() {
    record "$DISK/init"
    echo "$NAME" >/proc/sys/kernel/hostname
    network
    disk
    kernel_files
    devices
    mount -t tmpfs -o mode=755 run run
    machine_files "$@"
    # One file for all: whoever changes it changes it for every host.
    readonly_bind "$DISKS/../names" etc/hosts
    pivot_root . .
    umount -l .
    cd /
    echo up
    exec /usr/lib/lab/init >/dev/null
}

main "$@" </dev/null
