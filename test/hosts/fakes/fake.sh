# The beginning of every fake command: it writes the call down, and makes the FAULT_AT-th one go wrong.
#
#   WORLD      where the state of the machine is kept that is not a file of its own
#   FAULT      fail    the call does nothing and fails
#              before  the machine loses the script before the call does anything
#              after   the machine loses the script after the call has done its work
#   FAULT_AT   which call   @default none
#   MOMENTS    where to keep what the machine is before and after each call   @default nowhere
echo "${0##*/} $*" >>"$WORLD/calls"
# How many calls there were, this one included. Starting a process takes longer than anything else here.
count_calls() {
    if [ -z "${BASH_VERSION:-}" ]; then
        count=$(/usr/bin/wc -l <"$WORLD/calls")
    else
        mapfile -t calls <"$WORLD/calls"
        count=${#calls[@]}
    fi
}
[ -z "${FAULT_AT:-}${MOMENTS:-}" ] || count_calls
if [ -n "${FAULT_AT:-}" ] && [ "$count" -eq "$FAULT_AT" ]; then
    case $FAULT in
        fail) exit 1 ;;
        before) kill -9 0 ;;
        after) trap 'kill -9 0' EXIT ;;
    esac
fi
if [ -n "${MOMENTS:-}" ]; then
    moment=$MOMENTS/$count
    # By its own path: there may be a fake cp. Root and world lie next to each other, and nothing else is there.
    /usr/bin/cp -a "${ROOT%/*}" "$moment-before"
    trap '/usr/bin/cp -a "${ROOT%/*}" "$moment-after"' EXIT
fi
