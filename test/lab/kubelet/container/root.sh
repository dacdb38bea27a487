#!/usr/bin/env bash
# Simulated: a container without a container runtime. It makes a root file system that holds what an image would (the program,
# libraries, nothing else of the host), mounts the volumes in it and becomes the program. It is run in a mount namespace of
# its own, so that everything here ends with the program. Process, hostname and user of the program are real; nothing is
# limited, and no capability is taken away.
#
#   root.sh ROOT --user UID:GID --groups LIST --hostname NAME --workdir DIR --readonly yes|no --etc FOLDER
#           [--mount SOURCE TARGET rw|ro]... -- PROGRAM ARGUMENT...
set -euo pipefail

# The container's own path is not for the commands here.
CONTAINER_PATH=$PATH
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

ROOT=$1
shift
USER_IDS=0:0 GROUPS_LIST="" HOST_NAME="" WORKDIR="" READONLY=no ETC=""
MOUNTS=()
while [ "$1" != -- ]; do
    case $1 in
        --user) USER_IDS=$2 && shift 2 ;;
        --groups) GROUPS_LIST=$2 && shift 2 ;;
        --hostname) HOST_NAME=$2 && shift 2 ;;
        --workdir) WORKDIR=$2 && shift 2 ;;
        --readonly) READONLY=$2 && shift 2 ;;
        --etc) ETC=$2 && shift 2 ;;
        --mount) MOUNTS+=("$2" "$3" "$4") && shift 4 ;;
        *) echo "root.sh: unknown option $1" >&2 && exit 125 ;;
    esac
done
shift

# bind SOURCE TARGET rw|ro
bind() {
    local target=$ROOT$2
    if [ -d "$1" ]; then
        mkdir -p "$target"
    else
        mkdir -p "$(dirname "$target")"
        [ -e "$target" ] || : >"$target"
    fi
    mount --bind "$1" "$target"
    [ "$3" = rw ] || mount -o remount,bind,ro "$target"
}

make_base() {
    local name
    mount -t tmpfs -o mode=755 container "$ROOT"
    mkdir -p "$ROOT"/{etc,root,run,usr/bin,var/lib,var/log}
    mkdir -m 1777 "$ROOT/tmp" "$ROOT/var/tmp"
    # Cilium's images have this for programs that do not run as root.
    mkdir -m 777 "$ROOT/run/cilium"
    ln -s ../run "$ROOT/var/run"
    for name in /usr/lib /usr/lib32 /usr/lib64 /usr/libx32 /usr/share; do
        [ ! -d "$name" ] || bind "$name" "$name" ro
    done
    for name in /bin /sbin /lib /lib32 /lib64 /libx32; do
        if [ -L "$name" ]; then
            # Its own /usr/bin has only the program, so there is no /usr/sbin either.
            case $name in
                /sbin) ln -s usr/bin "$ROOT$name" ;;
                *) ln -s "usr$name" "$ROOT$name" ;;
            esac
        elif [ -d "$name" ]; then
            case $name in /bin | /sbin) mkdir -p "$ROOT$name" ;; *) bind "$name" "$name" ro ;; esac
        fi
    done
    for name in dev proc sys; do
        mkdir "$ROOT/$name"
        mount --rbind "/$name" "$ROOT/$name"
    done
    bind "$(readlink -f /bin/sh)" /bin/sh ro
}

make_etc() {
    local name
    for name in passwd group nsswitch.conf ssl localtime; do
        [ ! -e "/etc/$name" ] || bind "/etc/$name" "/etc/$name" ro
    done
    for name in hosts resolv.conf; do
        [ ! -e "$ETC/$name" ] || bind "$ETC/$name" "/etc/$name" rw
    done
}

[ -z "$HOST_NAME" ] || hostname "$HOST_NAME"
make_base
make_etc
index=0
while [ "$index" -lt "${#MOUNTS[@]}" ]; do
    bind "${MOUNTS[index]}" "${MOUNTS[index + 1]}" "${MOUNTS[index + 2]}"
    index=$((index + 3))
done
[ "$READONLY" = no ] || mount -o remount,bind,ro "$ROOT"
# What bash has added for itself is not the container's.
unset OLDPWD SHLVL
cd /
if [ -n "$WORKDIR" ]; then
    # shellcheck disable=SC2016 # for the shell inside
    set -- /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$WORKDIR" "$@"
fi
exec env PATH="$CONTAINER_PATH" "$(command -v chroot)" --userspec="$USER_IDS" --groups="${GROUPS_LIST:-${USER_IDS#*:}}" "$ROOT" "$@"
