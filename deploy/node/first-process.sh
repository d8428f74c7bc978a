#!/bin/sh
# First process of a lab node: one process tree in its own pid, net, mount, uts, ipc and cgroup namespaces. Killing it is the power cut:
# the kernel then ends everything inside and takes network and mounts down with it. usage: first-process.sh NODE_ENV_FILE
# It hears from its starter on stdin: `network` once the cable is in, `kubelet` once the API server answers. It ends itself if the starter goes
# away before that. Afterwards it only waits, which also reaps the orphans of the node.
set -eu
. "$1"

optional_sysctl() {
  # Some are read-only in a namespace, or belong to a module that is not loaded: say it and go on.
  { echo "$2" >"/proc/sys/$1"; } 2>/dev/null || echo "sysctl $1=$2: not settable here, skipped"
}

mount -t proc proc /proc
hostname "$NODE_NAME"

# What a machine has for itself. The checkout, /usr and the rest of the file system are shared with the host.
mount -t tmpfs -o mode=755,nosuid,size=20% tmpfs /run
mkdir -p /run/netns /run/lock /run/docker
while read -r source target; do
  mount --bind "$source" "$target"
done <"$NODE_DIR/mounts"
mount --make-rshared /var/lib/kubelet
# As on any machine: pods that mount the whole of it may ask to see what is mounted later.
mount --make-shared / || echo "the root of $NODE_NAME cannot be shared: no pod can mount it with propagation"
resolv=$(readlink -f /etc/resolv.conf || echo /etc/resolv.conf)
case $resolv in
  /run/*) mkdir -p "$(dirname "$resolv")" && cp "$NODE_DIR/resolv.conf" "$resolv" ;;
  *) mount --bind "$NODE_DIR/resolv.conf" "$resolv" ;;
esac

# The node's own cgroup root: the namespace makes the node's cgroup look like the top.
# What is there already is covered first: the kernel does not mount the one tree of version 2 onto itself.
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
if [ "$CGROUP_VERSION" = 2 ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p /sys/fs/cgroup/init
  echo $$ >/sys/fs/cgroup/init/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control || echo "cgroup controller $controller: not available to the node"
  done
else
  while read -r folder options; do
    mkdir -p "/sys/fs/cgroup/$folder"
    mount -t cgroup -o "$options" cgroup "/sys/fs/cgroup/$folder"
    for name in $(echo "$folder" | tr ',' ' '); do
      [ "$name" = "$folder" ] || ln -s "$folder" "/sys/fs/cgroup/$name"
    done
  done <"$NODE_DIR/cgroups"
fi

sh "$NODE_DIR/start-dockerd" &

read -r word && [ "$word" = network ] || exit 1
ip link set lo up
ip address add "$NODE_ADDRESS/24" dev eth0
ip link set eth0 up
ip route add default via "$GATEWAY"
optional_sysctl net/ipv4/ip_forward 1
optional_sysctl net/bridge/bridge-nf-call-iptables 1
optional_sysctl net/ipv4/conf/all/rp_filter 0
optional_sysctl net/ipv4/conf/default/rp_filter 0
echo "network of $NODE_NAME is up"

read -r word && [ "$word" = kubelet ] || exit 1
sh "$NODE_DIR/start-kubelet" &
sh "$NODE_DIR/start-kube-proxy" &
exec </dev/null
# A signal that comes in must not end the node; its supervisors are ended one by one when it is switched off in order.
while :; do
  wait || true
  sleep 3600 &
done
