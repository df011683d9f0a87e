#!/bin/sh
# Starts Redis on 127.0.0.1; where there is a REDIS_PASSWORD everywhere, for those who know it.
set -eu
listen='bind 127.0.0.1'
if [ -n "${REDIS_PASSWORD:-}" ]; then
    # In quotes, as its configuration has them.
    quoted=$(printf %s "$REDIS_PASSWORD" | sed 's/[\\"]/\\&/g')
    unset REDIS_PASSWORD
    listen="bind * -::*
requirepass \"$quoted\""
fi
# Not as arguments, which whoever lists processes would see. The append-only file keeps what was queued through a kill, up to the
# last second.
exec /usr/bin/redis-server - <<EOF
port 6379
dir /var/lib/boatyard/data
appendonly yes
daemonize no
$listen
EOF
