# RKE2's install script, in two steps, so that an interruption can come between them.
. "$FAKES/fake.sh"
mkdir -p "$ROOT/usr/local/bin" "$ROOT/usr/local/lib/systemd/system"
printf '#!/bin/sh\n. "$FAKES/fake.sh"\necho "rke2 version %s (0123456789abcdef)"\necho "go version go1.26"\n' \
    "$INSTALL_RKE2_VERSION" >"$ROOT/usr/local/bin/rke2"
chmod 755 "$ROOT/usr/local/bin/rke2"
[ "$INSTALL_RKE2_METHOD $INSTALL_RKE2_TYPE" != "tar " ] || exit 2
[ ! -f "$WORLD/install-stops" ] || exit 1
for unit in rke2-server rke2-agent; do echo "[Unit]" >"$ROOT/usr/local/lib/systemd/system/$unit.service"; done
