# Puts the egress addresses of this host on a dummy interface of their own, now and at every start. What else is on that
# interface goes. Without addresses there is no interface.
#
# with: ../../rke2/scripts/parts/host.sh
# with: parts/egress.sh

# A dummy interface sends nothing: packets leave as routes to their destination say, and neighbours who ask for one of its
# addresses are answered on the interface where they ask.
unit_text() {
    local ip address
    ip=$(command -v ip) || die "ip is not installed: install iproute2"
    echo "$EGRESS_MADE$INTERFACE"
    echo "[Unit]"
    echo "Description=Egress addresses of the Kubernetes node $NODE_NAME"
    echo "After=network-pre.target"
    echo "Before=network.target rke2-server.service rke2-agent.service"
    echo "[Service]"
    echo "Type=oneshot"
    echo "RemainAfterExit=yes"
    # It is there already where the unit runs again.
    echo "ExecStart=-$ip link add $INTERFACE type dummy"
    for address in $ADDRESSES; do
        echo "ExecStart=$ip address replace $address/32 dev $INTERFACE"
    done
    echo "ExecStart=$ip link set $INTERFACE up"
    echo "[Install]"
    echo "WantedBy=multi-user.target"
}

# Whether every address is where it shall be, and no other.
is_done() {
    is_there "$INTERFACE" && [ "$(present_addresses "$INTERFACE" | sort)" = "$(printf '%s' "$ADDRESSES" | sort)" ]
}

main() {
    local text
    lock
    check_egress
    if [ -z "$ADDRESSES" ]; then
        remove_egress
        return
    fi
    [ "$(made_interface)" = "$INTERFACE" ] || remove_egress
    text=$(unit_text)
    if [ ! -f "$EGRESS_FILE" ] || [ "$(cat "$EGRESS_FILE")" != "$text" ]; then
        mkdir -p "${EGRESS_FILE%/*}"
        put "$EGRESS_FILE" "$text" 644
        echo "${EGRESS_FILE#"$ROOT"} is written"
    fi
    systemctl daemon-reload
    systemctl enable --quiet "$EGRESS_UNIT"
    is_done || bring_addresses
}

bring_addresses() {
    local address
    systemctl restart "$EGRESS_UNIT" \
        || die "$EGRESS_UNIT does not start: journalctl -u $EGRESS_UNIT says why; it needs the kernel's module dummy"
    for address in $(present_addresses "$INTERFACE"); do
        grep -qxF "$address" <<<"$ADDRESSES" || ip address delete "$address/32" dev "$INTERFACE"
    done
    is_done || die "$INTERFACE has the addresses $(present_addresses "$INTERFACE" | tr '\n' ' ')and not $(tr '\n' ' ' <<<"$ADDRESSES")"
    echo "$INTERFACE has its addresses"
}

main </dev/null
