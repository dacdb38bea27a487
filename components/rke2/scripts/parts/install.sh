# How RKE2 comes onto a host. Needs parts/host.sh.
#
#   VERSION         the RKE2 release, as v1.35.7+rke2r1
#   METHOD          tar, rpm or air-gap   @default tar
#   INSTALL_URL     tar, rpm: where the install script comes from
#   CHANNEL         rpm: the package repository: stable, latest or testing   @default latest
#   PROXY           tar, rpm: the way out, KEY=value on each line   @default direct
#   ARTIFACTS       air-gap: `<sha256> <file name>` of each file, for all architectures
#   ARTIFACTS_DIR   air-gap: the folder on this host that holds the files   @default none
#   ARTIFACTS_URL   air-gap: the https address under which they are, where there is no ARTIFACTS_DIR
METHOD=${METHOD:-tar} CHANNEL=${CHANNEL:-latest} PROXY=${PROXY:-}
ARTIFACTS=${ARTIFACTS:-} ARTIFACTS_DIR=${ARTIFACTS_DIR:-} ARTIFACTS_URL=${ARTIFACTS_URL:-}
INSTALLER=$ETC/install.sh # there from the beginning of an installation to its end
STAGE=$DATA/artifacts # files on their way, for root alone
IMAGES=$DATA/agent/images # RKE2 imports the archives that lie there
IMAGES_FILE=$ETC/images.given # those that come from here: `<sha256> <file name>`, or `pending <file name>`
ADVICE="keep to the method, or take the node out of the description in a change of its own and describe it again after that"

# Whether VERSION is here as a whole, whichever way it came.
is_installed() {
    local installed
    installed=$(installed_version) || true
    [ "$installed" = "$VERSION" ] && [ ! -f "$INSTALLER" ]
}

# What this host would not survive, or the install script would only find out half-way. Changes nothing.
check_install() {
    local packages file
    packages=$(rpm -q rke2-common 2>/dev/null) || packages=""
    case $METHOD in
        tar | air-gap)
            [ -z "$packages" ] \
                || die "RKE2 is installed here by packages ($packages), and rke2.install.method is $METHOD: $ADVICE"
            ;;
        rpm)
            for file in "$ROOT/usr/local/bin/rke2" "$ROOT/opt/rke2/bin/rke2"; do
                [ ! -e "$file" ] \
                    || die "RKE2 is installed here by its tarball (${file#"$ROOT"}), and rke2.install.method is rpm: $ADVICE"
            done
            type yum >/dev/null 2>&1 || type zypper >/dev/null 2>&1 \
                || die "this host has neither yum nor zypper, and rke2.install.method is rpm: choose tar"
            ;;
        *) die "there is no method $METHOD to install RKE2: tar, rpm or air-gap" ;;
    esac
}

# Brings VERSION here, over another one too. It starts nothing, and ends with nothing to do where all is in place.
install_rke2() {
    check_install
    case $METHOD in
        tar) is_installed || install_tar ;;
        rpm)
            is_installed || install_packages
            hold_packages
            ;;
        air-gap) install_artifacts ;;
    esac
    [ "$METHOD" = air-gap ] || give_images ""
}

install_tar() {
    download_installer
    run_installer INSTALL_RKE2_METHOD=tar || die "the install script of RKE2 failed"
    end_installation
}

# A changed package restarts its unit within the transaction, and yum then hangs for as long as RKE2 does. A stopped unit
# stays stopped, its pods go on, and what installs comes to start it.
install_packages() {
    local was
    download_installer
    was=$(systemctl is-active "$UNIT") || true
    case $was in
        active | activating | reloading | deactivating) systemctl stop "$UNIT" ;;
        *) was="" ;;
    esac
    if ! run_installer INSTALL_RKE2_METHOD=rpm INSTALL_RKE2_CHANNEL="$CHANNEL"; then
        [ -z "$was" ] || systemctl start --no-block "$UNIT"
        die "the install script of RKE2 failed: see what it says above. If it does not find $VERSION, that is not in the channel $CHANNEL: see rke2.install.channel"
    fi
    end_installation
}

# An update of the host's packages must not upgrade a cluster. The install script writes the repository anew each time, and
# rke2-uninstall.sh removes it; the repository of the SELinux policy, which must go with the host's own, stays.
hold_packages() {
    local file
    for file in "$ROOT/etc/yum.repos.d/rancher-rke2.repo" "$ROOT/etc/zypp/repos.d/rancher-rke2.repo"; do
        [ -f "$file" ] || continue
        sed '/^\[rancher-rke2-[0-9]/,/^\[/ s/^enabled=1$/enabled=0/' "$file" >"$file.new"
        if [ "$(cat "$file")" = "$(cat "$file.new")" ]; then
            rm -f "$file.new"
        else
            chmod 644 "$file.new"
            mv -f "$file.new" "$file"
            echo "updates of this host's packages leave RKE2 alone"
        fi
    done
}

# outside COMMAND...: with the described way out.
outside() {
    local line lines=()
    while read -r line; do
        [ -z "$line" ] || [[ $line == CONTAINERD_* ]] || lines+=("$line")
    done <<<"$PROXY"
    env "${lines[@]}" "$@"
}

download_installer() {
    outside curl -fsSL --proto =https --connect-timeout 15 --max-time 120 --retry 3 -o "$INSTALLER.new" "$INSTALL_URL" \
        || die "$INSTALL_URL does not give the install script of RKE2: see what curl says above, and what rke2.installUrl says"
    mv -f "$INSTALLER.new" "$INSTALLER"
}

# run_installer NAME=VALUE...: fails where the script does.
run_installer() {
    local left
    left=$(seconds_left) || exit 1
    outside "$@" INSTALL_RKE2_VERSION="$VERSION" INSTALL_RKE2_TYPE="$ROLE" timeout "$left" sh "$INSTALLER" 9>&-
}

seconds_left() {
    local left=$((DEADLINE - SECONDS))
    [ "$left" -gt 0 ] || die "gave up after $SECONDS_MAX s, before RKE2 could be installed"
    echo "$left"
}

end_installation() {
    local installed
    installed=$(installed_version) || true
    [ "$installed" = "$VERSION" ] || die "the install script has left RKE2 ${installed:-nowhere}, not $VERSION"
    rm -f "$INSTALLER"
}

# From files alone. Each is brought to a folder of root's and verified there, before anything of it runs or is moved on. The
# script then finds no archives of images: it would take some of them, under names of its own.
install_artifacts() {
    local arch images needed file
    arch=$(architecture)
    images=$(artifacts "$arch" | grep -E ' .*\.tar(\.gz|\.zst)?$' | grep -v ' rke2\.linux-') || true
    needed=$(while read -r line; do is_given "$line" || echo "$line"; done <<<"$images")
    if ! is_installed; then
        for file in install.sh "sha256sum-$arch.txt" "rke2.linux-$arch.tar.gz"; do
            needed+=$'\n'$(artifacts "$arch" | grep -F " $file") \
                || die "there is no $file among the artifacts, and this is a host of $arch"
        done
    fi
    if [ -n "$needed" ]; then
        fetch_artifacts "$needed"
        verify_artifacts "$needed"
    fi
    if is_installed; then
        give_images "$images"
    else
        check_archive "$STAGE/rke2.linux-$arch.tar.gz"
        cp "$STAGE/install.sh" "$INSTALLER.new"
        mv -f "$INSTALLER.new" "$INSTALLER"
        give_images "$images"
        run_installer INSTALL_RKE2_METHOD=tar INSTALL_RKE2_ARTIFACT_PATH="$STAGE" || die "the install script of RKE2 failed"
        end_installation
    fi
    rm -rf "$STAGE" ${ARTIFACTS_DIR:+"$ARTIFACTS_DIR"} # a change of them brings them again
}

architecture() {
    case $(uname -m) in
        x86_64) echo amd64 ;;
        aarch64) echo arm64 ;;
        *) uname -m ;;
    esac
}

# artifacts ARCH: the lines of all files but those of other architectures.
artifacts() {
    local line other
    while read -r line; do
        for other in amd64 arm64 s390x; do
            [ "$other" = "$1" ] || [[ $line != *"-$other."* ]] || continue 2
        done
        [ -z "$line" ] || echo "$line"
    done <<<"$ARTIFACTS"
}

# is_given LINE: whether this archive of images has been put in place, or there is none to put.
is_given() {
    [ -z "$1" ] || { grep -qsxF "$1" "$IMAGES_FILE" && [ -f "$IMAGES/${1#* }" ]; }
}

hash_of() {
    local found
    found=$(sha256sum <"$1")
    echo "${found%% *}"
}

# brought NAME SHA256: where the file with this content lies that was copied here, or else any of this name. The first copy of
# a folder becomes ARTIFACTS_DIR; where that is there already, a later one becomes a folder in it.
brought() {
    local file any=""
    for file in "$ARTIFACTS_DIR/$1" "$ARTIFACTS_DIR"/*/"$1"; do
        [ -f "$file" ] || continue
        any=${any:-$file}
        [ "$(hash_of "$file")" != "$2" ] || { echo "$file"; return; }
    done
    echo "$any"
}

fetch_artifacts() {
    local expected name left file
    mkdir -p "$STAGE"
    chmod 700 "$STAGE"
    while read -r expected name; do
        if [ -z "$name" ] || { [ -f "$STAGE/$name" ] && [ "$(hash_of "$STAGE/$name")" = "$expected" ]; }; then continue; fi
        rm -f "${STAGE:?}/$name"
        if [ -z "$ARTIFACTS_DIR" ]; then
            left=$(seconds_left) || exit 1
            curl -fsS --proto =https --connect-timeout 15 --max-time "$left" --retry 3 -L --max-redirs 0 -o "$STAGE/$name" "$ARTIFACTS_URL/$name" \
                || die "$ARTIFACTS_URL/$name cannot be had: see what curl says above, and what rke2.install.artifacts.url says"
            continue
        fi
        file=$(brought "$name" "$expected")
        if [ -n "$file" ]; then
            cp "$file" "$STAGE/$name" || die "$name cannot be copied to ${STAGE#"$ROOT"}: see what cp says above"
        fi
    done <<<"$1"
}

verify_artifacts() {
    local expected name found wrong=""
    while read -r expected name; do
        [ -n "$name" ] || continue
        if [ ! -f "$STAGE/$name" ]; then
            wrong+=$'\n'"  $name is missing"
            continue
        fi
        found=$(hash_of "$STAGE/$name")
        [ "$found" = "$expected" ] || wrong+=$'\n'"  $name has the SHA-256 $found, and must have $expected"
    done <<<"$1"
    [ -z "$wrong" ] \
        || die "the artifacts in ${ARTIFACTS_DIR:-$ARTIFACTS_URL} are not those that were described, and nothing of them has run:$wrong"
}

# No file says of which release the archive is, but what is in it. Where it cannot run yet, what comes after it finds out.
check_archive() {
    local found
    tar xzf "$1" -C "$STAGE" --wildcards '*bin/rke2' 2>/dev/null || true
    found=$({ "$STAGE/bin/rke2" --version | sed -n 's/^rke2 version \([^ ]*\).*/\1/p'; } 2>/dev/null) || true
    [ -z "$found" ] || [ "$found" = "$VERSION" ] \
        || die "the artifacts are of RKE2 $found, and rke2.version is $VERSION: nothing of them has been installed"
}

# give_images LINES: exactly these archives of images, next to those that others have put there. What is about to change is
# noted first, by name: whatever a run leaves behind, a later one knows that it came from here.
give_images() {
    local line name given pending=""
    given=$(text_of "$IMAGES_FILE")
    if [ "$given" = "$1" ] && { [ -z "$1" ] || all_given "$1"; }; then return 0; fi
    mkdir -p "$IMAGES"
    while read -r line; do
        [ -z "$line" ] || is_given "$line" || pending+="pending ${line#* }"$'\n'
    done <<<"$1"
    while read -r line; do
        name=${line#* }
        if [[ $'\n'$1$'\n' == *$'\n'"$line"$'\n'* ]] && is_given "$line"; then
            pending+="$line"$'\n'
        elif [[ $'\n'$pending != *$'\n'"pending $name"$'\n'* ]]; then
            pending+="pending $name"$'\n'
        fi
    done <<<"$given"
    put "$IMAGES_FILE" "${pending%$'\n'}"

    while read -r line; do
        name=${line#* }
        [[ $line == "pending "* ]] || continue
        if [[ $'\n'$1$'\n' == *" $name"$'\n'* ]]; then
            mv -f "$STAGE/$name" "$IMAGES/$name"
            echo "$name is where RKE2 takes images from"
        else
            rm -f "${IMAGES:?}/$name"
            echo "$name is gone from where RKE2 takes images from"
        fi
    done <<<"$pending"

    if [ -n "$1" ]; then put "$IMAGES_FILE" "$1"; else rm -f "$IMAGES_FILE"; fi
}

all_given() {
    local line
    while read -r line; do is_given "$line" || return 1; done <<<"$1"
}
