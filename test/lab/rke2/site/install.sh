#!/bin/sh
# Simulated install script of RKE2, for hosts of the lab only. It does what the real one does for an air-gapped tar installation:
# takes the archive of a version and its checksum from one place, verifies it and unpacks it. It enables and starts nothing.
#
#   INSTALL_RKE2_VERSION        @default the version the lab was made with
#   INSTALL_RKE2_TYPE           server or agent; it only decides what is said at the end   @default server
#   INSTALL_RKE2_METHOD         tar   @default tar
#   INSTALL_RKE2_ARTIFACT_URL   @default this site
#   INSTALL_RKE2_ARTIFACT_PATH  a folder with the archive and the checksum, instead of the site
set -eu

VERSION=${INSTALL_RKE2_VERSION:-@VERSION@}
TYPE=${INSTALL_RKE2_TYPE:-server}
METHOD=${INSTALL_RKE2_METHOD:-tar}
URL=${INSTALL_RKE2_ARTIFACT_URL:-https://get.rke2.io/artifacts}/$VERSION
PREFIX=/usr/local
ARCHIVE=rke2.linux-amd64.tar.gz
CHECKSUM=sha256sum-amd64.txt

info() { echo "[INFO]  $*"; }

fatal() {
    echo "[ERROR] $*" >&2
    exit 1
}

check() {
    [ "$(id -u)" -eq 0 ] || fatal "You need to be root to perform this install"
    [ "$METHOD" = tar ] || fatal "the simulated RKE2 installs by tar only, not by $METHOD: set INSTALL_RKE2_METHOD=tar"
    case $TYPE in server | agent) ;; *) fatal "Invalid INSTALL_RKE2_TYPE $TYPE: it must be server or agent" ;; esac
}

get() {
    if [ -n "${INSTALL_RKE2_ARTIFACT_PATH:-}" ]; then
        cp "$INSTALL_RKE2_ARTIFACT_PATH/$1" "$WORK/$1" || fatal "$INSTALL_RKE2_ARTIFACT_PATH/$1 is not there"
    else
        info "downloading $URL/$1"
        curl -fsSL --connect-timeout 15 --max-time 120 -o "$WORK/$1" "$URL/$1" \
            || fatal "Failed to download $URL/$1: is $VERSION a version that this lab has?"
    fi
}

verify() {
    info "verifying tarball"
    expected=$(sed -n "s/ *$ARCHIVE\$//p" "$WORK/$CHECKSUM")
    actual=$(sha256sum "$WORK/$ARCHIVE" | cut -d ' ' -f 1)
    [ "$expected" = "$actual" ] || fatal "download sha256 does not match ${expected:-anything}, got $actual"
}

# Each file is moved into place whole, rke2 itself last: an installation that was interrupted is not taken for a finished one.
unpack() {
    info "unpacking tarball file to $PREFIX"
    mkdir "$WORK/tree"
    tar -xzf "$WORK/$ARCHIVE" -C "$WORK/tree"
    for file in lib/systemd/system/rke2-server.service lib/systemd/system/rke2-agent.service \
        bin/rke2-killall.sh bin/rke2-uninstall.sh bin/rke2; do
        mkdir -p "$PREFIX/${file%/*}"
        cp -p "$WORK/tree/$file" "$PREFIX/$file.new"
        mv -f "$PREFIX/$file.new" "$PREFIX/$file"
    done
}

main() {
    check
    WORK=$(mktemp -d -t rke2-install.XXXXXXXXXX)
    trap 'rm -rf "$WORK"' EXIT
    trap 'exit 1' INT TERM HUP
    info "using $VERSION as release (simulated)"
    get "$CHECKSUM"
    get "$ARCHIVE"
    verify
    unpack
    systemctl daemon-reload
    info "rke2-$TYPE $VERSION is installed; start it with: systemctl enable --now rke2-$TYPE"
}

main
