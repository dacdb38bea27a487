# How a node says that it was made by this program. Needs parts/host.sh.
#
# with: ask.sh
MEMBER=multicluster/member # an annotation of the Node
NODE_UID_FILE=$ETC/node.uid # which Node object this was; one that registers by itself after it was taken out is another

# Once the node is one.
note_membership() {
    local uid said
    uid=$(ask get node "$NODE_NAME" -o 'jsonpath={.metadata.uid}') || die "the API does not give this node's object: $uid"
    [ "$(text_of "$NODE_UID_FILE")" != "$uid" ] || return 0
    said=$(ask annotate node "$NODE_NAME" "$MEMBER=yes" --overwrite) || die "the node does not take its annotation $MEMBER: $said"
    put "$NODE_UID_FILE" "$uid"
}
