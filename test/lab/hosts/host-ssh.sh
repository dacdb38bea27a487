#!/bin/bash
# ssh start | stop: the SSH server of a lab's host. Stopping it leaves open connections alone, and refuses new ones.
set -euo pipefail

PID_FILE=/run/sshd.pid

# The file may go at any moment: sshd takes it away as its last act.
is_running() {
    local pid
    { read -r pid <"$PID_FILE"; } 2>/dev/null && kill -0 "$pid" 2>/dev/null
}

# wait_until COMMAND...: for at most ten seconds.
wait_until() {
    local end=$((SECONDS + 10))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || { echo "sshd: gave up after 10 s; see /var/log/sshd.log" >&2; exit 1; }
        sleep 0.02
    done
}

start() {
    ! is_running || return 0
    rm -f "$PID_FILE"
    mkdir -p /run/sshd
    # It must be called by its full path. It writes its pid once it listens.
    "$(command -v sshd)" -f /etc/ssh/sshd_config -E /var/log/sshd.log
    wait_until is_running
}

is_stopped() { ! is_running; }

stop() {
    is_running || return 0
    kill "$(cat "$PID_FILE")"
    wait_until is_stopped
}

case ${1:-} in
    start | stop) "$1" ;;
    *)
        echo "usage: ssh start|stop" >&2
        exit 2
        ;;
esac
