#!/bin/sh
# Starts PostgreSQL on 127.0.0.1; where there is a POSTGRES_PASSWORD everywhere, for those who know it.
# Makes the cluster and the database POSTGRES_DB first if the volume is empty.
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

listen=127.0.0.1
if [ -n "${POSTGRES_PASSWORD:-}" ]; then
    # The variable is what counts, whatever the volume had before.
    quoted=$(printf %s "$POSTGRES_PASSWORD" | sed "s/'/''/g")
    printf "ALTER ROLE app PASSWORD '%s';\n" "$quoted" |
        "$bin/postgres" --single -D "$data" postgres >/dev/null
    unset POSTGRES_PASSWORD quoted
    rule='host all all all scram-sha-256'
    grep -qxF "$rule" "$data/pg_hba.conf" || echo "$rule" >>"$data/pg_hba.conf"
    listen='*'
fi
exec "$bin/postgres" -D "$data" -c listen_addresses="$listen" -c port=5432 -c unix_socket_directories=/tmp
