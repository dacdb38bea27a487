#!/bin/sh
# How ssh-keygen asks for the passphrase of a key: the answer is in a file, never in an argument.
exec cat "$PASSPHRASE_FILE"
