# Puts a kubeconfig into a file of its own for the script behind it, on the machine that runs Pulumi, and takes it away again
# when that ends, however it ends. What the script writes by the way lands there too.
#
#   KUBECONFIG_TEXT   the kubeconfig
: "${KUBECONFIG_TEXT:?}"
if ! KUBECTL=$(command -v kubectl); then
    echo "kubectl is not on the PATH of the machine that runs Pulumi, which asks a cluster that was there already with it: install it" >&2
    exit 1
fi
ROOT=$(umask 077 && mktemp -d)
trap 'rm -rf -- "$ROOT"' EXIT
export KUBECONFIG=$ROOT/kubeconfig
printf '%s\n' "$KUBECONFIG_TEXT" >"$KUBECONFIG"
