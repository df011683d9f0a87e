# Runs "$@" on a machine of its own: a network with these addresses, names, and servers that note who calls.
set -e
ip link set lo up
for address in 198.51.100.7/32 198.51.100.8/32 10.77.0.1/32 169.254.169.254/32 2001:db8::7/128; do
    ip address add "$address" dev lo
done
mount --bind "$WORLD/hosts" /etc/hosts
python3 "$WORLD/world.py" "$WORLD" &
world=$!
trap 'kill $world' EXIT
count=0
while ! [ -e "$WORLD/ready" ]; do
    count=$((count + 1))
    [ $count -lt 600 ]
    sleep 0.1
done
"$@"
