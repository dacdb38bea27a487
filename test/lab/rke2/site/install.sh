#!/bin/sh
# Simulated install script of RKE2, for hosts of the lab only. It does what the real one does for a tar installation: takes
# the archive of a version and its checksum from one place, verifies it and unpacks it. It enables and starts nothing.
#
#   INSTALL_RKE2_VERSION          @default the version the lab was made with
#   INSTALL_RKE2_TYPE             server or agent; it only decides what is said at the end   @default server
#   INSTALL_RKE2_METHOD           tar   @default tar
#   INSTALL_RKE2_ARTIFACT_URL     @default this site
#   INSTALL_RKE2_ARTIFACT_PATH    a folder with the archive and the checksums, instead of the site: nothing is downloaded then,
#                                 and the version is the archive's
#   INSTALL_RKE2_AGENT_IMAGES_DIR where images of that folder go   @default /var/lib/rancher/rke2/agent/images
set -eu

VERSION=${INSTALL_RKE2_VERSION:-@VERSION@}
TYPE=${INSTALL_RKE2_TYPE:-server}
METHOD=${INSTALL_RKE2_METHOD:-tar}
URL=${INSTALL_RKE2_ARTIFACT_URL:-https://get.rke2.io/artifacts}/$VERSION
FROM=${INSTALL_RKE2_ARTIFACT_PATH:-}
IMAGES_DIR=${INSTALL_RKE2_AGENT_IMAGES_DIR:-/var/lib/rancher/rke2/agent/images}
PREFIX=/usr/local
SUFFIX=linux-amd64
ARCHIVE=rke2.$SUFFIX.tar.gz
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
    [ -z "$FROM" ] || [ -d "$FROM" ] || fatal "artifact path $FROM does not exist"
}

get() {
    if [ -n "$FROM" ]; then
        info "staging $FROM/$1"
        cp -f "$FROM/$1" "$WORK/$1" || fatal "$FROM/$1 is not there"
    else
        info "downloading $URL/$1"
        curl -fsSL --connect-timeout 15 --max-time 120 -o "$WORK/$1" "$URL/$1" \
            || fatal "Failed to download $URL/$1: is $VERSION a version that this lab has?"
    fi
}

# verify FILE WHAT
verify() {
    info "verifying $2"
    expected=$(sed -n "s/ *$1\$//p" "$WORK/$CHECKSUM")
    actual=$(sha256sum "$WORK/$1" | cut -d ' ' -f 1)
    [ "$expected" = "$actual" ] || fatal "download sha256 does not match ${expected:-anything}, got $actual"
}

# Of images, only those in rke2-images are looked for and verified; without that file, others are not copied either. So does
# the real script.
get_images() {
    IMAGES=""
    [ -n "$FROM" ] || return 0
    for file in "rke2-images.$SUFFIX.tar.zst" "rke2-images.$SUFFIX.tar.gz"; do
        if [ -z "$IMAGES" ] && [ -f "$FROM/$file" ]; then IMAGES=$file; fi
    done
    [ -n "$IMAGES" ] || return 0
    get "$IMAGES"
    verify "$IMAGES" "airgap tarball"
}

install_images() {
    [ -n "$IMAGES" ] || return 0
    info "installing airgap tarball to $IMAGES_DIR"
    mkdir -p "$IMAGES_DIR"
    mv -f "$WORK/$IMAGES" "$IMAGES_DIR/$IMAGES"
    for file in "$FROM"/rke2-images-*."$SUFFIX".*; do
        [ ! -f "$file" ] || cp -f "$file" "$IMAGES_DIR/"
    done
}

# Each file is moved into place whole, rke2 itself last: an installation that was interrupted is not taken for a finished one.
unpack() {
    info "unpacking tarball file to $PREFIX"
    mkdir "$WORK/tree"
    tar -xzf "$WORK/$ARCHIVE" -C "$WORK/tree"
    for file in lib/systemd/system/rke2-server.service lib/systemd/system/rke2-agent.service \
        share/rke2/rke2-cis-sysctl.conf bin/rke2-killall.sh bin/rke2-uninstall.sh bin/rke2; do
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
    [ -n "$FROM" ] || info "using $VERSION as release (simulated)"
    get "$CHECKSUM"
    get "$ARCHIVE"
    verify "$ARCHIVE" tarball
    get_images
    install_images
    unpack
    systemctl daemon-reload
    info "rke2-$TYPE $("$PREFIX/bin/rke2" --version | sed -n 's/^rke2 version \([^ ]*\).*/\1/p') is installed; start it with: systemctl enable --now rke2-$TYPE"
}

main
