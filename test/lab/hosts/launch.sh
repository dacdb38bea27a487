#!/usr/bin/env bash
# launch.sh LOG COMMAND...: starts a command that outlives this script, and waits for the first line that it prints. A command
# that ends before it has printed one has failed: the end of its log then says why.
set -euo pipefail

LOG=$1
shift

exec {FROM}< <(exec setsid "$@" </dev/null 2>>"$LOG")
if ! read -r line <&"$FROM"; then
    printf 'it ended at once; the last lines of %s:\n' "$LOG" >&2
    tail -n 20 "$LOG" >&2
    exit 1
fi
printf '%s\n' "$line"
