# The egress addresses of a host, on a dummy interface of their own that a unit makes at every start. Needs rke2's parts/host.sh.
#
#   INTERFACE   the dummy interface
#   ADDRESSES   IPv4 addresses, one on each line   @default none
: "${INTERFACE:?}"
ADDRESSES=${ADDRESSES:-}
EGRESS_UNIT=multicluster-egress
EGRESS_FILE=$ROOT/etc/systemd/system/$EGRESS_UNIT.service
EGRESS_MADE="# Made by multicluster, which overwrites what others change here. Interface: "
is_there() { [ -e "$ROOT/sys/class/net/$1" ]; }

# The interface that this program has made here, or nothing.
made_interface() { sed -n "1s/^$EGRESS_MADE//p" "$EGRESS_FILE" 2>/dev/null || true; }

# The addresses that an interface has.
present_addresses() { ip -o -4 address show dev "$1" | sed -n 's|.* inet \([0-9.]*\)/.*|\1|p'; }

# An interface is not taken from whoever has made it.
check_egress() {
    [ ! -f "$EGRESS_FILE" ] || [ -n "$(made_interface)" ] \
        || die "${EGRESS_FILE#"$ROOT"} is on this host, and this program has not put it there: take it away"
    [ "$(made_interface)" = "$INTERFACE" ] || ! is_there "$INTERFACE" \
        || die "the interface $INTERFACE is on this host, and this program has not made it: name another one as egress.interface"
}

# Takes the interface away, with its addresses, and what would make it again.
remove_egress() {
    local made
    made=$(made_interface)
    [ -n "$made" ] || return 0
    systemctl disable --quiet "$EGRESS_UNIT"
    ! is_there "$made" || ip link delete "$made"
    rm -f "$EGRESS_FILE"
    systemctl daemon-reload
    echo "the interface $made is removed"
}
