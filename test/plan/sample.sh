# Stands for a script that runs on a host.
main() {
    echo "${TOKEN:-no token}"
}

main </dev/null
