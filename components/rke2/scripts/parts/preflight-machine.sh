# What a preflight looks at in the machine and its operating system.

check_root() {
    local user
    user=$(id -u)
    [ "$user" = 0 ] || refuse root "the scripts run as user $user" "root" "log in as root, or as a user with sudo and without a password for it"
}

check_systemd() {
    local state
    if ! is_there systemctl; then
        refuse systemd "there is no systemctl" "a host with systemd" "use another operating system"
        return 0
    fi
    state=$(limited 10 systemctl is-active "$UNIT" 2>/dev/null) || true
    [ -n "$state" ] || refuse systemd "systemd does not answer" "a host that systemd has booted" \
        "use a whole machine, not a container; or see what systemctl status says there"
}

check_commands() {
    local command missing=() needed=(cmp flock sha256sum)
    [ "$METHOD" = rpm ] || needed+=(tar)
    # A server asks the others whether the cluster is there already.
    if [ "$METHOD" != air-gap ] || [ "$ROLE" = server ]; then needed+=(curl); fi
    for command in "${needed[@]}"; do is_there "$command" || missing+=("$command"); done
    [ "${#missing[@]}" -eq 0 ] || refuse commands "missing: $(joined "${missing[@]}")" "$(joined "${needed[@]}")" \
        "install the packages that have them: curl, diffutils, coreutils, tar, util-linux"
}

# RKE2's install script does not go from one method to another.
check_install_method() {
    local packages path
    if [ "$METHOD" != rpm ]; then
        packages=$(limited 20 rpm -q rke2-common 2>/dev/null) || return 0
        refuse install-method "the package $packages" "a host without RKE2's packages, for rke2.install.method $METHOD" \
            "say rke2.install.method rpm, or remove the packages"
        return 0
    fi
    is_there dnf || is_there yum || is_there zypper \
        || refuse install-method "there is none of dnf, yum and zypper" "one of them, for rke2.install.method rpm" "say rke2.install.method tar"
    for path in "$ROOT/usr/local/bin/rke2" "$ROOT/opt/rke2/bin/rke2"; do
        [ ! -e "$path" ] || refuse install-method "${path#"$ROOT"}, from RKE2's tarball" "a host without it, for rke2.install.method rpm" \
            "say rke2.install.method tar, or run rke2-uninstall.sh"
    done
}

read_os() {
    local file key value
    OS_ID="" OS_VERSION="" OS_NAME=""
    for file in "$ROOT/etc/os-release" "$ROOT/usr/lib/os-release"; do
        [ -r "$file" ] || continue
        while IFS="=" read -r key value || [ -n "$key" ]; do
            value=${value#[\"\']}
            value=${value%[\"\']}
            case $key in
                ID) OS_ID=$value ;;
                VERSION_ID) OS_VERSION=$value ;;
                PRETTY_NAME) OS_NAME=$value ;;
            esac
        done <"$file"
        return 0
    done
}

is_red_hat() { case $OS_ID in rhel | centos | rocky | almalinux | ol) ;; *) return 1 ;; esac; }

check_os() {
    local oldest="" newest=""
    info os "$OS_ID" "$OS_VERSION" "$OS_NAME"
    case $OS_ID in
        ubuntu) oldest=20.04 ;;
        debian) oldest=11 ;;
        sles | sles_sap | opensuse-leap) oldest=15 ;;
        opensuse-tumbleweed) return 0 ;;
        *) if is_red_hat; then oldest=8 newest=10; fi ;;
    esac
    if [ -n "$oldest" ] && [[ $OS_VERSION =~ ^[0-9] ]] && older "$OS_VERSION" "$oldest"; then
        demand os "$OS_NAME" "$SYSTEMS" "install a later release"
    elif [ -z "$oldest" ] || [[ ! $OS_VERSION =~ ^[0-9] ]] || { [ -n "$newest" ] && older "$newest" "${OS_VERSION%%.*}"; }; then
        warn os "${OS_NAME:-no /etc/os-release}, which this program does not know" "$SYSTEMS" "try it on a host that may break"
    fi
}

SYSTEMS="Red Hat Enterprise Linux 8 to 10 or its like, Ubuntu 20.04, Debian 11, SLES or openSUSE Leap 15, or later; or Tumbleweed"

check_architecture() {
    local machine
    machine=$(uname -m)
    case $machine in
        x86_64 | aarch64) ;;
        *) refuse architecture "$machine" "x86_64 or aarch64" "use a host with such a processor" ;;
    esac
}

check_cpus() {
    local count
    count=$(nproc 2>/dev/null) || { warn cpus "nproc does not say how many there are" "2; better 4" "see to it that there are so many"; return 0; }
    if [ "$count" -lt 2 ]; then
        demand cpus "$count" "2; better 4" "give the host more"
    elif [ "$count" -lt 4 ]; then
        warn cpus "$count" "better 4" "give the host more, if it is to carry more than a try"
    fi
}

# As GiB, with one digit behind the point.
gib() { printf '%s.%s GiB' "$(($1 / 1048576))" "$(($1 % 1048576 * 10 / 1048576))"; }

# Half a GiB may be the kernel's own.
check_memory() {
    local kib
    kib=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' "$ROOT/proc/meminfo" 2>/dev/null) || true
    if [ -z "$kib" ]; then
        warn memory "/proc/meminfo does not say how much there is" "4 GiB; better 8" "see to it that there is so much"
    elif [ "$kib" -lt 3670016 ]; then
        demand memory "$(gib "$kib")" "4 GiB; better 8" "give the host more"
    elif [ "$kib" -lt 7864320 ]; then
        warn memory "$(gib "$kib")" "better 8 GiB" "give the host more, if it is to carry more than a try"
    fi
}

# Images, containers and etcd.
check_disk() {
    local path=$ROOT/var/lib/rancher free inodes total shown
    until [ -e "$path/" ]; do path=${path%/*}; done
    shown=${path#"$ROOT"}
    shown=${shown:-/}
    read -r _ _ _ free _ < <(limited 10 df -Pk "$path/" 2>/dev/null | tail -n 1) || true
    read -r _ total _ inodes _ < <(limited 10 df -Pi "$path/" 2>/dev/null | tail -n 1) || true
    if [[ ! ${free:-} =~ ^[0-9]+$ ]]; then
        warn disk "df does not say how much is free at $shown" "10 GiB; better 20" "see to it that so much is free"
        return 0
    elif [ "$free" -lt 10485760 ]; then
        demand disk "$(gib "$free") free at $shown" "10 GiB for /var/lib/rancher; better 20" "make room, or mount a larger disk there"
    elif [ "$free" -lt 20971520 ]; then
        warn disk "$(gib "$free") free at $shown" "better 20 GiB for /var/lib/rancher" "make room, or mount a larger disk there"
    fi
    # Some file systems make inodes as they need them, and count none.
    if [[ "${total:-} ${inodes:-}" =~ ^[1-9][0-9]*\ [0-9]+$ ]] && [ "$inodes" -lt 100000 ]; then
        warn inodes "$inodes inodes free at $shown" "100000: images are many small files" "make the file system with more inodes"
    fi
}

check_clock() {
    local synchronised tracking
    synchronised=$(limited 10 timedatectl show --property=NTPSynchronized --value 2>/dev/null) || true
    if [ -z "$synchronised" ]; then
        tracking=$(limited 10 chronyc -n tracking 2>/dev/null) || true
        case $tracking in
            *"Not synchronised"*) synchronised=no ;;
            *"Leap status"*) synchronised=yes ;;
        esac
    fi
    case $synchronised in
        yes) return 0 ;;
        no) tracking="the clock is not synchronised" ;;
        *) tracking="neither timedatectl nor chronyc says whether the clock is synchronised" ;;
    esac
    warn clock "$tracking" "clocks that agree: certificates and leases go by time" \
        "let chrony or systemd-timesyncd set it: timedatectl set-ntp true"
}

check_swap() {
    local device used=()
    while read -r device _; do
        [ -z "$device" ] || [ "$device" = Filename ] || used+=("$device")
    done 2>/dev/null <"$ROOT/proc/swaps" || true
    [ "${#used[@]}" -eq 0 ] || warn swap "on: $(joined "${used[@]}")" \
        "none: RKE2 starts with it, but etcd becomes slow and pods' memory is no longer what was planned" "swapoff -a, and take it out of /etc/fstab"
}
