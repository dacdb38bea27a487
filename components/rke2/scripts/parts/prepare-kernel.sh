# What the kernel must do for RKE2 and Cilium.
#
# with: prepare-record.sh

MODULES_FILE=/etc/modules-load.d/multicluster.conf
# The last of all but Cilium's own, so that what hardens a host does not turn off what its pods live on.
VALUES_FILE=/etc/sysctl.d/99-zz-multicluster.conf
CIS_FILE=/etc/sysctl.d/60-rke2-cis.conf # where RKE2's guide has it
CILIUM_VALUES_FILE=/etc/sysctl.d/99-zzz-override_cilium.conf # Cilium's pods write it

# Unloaded again at the end, unless someone else uses them by then.
load_modules() {
    local module said
    type -P modprobe >/dev/null || return 0
    for module in $MODULES; do
        [ ! -d "$ROOT/sys/module/${module//-/_}" ] || continue
        if ! remembers module "$module"; then
            remember module "$module" "$module"
            echo "loading the kernel module $module"
        fi
        said=$(modprobe "$module" 2>&1) \
            || die "the kernel has no module $module: ${said##*$'\n'}. Install the package with its further modules (kernel-modules-extra, linux-modules-extra-$(uname -r)), or reboot if the kernel has been updated since it started"
    done
    keep_file "$MODULES_FILE" "${MODULES:+$(signed "# What RKE2 and Cilium need.")$'\n'$MODULES}"
}

unload() {
    modprobe -r "$1" >/dev/null 2>&1 || true # built in, or in use
    forget module "$1"
}

# set_value KEY VALUE: in the running kernel, if it has such a thing.
set_value() {
    local now said
    now=$(sysctl -n "$1" 2>/dev/null) || return 0
    [ "$now" != "$2" ] || return 0
    remember value "$1" "$1 $now $2"
    said=$(sysctl -w "$1=$2" 2>&1) || die "sysctl cannot set $1 to $2: $said"
    echo "$1 is $2, and was $now"
}

# set_at_least KEY VALUE: someone else may need more.
set_at_least() {
    local now
    now=$(sysctl -n "$1" 2>/dev/null) || return 0
    [ "$now" -ge "$2" ] || set_value "$1" "$2"
}

# set_back "KEY BEFORE HERE": unless it has been changed again since.
set_back() {
    local key before here now said
    read -r key before here <<<"$1"
    now=$(sysctl -n "$key" 2>/dev/null) || now=""
    if [ "$now" = "$here" ] || [ -z "$now" ]; then
        if said=$(sysctl -w "$key=$before" 2>&1); then
            echo "$key is $before again"
        elif [ -n "$now" ]; then
            die "sysctl cannot set $key back to $before: $said"
        fi # or its interface is gone
    fi
    forget value "$key"
}

set_values() {
    local link
    set_value net.ipv4.ip_forward 1
    if [ "$IPV6" = yes ]; then
        # A host that forwards no longer listens to its router, and would lose its way out, unless told so.
        for link in $(router_links); do set_kernel_router "$link"; done
        set_value net.ipv6.conf.all.forwarding 1
    fi
    set_at_least fs.inotify.max_user_instances 8192
    set_at_least fs.inotify.max_user_watches 524288
    keep_file "$VALUES_FILE" "$(values_text)"
    expect_cilium
    if [ "$CIS" = yes ]; then
        set_value vm.overcommit_memory 1
        set_value vm.panic_on_oom 0
        set_value kernel.panic 10
        set_value kernel.panic_on_oops 1
        keep_file "$CIS_FILE" "$(cis_text)"
    else
        # The values stay until the node goes: a kubelet without the profile sets most of them itself.
        keep_file "$CIS_FILE" ""
    fi
}

# The interfaces whose default route came from a router. Only the kernel's own listening ends; NetworkManager and networkd do
# their own, and have then switched off the kernel's.
router_links() {
    ip -6 route show default proto ra 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | sort -u
}

set_kernel_router() {
    # Slashes, as the name of an interface may have dots.
    local key=net/ipv6/conf/$1/accept_ra
    [ "$(sysctl -n "$key" 2>/dev/null)" != 1 ] || set_value "$key" 2
}

values_text() {
    local file key here
    signed "# What RKE2 and Cilium need."
    # One switch, by both of its names: another file may turn it off by either.
    echo "net.ipv4.ip_forward = 1"
    echo "net.ipv4.conf.all.forwarding = 1"
    [ "$IPV6" != yes ] || echo "net.ipv6.conf.all.forwarding = 1"
    for file in "$RECORDS"/value-{net-ipv6-conf-*-accept_ra,fs.inotify.*}; do
        [ -e "$file" ] || continue
        read -r key _ here <"$file"
        echo "$key = $here"
    done
}

cis_text() {
    signed "# What RKE2 demands of a host with the profile cis."
    echo "vm.overcommit_memory = 1"
    echo "vm.panic_on_oom = 0"
    echo "kernel.panic = 10"
    echo "kernel.panic_on_oops = 1"
}

# Cilium sets rp_filter itself and keeps it so at boot; nothing takes that back when it goes. A file that is there before
# any Cilium is someone else's.
expect_cilium() {
    local before
    if [ ! -e "$ROOT$CILIUM_VALUES_FILE" ] || is_node; then remember file "$CILIUM_VALUES_FILE" "$CILIUM_VALUES_FILE"; fi
    before=$(sysctl -n net.ipv4.conf.all.rp_filter 2>/dev/null) || return 0
    [ "$before" = 0 ] || remember value net.ipv4.conf.all.rp_filter "net.ipv4.conf.all.rp_filter $before 0"
}
