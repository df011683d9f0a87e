#!/bin/sh
# Starts PostgreSQL on 127.0.0.1. Makes the cluster and the database POSTGRES_DB first if the volume is empty.
set -eu
for bin in /usr/lib/postgresql/*/bin; do :; done
version=${bin%/bin}
version=${version##*/}
data=/var/lib/boatyard/data/cluster
database=${POSTGRES_DB:-app}

# Held by the server and all its children until the last is gone; a lock of the kernel does not outlive a kill.
exec 9>"$data.lock"
if ! flock -w 10 9; then
    echo "postgres: another server uses this volume" >&2
    exit 1
fi

if [ ! -e "$data" ]; then
    # Made beside its place and renamed: a start that was killed half-way leaves nothing that looks whole.
    rm -rf "$data.new"
    "$bin/initdb" --pgdata="$data.new" --username=app --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    printf 'CREATE DATABASE "%s";\n' "$database" |
        "$bin/postgres" --single -D "$data.new" postgres >/dev/null
    mv "$data.new" "$data"
    sync
fi

found=$(cat "$data/PG_VERSION")
if [ "$found" != "$version" ]; then
    echo "postgres: the volume holds data of PostgreSQL $found, this image has $version" >&2
    echo "postgres: dump it with the old image and load it with this one, or remove the volume" >&2
    exit 1
fi

# We hold the lock, so this is left from a kill. Its process id may by now be anybody's, and keep the server from starting.
rm -f "$data/postmaster.pid"
exec "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c port=5432 -c unix_socket_directories=/tmp
