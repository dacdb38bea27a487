#!/usr/bin/env bash
# await-ssh.sh ADDRESS SECONDS: waits until an SSH server answers there.
set -euo pipefail

ADDRESS=$1 SECONDS_MAX=$2

# Whether the server says who it is.
answers() {
    local banner
    exec {SOCKET}<>"/dev/tcp/$ADDRESS/22" || return 1
    IFS= read -r -t 2 banner <&"$SOCKET" || true
    exec {SOCKET}>&-
    [[ $banner == SSH-2.0-* ]]
} 2>/dev/null

main() {
    until answers; do
        if [ "$SECONDS" -ge "$SECONDS_MAX" ]; then
            echo "nothing answers at $ADDRESS:22 after $SECONDS_MAX s" >&2
            exit 1
        fi
        sleep 0.05
    done
}

main </dev/null
