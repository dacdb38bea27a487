# Questions to a cluster whose API may be away for a moment, as when a server has just left it. Needs parts/host.sh.
#
#   API_SECONDS_MAX   how long it may be away   @default 60
API_SECONDS_MAX=${API_SECONDS_MAX:-60}

# ask WORDS...: what kubectl prints, or, where it still fails after that time, the last line of why it does.
ask() {
    local answer end=$((SECONDS + API_SECONDS_MAX))
    until answer=$(kubectl "$@" 2>/dev/null); do
        if [ "$SECONDS" -ge "$end" ]; then
            answer=$(kubectl "$@" 2>&1) && break
            printf '%s' "${answer##*$'\n'}"
            return 1
        fi
        sleep 3
    done
    printf '%s' "$answer"
}
