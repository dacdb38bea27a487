# What a host needs before RKE2 comes, and how all of it is taken back. Needs parts/host.sh.
#
# with: prepare-record.sh
# with: prepare-services.sh
# with: prepare-kernel.sh
# with: prepare-firewalld.sh
# with: prepare-etcd-user.sh
# with: prepare-selinux.sh
#
#   PREPARE       yes to prepare the host; with no it is left as it is, and what was prepared before stays   @default no
#   MODULES       kernel modules that must be there, one a line   @default none
#   IPV6          yes where pods or nodes have IPv6 addresses   @default no
#   FIREWALLD     off: stopped and not started at boot; open: opened for what follows; leave: as it is   @default leave
#   PORTS         what other nodes reach on this one, as 9345/tcp, 8000-8010/udp or, for a protocol without ports, esp, one a line
#   TRUSTED       who may reach them: ranges, one a line
#   INSIDE        the ranges of pods and Services, one a line: what they send is judged by Cilium alone
#   CIS           yes where the kernel must be as RKE2's profile cis demands   @default no
#   ETCD_USER     yes where etcd's files belong to a user of their own, as with that profile; only servers get it   @default no
#   SELINUX       yes where RKE2 runs with selinux   @default no
#   METHOD        how RKE2 is installed; rpm brings its SELinux policy along   @default tar
#   OFFLINE       yes where nothing may be downloaded   @default no
PREPARE=${PREPARE:-no} MODULES=${MODULES:-} IPV6=${IPV6:-no} CIS=${CIS:-no} ETCD_USER=${ETCD_USER:-no} SELINUX=${SELINUX:-no}
FIREWALLD=${FIREWALLD:-leave} PORTS=${PORTS:-} TRUSTED=${TRUSTED:-} INSIDE=${INSIDE:-}
METHOD=${METHOD:-tar} OFFLINE=${OFFLINE:-no}

# Does nothing, and says nothing, where all is in place.
prepare_host() {
    [ "$PREPARE" = yes ] || return 0
    rm -f "$RECORDS"/*.new
    require_selinux_policy
    load_modules
    set_values
    leave_links_alone
    turn_off nm-cloud-setup.timer
    turn_off nm-cloud-setup.service
    arrange_firewalld
    add_etcd_user
}

# Leaves the host as it was before the first preparation. RKE2 and Cilium must be gone from it.
undo_preparation() {
    [ -d "$ROOT/etc/multicluster" ] || return 0
    rm -f "$RECORDS"/*.new
    close_firewalld
    configure NetworkManager reload "$NETWORKMANAGER_FILE" ""
    # networkd is not told: when it starts again, it clears the routes of everyone else. It finds the change when it does.
    each_record file give_back_file
    each_record service turn_on_again
    each_record value set_back
    each_record module unload
    each_record user remove_user
    each_record group remove_group
    each_record package remove_package
    each_record folder remove_folder
    rm -rf "$RECORDS"
    rmdir "$ROOT/etc/multicluster" 2>/dev/null || true
}
