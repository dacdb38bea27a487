# What a preparation has changed on its host, so that it can be taken back. Needs parts/host.sh.

# A small file for each thing that is changed, written before the change and removed after it has been taken back.
RECORDS=$ROOT/etc/multicluster/prepared

# remember KIND NAME TEXT: what is noted first stays, as later it would be what was made of it here.
remember() {
    local file=$RECORDS/$1-${2//\//-}
    [ ! -e "$file" ] || return 0
    [ -d "$RECORDS" ] || mkdir -p "$RECORDS"
    printf '%s\n' "$3" >"$file.new"
    mv "$file.new" "$file"
}

remembers() { [ -e "$RECORDS/$1-${2//\//-}" ]; }
forget() { rm -f "$RECORDS/$1-${2//\//-}"; }

# each_record KIND FUNCTION: calls it with what was noted; what lies in a folder comes before the folder.
each_record() {
    local file files=("$RECORDS/$1"-*) at
    for ((at = ${#files[@]} - 1; at >= 0; at--)); do
        file=${files[at]}
        [ ! -e "$file" ] || "$2" "$(<"$file")"
    done
}

has_text() { [ -f "$ROOT$1" ] && [ "$(<"$ROOT$1")" = "$2" ]; }
is_kept() { if [ -n "$2" ]; then has_text "$1" "$2"; else ! remembers file "$1"; fi; }

# signed TEXT: a comment that says whose file it is.
signed() { echo "$1 Written by multicluster, and removed with the node."; }

# keep_file FILE TEXT: a file that everyone may read; without a text it is as it was before.
keep_file() {
    local before=$RECORDS/before${1//\//-}
    if [ -z "$2" ]; then
        ! remembers file "$1" || give_back_file "$1"
        return 0
    fi
    if has_text "$1" "$2"; then
        ! remembers file "$1" || chmod 644 "$ROOT$1"
        return 0
    fi
    make_folder "${1%/*}"
    if ! remembers file "$1"; then
        rm -f "$before"
        if [ -e "$ROOT$1" ]; then
            mkdir -p "$RECORDS"
            cp -a "$ROOT$1" "$before.new"
            mv -f "$before.new" "$before"
        fi
        remember file "$1" "$1"
    fi
    put "$ROOT$1" "$2" 644
    echo "wrote $1"
}

give_back_file() {
    local before=$RECORDS/before${1//\//-}
    rm -f "$ROOT$1.new"
    if [ -e "$before" ]; then
        cp -a "$before" "$ROOT$1.new"
        mv -f "$ROOT$1.new" "$ROOT$1"
        echo "$1 is as it was"
    elif [ -e "$ROOT$1" ]; then
        rm -f "$ROOT$1"
        echo "removed $1"
    fi
    forget file "$1"
    rm -f "$before"
}

make_folder() {
    [ ! -d "$ROOT$1" ] || return 0
    make_folder "${1%/*}"
    remember folder "$1" "$1"
    # A service that is not root must read what lies in it, whatever root's own umask is.
    mkdir -m 755 "$ROOT$1"
}

remove_folder() {
    rmdir "$ROOT$1" 2>/dev/null || true # someone else has put something into it
    forget folder "$1"
}
