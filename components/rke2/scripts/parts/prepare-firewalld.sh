# firewalld, switched off or opened.
#
# with: prepare-services.sh

ZONE_FILE=/etc/firewalld/zones/multicluster.xml
PORTS_FILE=/etc/firewalld/policies/multicluster-in.xml
FORWARD_FILE=/etc/firewalld/policies/multicluster-fw.xml

arrange_firewalld() {
    case $FIREWALLD in
        off)
            close_firewalld
            turn_off firewalld
            ;;
        open)
            ! remembers service firewalld || turn_on_again "$(<"$RECORDS/service-firewalld")"
            open_firewalld
            ;;
        leave)
            close_firewalld
            ! remembers service firewalld || turn_on_again "$(<"$RECORDS/service-firewalld")"
            ;;
        *) die "FIREWALLD is $FIREWALLD: it must be off, open or leave" ;;
    esac
}

# Objects of our own, so that nothing of the host's own rules is changed: a policy opens the ports, whatever the zone of the
# interface; a zone takes what pods send; another policy lets through what is sent to pods.
open_firewalld() {
    is_running firewalld || is_at_boot firewalld || return 0
    check_ranges
    configure_firewalld "$(zone_text)" "$(ports_text)" "$(forward_text)"
}

close_firewalld() { configure_firewalld "" "" ""; }

# Told once, of all: on some hosts each reload takes away the rules of others for a moment.
configure_firewalld() { configure firewalld reload "$ZONE_FILE" "$1" "$PORTS_FILE" "$2" "$FORWARD_FILE" "$3"; }

# What firewalld would choke on, before it is given it.
check_ranges() {
    local range zone
    is_running firewalld || return 0
    firewall-cmd --get-policies >/dev/null 2>&1 \
        || die "this host's firewalld has no policies, and cannot be opened: update it to 0.9 or later, or set rke2.host.firewalld to off"
    for range in $INSIDE; do
        zone=$(firewall-cmd --permanent --get-zone-of-source="$range" 2>/dev/null) || continue
        case $zone in
            multicluster | "no zone" | "") ;;
            *) die "firewalld has the range $range in its zone $zone, and one range can be in one zone only: run firewall-cmd --permanent --zone=$zone --remove-source=$range on this host" ;;
        esac
    done
}

zone_text() {
    local range
    echo '<?xml version="1.0" encoding="utf-8"?>'
    echo '<zone target="ACCEPT">'
    echo "  <short>multicluster</short>"
    echo "  <description>$(signed "Pods and Services.")</description>"
    for range in $INSIDE; do echo "  <source address=\"$range\"/>"; done
    echo "  <forward/>"
    echo "</zone>"
}

ports_text() {
    local range port family
    echo '<?xml version="1.0" encoding="utf-8"?>'
    echo '<policy target="CONTINUE">'
    echo "  <short>multicluster-in</short>"
    echo "  <description>$(signed "What nodes reach on one another.")</description>"
    echo '  <ingress-zone name="ANY"/>'
    echo '  <egress-zone name="HOST"/>'
    for range in $TRUSTED; do
        family=ipv4
        [[ $range != *:* ]] || family=ipv6
        for port in $PORTS; do
            echo "  <rule family=\"$family\">"
            echo "    <source address=\"$range\"/>"
            case $port in
                */*) echo "    <port port=\"${port%/*}\" protocol=\"${port#*/}\"/>" ;;
                *) echo "    <protocol value=\"$port\"/>" ;;
            esac
            echo "    <accept/>"
            echo "  </rule>"
        done
    done
    echo "</policy>"
}

forward_text() {
    echo '<?xml version="1.0" encoding="utf-8"?>'
    echo '<policy target="ACCEPT">'
    echo "  <short>multicluster-fw</short>"
    echo "  <description>$(signed "What is sent to pods is judged by Cilium.")</description>"
    echo '  <ingress-zone name="ANY"/>'
    echo '  <egress-zone name="multicluster"/>'
    echo "</policy>"
}
