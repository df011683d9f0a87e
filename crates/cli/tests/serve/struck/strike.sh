#!/bin/sh
# Stands for a program. The first time that a command is given, its server is killed before it is carried out, then after it, then in the
# middle of it; from then on it is the program.
real="REAL"
struck="STRUCK"

[ "$(cat "$(dirname "$0")/.server")" = "$PPID" ] || exec "$real" "$@"

# What it is asked for, without what is another one each time.
command=
is_value=
for word in "$@"; do
    if [ "$is_value" ]; then
        is_value=
        continue
    fi
    case "$word" in
    --leash | --json | --quiet) ;;
    -C | --copy | --git-dir | -c | --work-tree) is_value=yes ;;
    /* | file:* | +* | refs/* | [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*) ;;
    *) command="$command $word" ;;
    esac
done

strike() {
    mkdir "$struck/$(basename "$real")$command: $1" 2>/dev/null
}

if strike before; then
    kill -9 $PPID
    exit 1
fi
if strike after; then
    "$real" "$@"
    kill -9 $PPID
    exit 1
fi
for lines in 1 4 10; do
    if strike "after $lines lines"; then
        status="$struck/.status.$$"
        {
            "$real" "$@"
            echo $? >"$status"
        } | {
            while read -r line; do
                printf '%s\n' "$line"
                lines=$((lines - 1))
                [ $lines -ne 0 ] || kill -9 $PPID
            done
        }
        exit "$(cat "$status")"
    fi
done
exec "$real" "$@"
