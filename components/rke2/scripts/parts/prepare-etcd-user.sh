# The user of etcd's files with RKE2's profiles cis and etcd.
#
# with: prepare-record.sh

# RKE2 looks into the files themselves, so no directory of users counts.
add_etcd_user() {
    local said
    [ "$ETCD_USER $ROLE" = "yes server" ] || return 0
    if ! is_in group etcd; then
        remember group etcd etcd
        said=$(groupadd --system etcd 2>&1) || die "the group etcd cannot be added, which RKE2's profile needs: $said"
        echo "added the group etcd"
    fi
    if ! is_in passwd etcd; then
        remember user etcd etcd
        said=$(useradd --system --gid etcd --no-create-home --home-dir /nonexistent --shell /sbin/nologin \
            --comment "etcd of RKE2" etcd 2>&1) || die "the user etcd cannot be added, which RKE2's profile needs: $said"
        echo "added the user etcd"
    fi
}

is_in() { grep -qs "^$2:" "$ROOT/etc/$1"; }

remove_user() {
    local said
    if is_in passwd "$1"; then
        said=$(userdel "$1" 2>&1) || die "the user $1 cannot be removed: $said"
        echo "removed the user $1"
    fi
    forget user "$1"
}

# Most hosts remove it with its user.
remove_group() {
    local said
    if is_in group "$1"; then
        said=$(groupdel "$1" 2>&1) || die "the group $1 cannot be removed: $said"
        echo "removed the group $1"
    fi
    forget group "$1"
}
