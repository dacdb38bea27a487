# A node says that it was made by this program.
#
# with: ../../../components/rke2/scripts/parts/host.sh
# with: ../../../components/rke2/scripts/parts/membership.sh
main() { note_membership; }

main </dev/null
