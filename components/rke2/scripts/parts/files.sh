# Files that RKE2 reads besides config.yaml. Needs parts/host.sh, and parts/install.sh where they are written.
#
#   REGISTRIES   the text of registries.yaml, which may hold passwords   @default none
#   PROXY        RKE2's environment, KEY=value on each line   @default none
#   KUBE_VIP     the text of kube-vip's static pod   @default none
REGISTRIES=${REGISTRIES:-} PROXY=${PROXY:-} KUBE_VIP=${KUBE_VIP:-}
REGISTRIES=${REGISTRIES%$'\n'} PROXY=${PROXY%$'\n'} KUBE_VIP=${KUBE_VIP%$'\n'}
REGISTRIES_FILE=$ETC/registries.yaml
KUBE_VIP_FILE=$DATA/agent/pod-manifests/kube-vip.yaml
# RKE2's unit reads it however it was installed. What packages read too, /etc/sysconfig, is theirs.
ENVIRONMENT_FILE=$ROOT/etc/default/$UNIT
MADE="# Made by multicluster, which overwrites what others change here."
BEGIN="# begin of what multicluster sets"
END="# end of what multicluster sets"

# What must be someone else's, and stay so. Changes nothing.
check_files() {
    local file=$REGISTRIES_FILE
    [ -z "$REGISTRIES" ] || ! is_foreign "$file" \
        || die "${file#"$ROOT"} is on this host, and this program has not put it there: take it away, and describe what it says as rke2.registries"
    file=$KUBE_VIP_FILE
    [ -z "$KUBE_VIP" ] || ! is_foreign "$file" \
        || die "${file#"$ROOT"} is on this host, and this program has not put it there: take it away, or leave kubeVip out of the description"
    file=$ENVIRONMENT_FILE
    [ ! -f "$file" ] || [ "$(grep -cxF "$BEGIN" "$file")" = "$(grep -cxF "$END" "$file")" ] \
        || die "${file#"$ROOT"} has one of the lines \"$BEGIN\" and \"$END\" without the other: take it away, and what this program has put next to it"
}

write_files() {
    check_files
    keep "$REGISTRIES_FILE" "$REGISTRIES" "$REGISTRIES_FILE.new"
    # The kubelet would run a second pod from a file that lies next to this one, whatever its name.
    keep "$KUBE_VIP_FILE" "$KUBE_VIP" "$DATA/agent/kube-vip.yaml.new"
    set_environment "$PROXY"
}

# What of it RKE2 reads when it starts, and only then.
files_to_start_with() {
    ! is_made "$REGISTRIES_FILE" || cat "$REGISTRIES_FILE"
    environment
    [ ! -f "$IMAGES_FILE" ] || cat "$IMAGES_FILE"
}

# Once RKE2 is uninstalled, or where it has never been installed: what lies outside of its folders, and what an installation
# that was interrupted has left in them.
remove_files() {
    set_environment ""
    rm -rf "$DATA/artifacts" "$DATA/agent/images" "$DATA/agent/pod-manifests"
    rm -f "$DATA/agent/kube-vip.yaml.new" "$ENVIRONMENT_FILE.multicluster"
    rmdir "$DATA/agent" "$DATA" "${DATA%/*}" 2>/dev/null || true
}

is_made() { [ -f "$1" ] && [ "$(head -n 1 "$1")" = "$MADE" ]; }
is_foreign() { [ -f "$1" ] && ! is_made "$1"; }

# keep FILE TEXT NEW: for root only, and never half of it: NEW, in the same file system, becomes FILE. No text, no file.
keep() {
    local wanted=$MADE$'\n'$2
    if [ -z "$2" ]; then
        rm -f "$3"
        is_made "$1" || return 0
        rm -f "$1"
        echo "${1#"$ROOT"} is removed"
    elif [ ! -f "$1" ] || [ "$(<"$1")" != "$wanted" ]; then
        mkdir -p "${1%/*/*}"
        [ -d "${1%/*}" ] || mkdir -m 700 "${1%/*}"
        (umask 077 && printf '%s\n' "$wanted" >"$3")
        mv -f "$3" "$1"
        echo "${1#"$ROOT"} is written"
    else
        chmod 600 "$1"
    fi
}

# The lines that this program has set.
environment() {
    [ -f "$ENVIRONMENT_FILE" ] || return 0
    sed -n "/^$BEGIN\$/,/^$END\$/p" "$ENVIRONMENT_FILE" | grep -vxF -e "$BEGIN" -e "$END" || true
}

# set_environment LINES: next to those of others, which stay as they are. Later lines win.
set_environment() {
    local file=$ENVIRONMENT_FILE new=$ENVIRONMENT_FILE.multicluster
    if [ "$(environment)" = "$1" ] && { [ -n "$1" ] || [ ! -f "$file" ] || ! grep -qxF "$BEGIN" "$file"; }; then return 0; fi
    mkdir -p "${file%/*}"
    if [ -f "$file" ]; then cp -p "$file" "$new"; else (umask 077 && : >"$new"); fi
    {
        # The second expression ends a last line that has no end.
        [ ! -f "$file" ] || sed -e "/^$BEGIN\$/,/^$END\$/d" -e "\$a\\" "$file"
        [ -z "$1" ] || printf '%s\n%s\n%s\n' "$BEGIN" "$1" "$END"
    } >"$new"
    if [ -s "$new" ]; then mv -f "$new" "$file"; else rm -f "$file" "$new"; fi
    if [ -n "$1" ]; then echo "${file#"$ROOT"} is written"; else echo "${file#"$ROOT"} is without what this program set"; fi
}
