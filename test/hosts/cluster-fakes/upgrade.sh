# The steps of an upgrade that a node's script does around the installation.
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/upgrade.sh
STARTED_FILE=$ETC/config.yaml.started
case $STEP in
    check) main() { check_upgrade "$FROM" "$VERSION"; } ;;
    before) main() { before_upgrade; } ;;
    after) main() { after_upgrade; } ;;
esac

main </dev/null
