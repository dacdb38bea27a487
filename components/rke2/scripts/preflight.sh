# Says whether this host can become, or go on being, a node. It changes nothing on the host, writes no file, and ends within a
# minute even where nothing answers. (Hence no here-strings: bash keeps them in files.)
#
# with: parts/host.sh
# with: parts/preflight-report.sh
# with: parts/preflight-owner.sh
# with: parts/preflight-machine.sh
# with: parts/preflight-kernel.sh
# with: parts/preflight-services.sh
# with: parts/preflight-network.sh
# with: parts/preflight-peers.sh
#
# On standard output, one line each, its words separated by tabs:
#   refused|warned  NAME  WHAT WAS FOUND  WHAT IS NEEDED  HOW TO FIX IT
#   info            time|os|kernel|mtu  ...
# If anything is refused, it ends with 1 and says so for people on standard error.
#
#   ROLE           server or agent
#   NODE_NAME      the node's name in Kubernetes
#   VERSION        the RKE2 release, as v1.35.7+rke2r1
#   ADDRESSES      the node's addresses, one a line
#   KERNEL_MIN     the oldest Linux, as 5.10
#   KERNEL_MIN_EL8 the oldest of Red Hat's own 4.18, as 4.18.0-553
#   KERNEL_FOR     who asks for it, as Cilium 1.19.6
#   XDP_DRIVERS    network drivers that take programs, a line each: name, the first Linux in which they do   @default none is asked for
#   XDP_DEVICES    the interfaces they are needed on, one a line: eth0, or eth+ for several   @default those of the addresses
#   MODULES        kernel modules, a line each: needed|useful, name, what for   @default none
#   PORTS          ports that must be free, a line each: tcp|udp, number, what for   @default none
#   PEERS          the other nodes, a line each: name, address, ports as 10250/tcp   @default none
#   REGISTRATION   the balancer or name in front of the servers   @default none, or it cannot answer yet
#   METHOD         how RKE2 is installed: tar, rpm or air-gap
#   INSTALL_URL    where the install script comes from   @default none, with air-gap
#   PROXY          the way out, KEY=value on each line   @default direct
#   FIREWALLD      what becomes of firewalld: off, open or leave
#   PREPARE        whether the host is prepared before RKE2 comes: yes or no
#   SELINUX        whether RKE2 is told to use SELinux: yes or no
#   IGNORE         findings that refuse nothing, a name a line   @default none
#   ONLY           the checks to make, a name a line   @default all
#   SECONDS_MAX    when the host ends it
: "${VERSION:?}" "${ADDRESSES:?}" "${KERNEL_MIN:?}" "${KERNEL_MIN_EL8:?}" "${KERNEL_FOR:?}"
: "${METHOD:?}" "${FIREWALLD:?}" "${PREPARE:?}" "${SELINUX:?}"
XDP_DRIVERS=${XDP_DRIVERS:-} XDP_DEVICES=${XDP_DEVICES:-}
MODULES=${MODULES:-} PORTS=${PORTS:-} PEERS=${PEERS:-} REGISTRATION=${REGISTRATION:-}
INSTALL_URL=${INSTALL_URL:-} PROXY=${PROXY:-} IGNORE=${IGNORE:-}
export LC_ALL=C # other languages say the same in other words

# In the order in which they are told.
CHECKS=(
    root systemd commands install_method os architecture kernel cpus memory disk clock
    modules bpf cgroup selinux swap
    firewalld firewall network_manager nm_cloud_setup networkd
    owner cni ports address xdp default_route own_name
    registration peers install_url
)
[ -z "${ONLY:-}" ] || mapfile -t CHECKS < <(printf '%s\n' "$ONLY")

main() {
    local order line lines=()
    printf 'info\ttime\t%s\n' "$(date +%s.%N)"
    read_os
    read_owner
    while IFS=$'\t' read -r order line; do
        # A command that says more than it should is no finding.
        [[ ! $order =~ ^[0-9]+$ ]] || lines[order]+=$line$'\n'
    done < <(run_checks "${CHECKS[@]}")
    printf '%s' "${lines[@]}"
    report "${lines[@]}"
}

main </dev/null
