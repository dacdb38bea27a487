# shellcheck shell=bash
# Part of lab-init.sh and host-boot.sh.

# record FILE: writes which process this is: the machine's boot, the process's id and when it started. An id alone may belong
# to another process tomorrow.
record() {
    local boot stat fields
    read -r boot </proc/sys/kernel/random/boot_id
    # This shell opens the file itself, so that "self" is this shell.
    read -r stat </proc/self/stat
    read -ra fields <<<"${stat##*) }"
    printf '%s %s %s\n' "$boot" "${stat%% *}" "${fields[19]}" >"$1.new"
    mv "$1.new" "$1"
}
