# The beginning of every fake command: it writes the call down, and makes the FAULT_AT-th one go wrong.
#
#   WORLD      where the state of the machine is kept that is not a file of its own
#   FAULT      fail    the call does nothing and fails
#              before  the machine loses the script before the call does anything
#              after   the machine loses the script after the call has done its work
#   FAULT_AT   which call   @default none
echo "${0##*/} $*" >>"$WORLD/calls"
if [ -n "${FAULT_AT:-}" ] && [ "$(wc -l <"$WORLD/calls")" -eq "$FAULT_AT" ]; then
    case $FAULT in
        fail) exit 1 ;;
        before) kill -9 0 ;;
        after) trap 'kill -9 0' EXIT ;;
    esac
fi
