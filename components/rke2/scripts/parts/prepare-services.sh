# Services that stand in the way of Cilium, or must know of it.
#
# with: prepare-record.sh

NETWORKMANAGER_FILE=/etc/NetworkManager/conf.d/multicluster.conf
NETWORKD_FILE=/etc/systemd/networkd.conf.d/multicluster.conf

# property SERVICE NAME: what systemd says of it. A systemd that says nothing does not mean that the service is off.
property() {
    type -P systemctl >/dev/null || return 0
    systemctl show --property="$2" --value "$1" \
        || die "systemd does not say how $1 is: see systemctl status $1 on this host"
}

is_running() {
    local state
    state=$(property "$1" ActiveState) || exit
    [ "$state" = active ]
}

is_at_boot() {
    local state
    state=$(property "$1" UnitFileState) || exit
    [[ $state == enabled* ]]
}

is_known() {
    local state
    state=$(property "$1" LoadState) || exit
    [ "$state" != not-found ]
}

# configure SERVICE VERB FILE TEXT [FILE TEXT ...]: files of a service, which hears of a change once if it runs, and in the next
# run at the latest.
configure() {
    local service=$1 verb=$2
    shift 2
    while [ $# -gt 0 ]; do
        is_kept "$1" "$2" || remember pending "$service" "$verb"
        keep_file "$1" "$2"
        shift 2
    done
    ! remembers pending "$service" || tell "$service" "$verb"
}

tell() {
    local said
    if is_running "$1"; then
        if [ "$1" = firewalld ]; then
            said=$(firewall-cmd --reload 2>&1) || die "firewall-cmd --reload has failed: $said"
        else
            systemctl "$2" "$1" || die "systemctl $2 $1 has failed: see journalctl -u $1 on this host"
        fi
    fi
    forget pending "$1"
}

turn_off() {
    local now="" boot=""
    ! is_running "$1" || now=active
    ! is_at_boot "$1" || boot=enabled
    [ -n "$now$boot" ] || return 0
    remember service "$1" "$1 $now $boot"
    systemctl disable --quiet --now "$1" || die "systemctl disable --now $1 has failed: see systemctl status $1 on this host"
    echo "$1 is off"
}

# turn_on_again "SERVICE active enabled", or less of it.
turn_on_again() {
    local unit=${1%% *}
    if is_known "$unit"; then
        if [[ $1 == *" enabled" ]] && ! is_at_boot "$unit"; then
            systemctl enable --quiet "$unit" || die "systemctl enable $unit has failed: see systemctl status $unit on this host"
        fi
        if [[ $1 == *" active"* ]] && ! is_running "$unit"; then
            systemctl start "$unit" || die "systemctl start $unit has failed: see journalctl -u $unit on this host"
        fi
        echo "$unit is as it was"
    fi
    forget service "$unit"
}

leave_links_alone() {
    if [ -x "$ROOT/usr/sbin/NetworkManager" ] || [ -x "$ROOT/usr/bin/NetworkManager" ]; then
        # Added to what others say there, where = would take its place.
        configure NetworkManager reload "$NETWORKMANAGER_FILE" "$(signed "# Cilium's interfaces.")
[keyfile]
unmanaged-devices+=interface-name:cilium*;interface-name:lxc*"
    fi
    if [ -x "$ROOT/usr/lib/systemd/systemd-networkd" ] || [ -x "$ROOT/lib/systemd/systemd-networkd" ]; then
        # It reads this only when it starts.
        configure systemd-networkd restart "$NETWORKD_FILE" "$(signed "# Cilium's routes and rules.")
[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no"
    fi
}
