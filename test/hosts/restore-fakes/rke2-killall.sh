#!/bin/sh
# Ends what RKE2 has started.
. "$FAKES/fake.sh"
[ ! -f "$WORLD/killall-fails" ] || exit 1
