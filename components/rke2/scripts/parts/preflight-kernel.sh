# What a preflight looks at in the kernel.

check_kernel() {
    local release least=$KERNEL_MIN red_hat=""
    release=$(uname -r)
    info kernel "$release"
    # Red Hat's 4.18 has what others have later.
    if is_red_hat && [[ $release == 4.18.*.el8* ]]; then least=$KERNEL_MIN_EL8; fi
    if older "$release" "$least"; then
        [ "$KERNEL_MIN_EL8" = "$KERNEL_MIN" ] || red_hat=", or $KERNEL_MIN_EL8 of Red Hat 8"
        refuse kernel "Linux $release" "$KERNEL_MIN or later$red_hat, for $KERNEL_FOR" "upgrade the kernel and reboot"
    fi
}

# Where modules that can be loaded lie; nothing where the kernel came without any.
module_folder() {
    local folder
    for folder in "$ROOT/lib/modules/$1" "$ROOT/usr/lib/modules/$1"; do
        if [ -d "$folder" ]; then
            printf '%s' "$folder"
            return 0
        fi
    done
}

# Says of a module: there, missing, forbidden, or unknown.
state_of_module() {
    local name=$1 folder=$2 said file
    # Files are named with one of two signs, and it means the same.
    file="/${name//[-_]/[-_]}\\.ko"
    if [ -d "$ROOT/sys/module/${name//-/_}" ]; then
        echo there
    elif [ -z "$folder" ]; then
        echo unknown
    elif grep -qs "$file" "$folder/modules.builtin"; then
        echo there
    elif ! is_there modprobe; then
        if grep -qs "$file" "$folder/modules.dep"; then echo there; else echo missing; fi
    # It says what it would do, and does nothing.
    elif ! said=$(limited 10 modprobe --dry-run --verbose "$name" 2>&1); then
        echo missing
    else
        case $said in *"install /bin/true"* | *"install /bin/false"* | *"install /usr/bin/true"* | *"install /usr/bin/false"*) echo forbidden ;; *) echo there ;; esac
    fi
}

check_modules() {
    local release folder need name purpose list
    local -A found=()
    release=$(uname -r)
    folder=$(module_folder "$release")
    while read -r need name purpose; do
        [ -n "$need" ] || continue
        found["$need $(state_of_module "$name" "$folder")"]+="$name ($purpose), "
    done < <(printf '%s\n' "$MODULES")
    for need in needed useful; do
        list=${found["$need missing"]:-}
        [ -z "$list" ] || by_need "$need" "Linux $release has no ${list%, }" "these modules, built in or to be loaded" "$(more_modules "$release")"
        list=${found["$need forbidden"]:-}
        [ -z "$list" ] || by_need "$need" "modprobe is told not to load ${list%, }" "these modules, built in or to be loaded" \
            "take their install lines out of /etc/modprobe.d"
    done
    list=${found["needed unknown"]:-}${found["useful unknown"]:-}
    [ -z "$list" ] || warn modules "there is no /lib/modules/$release, which would say whether Linux has ${list%, }" \
        "these modules, built in or to be loaded" "see that the kernel has them"
}

by_need() { if [ "$1" = needed ]; then refuse modules "${@:2}"; else warn modules "${@:2}"; fi; }

more_modules() {
    if is_red_hat; then
        echo "dnf install kernel-modules-extra-$1"
    elif [ "$OS_ID" = ubuntu ]; then
        echo "apt-get install linux-modules-extra-$1"
    else
        echo "install the rest of the kernel's modules, or another kernel"
    fi
}

# knows FILESYSTEM: whether the kernel can mount it; also where nothing says so.
knows() { [ ! -r "$ROOT/proc/filesystems" ] || grep -qE "(^|[[:space:]])$1\$" "$ROOT/proc/filesystems"; }

check_bpf() {
    knows bpf || refuse bpf "the kernel has no BPF file system" "one: Cilium keeps its maps there" "use a kernel with CONFIG_BPF_SYSCALL"
}

# From 1.35 on the kubelet does not start where systemd mounts the old kind.
check_cgroup() {
    local minor=${VERSION#v1.}
    if ! knows cgroup2; then
        refuse cgroup "the kernel has no control groups of version 2" "them: Cilium balances Services there" "use a kernel with CONFIG_CGROUP_BPF"
    elif [ -f "$ROOT/sys/fs/cgroup/cgroup.controllers" ]; then
        return 0
    elif [ ! -d "$ROOT/sys/fs/cgroup/memory" ]; then
        warn cgroup "nothing is mounted at /sys/fs/cgroup" "control groups of version 2" "see how this host was booted"
    elif [ "${minor%%.*}" -ge 35 ]; then
        refuse cgroup "control groups of version 1" "version 2: the kubelet of Kubernetes 1.35 and later does not start with the old ones" \
            "boot with systemd.unified_cgroup_hierarchy=1; on Red Hat: grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1"
    else
        warn cgroup "control groups of version 1" "version 2 before the upgrade to Kubernetes 1.35" "boot with systemd.unified_cgroup_hierarchy=1"
    fi
}

# The packages of RKE2 bring its policy; the tarball does not, and preparing the host fetches it if RKE2 is to use it.
check_selinux() {
    local policy
    [ "$(cat "$ROOT/sys/fs/selinux/enforce" 2>/dev/null)" = 1 ] && [ "$METHOD" != rpm ] || return 0
    for policy in "$ROOT"/var/lib/selinux/*/active/modules/*/rke2 "$ROOT"/usr/share/selinux/packages/rke2.pp*; do
        [ ! -e "$policy" ] || return 0
    done
    if [ "$SELINUX" = yes ]; then
        if [ "$PREPARE" = yes ] && [ "$METHOD" != air-gap ]; then return 0; fi
        demand selinux "SELinux is enforcing, without RKE2's policy, and selinux is true in config.yaml" "the packages container-selinux and rke2-selinux" \
            "install them, or say rke2.install.method rpm, which brings them"
    else
        warn selinux "SELinux is enforcing, without RKE2's policy" "the packages container-selinux and rke2-selinux, and selinux: true in rke2.config; without them containers run unconfined" \
            "install them, or say rke2.install.method rpm, which brings them"
    fi
}
