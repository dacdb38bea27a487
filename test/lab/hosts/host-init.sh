#!/bin/bash
# The first process of a lab's host. It starts what boots with a machine and then reaps what ends; to end it is to pull the plug.
set -euo pipefail

main() {
    /usr/lib/lab/ssh start
    # The services that were enabled when the plug was pulled.
    /usr/bin/systemctl lab-boot >/run/lab-boot.log 2>&1 &
    while :; do
        sleep infinity &
        wait $! || true
    done
}

main </dev/null
