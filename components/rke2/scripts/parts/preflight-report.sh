# How a preflight runs its checks and says what they have found, and the small things that they have in common.

# run_checks NAME...: all at once, as each may wait for an answer.
run_checks() {
    local order=0 name
    for name in "$@"; do
        run_check "$order" "$name" &
        order=$((order + 1))
    done
    wait
}

run_check() {
    ORDER=$1 # what is found is told in this order
    "check_$2" &
    wait "$!" || warn "${2//_/-}" "this check itself failed with code $?" "its answer" "see what commands have said on standard error"
}

# limited SECONDS COMMAND...: no check may hang.
limited() { timeout -k 1 "$@"; }

is_there() { command -v "$1" >/dev/null; }

is_active() { [ "$(limited 10 systemctl is-active "$1" 2>/dev/null)" = active ]; }

is_enabled() { limited 10 systemctl is-enabled --quiet "$1" >/dev/null 2>&1; }

# in_lines WORD LINES: whether it is one of the lines.
in_lines() { [[ $'\n'$2$'\n' == *$'\n'"$1"$'\n'* ]]; }

# joined WORD...: as a list for people.
joined() {
    local list
    printf -v list '%s, ' "$@"
    printf '%s' "${list%, }"
}

# older A B: whether version A is before B, as far as B goes, by number.
older() {
    local -a a b
    local index left
    IFS=.- read -ra a < <(printf '%s\n' "$1")
    IFS=.- read -ra b < <(printf '%s\n' "$2")
    for index in "${!b[@]}"; do
        left=${a[index]:-0}
        left=${left%%[!0-9]*}
        ((10#${left:-0} == 10#${b[index]})) || { ((10#${left:-0} < 10#${b[index]})); return; }
    done
    return 1
}

# Short, and at once: so it comes out in one piece, next to what other checks say at the same time.
say() {
    local words=("${@//[$'\t\r\n']/ }") word line=$ORDER
    for word in "${words[@]}"; do
        [ "${#word}" -le 600 ] || word="${word:0:600}..."
        line+=$'\t'${word:--}
    done
    printf '%s\n' "$line"
}

info() { say info "$@"; }

# warn NAME FOUND NEEDED FIX: it is told, and stops nothing.
warn() { say warned "$@"; }

# refuse NAME FOUND NEEDED FIX: no node can live here, unless someone knows better and has said so.
refuse() { if in_lines "$1" "$IGNORE"; then warn "$@"; else say refused "$@"; fi; }

# demand NAME FOUND NEEDED FIX: no new node can live here. One that does already is not stopped by it.
demand() { if [ "$OWNED" = mine ]; then warn "$@"; else refuse "$@"; fi; }

# report LINES...: what is refused, for people; then it fails.
report() {
    local severity name found needed fix count=0 text=""
    while IFS=$'\t' read -r severity name found needed fix; do
        [ "$severity" = refused ] || continue
        count=$((count + 1))
        text+=$(printf '\n✖ %s: %s\n    found: %s\n    needed: %s\n    fix: %s' "$NODE_NAME" "$name" "$found" "$needed" "$fix")
    done < <(printf '%s' "$@")
    [ "$count" -gt 0 ] || return 0
    printf '%s: this host cannot be a node as it is (refused: %s), and nothing was changed on it. A finding named in rke2.host.ignore no longer stops anything.%s\n' \
        "$NODE_NAME" "$count" "$text" >&2
    return 1
}
