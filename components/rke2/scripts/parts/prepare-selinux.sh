# The policy without which SELinux stops RKE2's pods.
#
# with: prepare-record.sh

require_selinux_policy() {
    local package missing=()
    [ "$SELINUX" = yes ] && [ "$METHOD" != rpm ] || return 0
    [ -e "$ROOT/sys/fs/selinux/enforce" ] || return 0 # the kernel runs without it
    for package in container-selinux rke2-selinux; do
        has_package "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    [ "$OFFLINE" != yes ] \
        || die "SELinux needs ${missing[*]} on this host, and nothing may be downloaded: copy the packages here (rke2-selinux is among the releases of rancher/rke2-selinux, container-selinux in the distribution) and install them with rpm -i, or leave selinux out of rke2.config"
    install_policy "${missing[@]}"
}

has_package() {
    local said
    type -P rpm >/dev/null || return 1
    ! said=$(LC_ALL=C rpm -q "$1" 2>&1) || return 0
    [[ $said == *" is not installed"* ]] || die "rpm does not say whether $1 is installed: $said"
    return 1
}

install_policy() {
    local package said left=$((DEADLINE - SECONDS)) with=()
    if type -P dnf >/dev/null; then
        with=(dnf -y -q install)
    elif type -P zypper >/dev/null; then
        with=(zypper --non-interactive --quiet install)
    else
        die "SELinux needs $* on this host, which has neither dnf nor zypper: install them, or leave selinux out of rke2.config"
    fi
    [ "$left" -gt 0 ] || die "gave up after $SECONDS_MAX s, before $* could be installed"
    for package in "$@"; do remember package "$package" "$package"; done
    said=$(timeout -k 10 "$left" "${with[@]}" "$@" 2>&1 9>&-) \
        || die "${with[*]} $* has failed: ${said##*$'\n'}. SELinux needs them: give this host a repository that has them (RKE2's is https://rpm.rancher.io), install them by hand, or leave selinux out of rke2.config"
    echo "installed $*"
}

# What others need by now stays, and so does what came along with it.
remove_package() {
    local said
    if said=$(rpm -e "$1" 2>&1); then
        echo "removed the package $1"
    elif has_package "$1" && ! rpm -q --whatrequires "$1" >/dev/null 2>&1; then
        die "the package $1 cannot be removed: $said"
    fi
    forget package "$1"
}
