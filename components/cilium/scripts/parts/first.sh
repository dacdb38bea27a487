# What RKE2's own Cilium is first installed with. Needs RKE2's parts/host.sh.
FIRST_FILE=$DATA/server/manifests/rke2-cilium-config.yaml

forget_first() { rm -f "$FIRST_FILE" "$FIRST_FILE.new"; }
