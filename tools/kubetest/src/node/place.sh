# The first process of the node's namespaces: place.sh FOLDER ADDRESS. Says when they are ready by a file.
set -eu

# What containers mount is to be seen by those that mount the same folder; nothing of it outside.
mount --make-rshared /
# containerd, the kubelet and the plugins of networks have paths here that no flag changes.
for folder in /run /var/lib /var/log; do
    mount -t tmpfs -o mode=755 tmpfs "$folder"
done
# The kubelet sets these, which belong to the machine: it gets files of the same content.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    mkdir -p "/run/settings/${setting%/*}"
    cat "/proc/sys/$setting" >"/run/settings/$setting"
    mount --bind "/run/settings/$setting" "/proc/sys/$setting"
done

ip link set lo up
ip link add node type bridge
ip address add "$2/24" dev node
ip link set node up
# To services there has to be a route, before the rules say where it leads.
ip route add default dev node
echo 1 >/proc/sys/net/ipv4/ip_forward

: >"$1/place"
exec sleep infinity
