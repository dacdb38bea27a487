# Waits until RKE2's job that installs its own Cilium has come to an end: a change in its midst ends the job, and what RKE2
# finds half installed it leaves alone from then on. A job that fails tries for ever, and it is the change that may mend it:
# then the change comes all the same.
#
# with: ../../rke2/scripts/parts/host.sh
#
#   MARK   what is installed next; it is not read, but with another one this runs again
main() {
    until [ "$(kubectl -n kube-system get job helm-install-rke2-cilium -o 'jsonpath={.status.succeeded}' 2>/dev/null)" = 1 ]; do
        if [ "$SECONDS" -ge "$DEADLINE" ]; then
            echo "RKE2's job has not come to an end within $SECONDS_MAX s: the change comes all the same"
            return
        fi
        sleep 3
    done
    echo "RKE2 has installed its Cilium as it knows it"
}

main </dev/null
