#!/bin/sh
# Starts PostgreSQL on 127.0.0.1. Makes the cluster and the database POSTGRES_DB first if the volume is empty.
set -eu
for bin in /usr/lib/postgresql/*/bin; do :; done
version=${bin%/bin}
version=${version##*/}
data=/var/lib/boatyard/data/cluster
database=${POSTGRES_DB:-app}

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

# Nothing else can hold the volume when PID 1 of this container starts us: a lock file is left from a kill.
rm -f "$data/postmaster.pid"
exec "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c port=5432 -c unix_socket_directories=/tmp
