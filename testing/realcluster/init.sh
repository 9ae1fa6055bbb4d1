#!/bin/sh
# PID 1 of a real cluster's namespaces: makes them look like a machine of its own, runs a command in them and ends as it
# does, reaping what other processes leave behind meanwhile. Nothing done here is seen outside.
#
# usage: init.sh COMMAND [ARGUMENT...]
# environment: CLUSTER_DIR, a directory on a disk; NODE_NAME; NODE_IP and SERVICE_IP, the node's addresses; RUNTIME_PATH and
# RUNTIME_LIBRARIES, where programs and libraries are that the machine may lack
set -eu

network() {
  PATH=$PATH:$RUNTIME_PATH LD_LIBRARY_PATH=$RUNTIME_LIBRARIES ip "$@"
}

hostname "$NODE_NAME"
mount --make-rshared /

# Sockets and state of a container runtime that the machine may have stay out of sight, and ours out of its.
mkdir -p "$CLUSTER_DIR/log" "$CLUSTER_DIR/lib/upper" "$CLUSTER_DIR/lib/work" "$CLUSTER_DIR/sysctl"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/containerd
mount --bind "$CLUSTER_DIR/log" /var/log
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$CLUSTER_DIR/lib/upper,workdir=$CLUSTER_DIR/lib/work" /var/lib

# The node knows its own name, and no other of the machine's.
printf '127.0.0.1 localhost\n%s %s\n' "$NODE_IP" "$NODE_NAME" >"$CLUSTER_DIR/hosts"
mount --bind "$CLUSTER_DIR/hosts" /etc/hosts

# Six settings of the kernel hold for the whole machine. The kubelet wants values of its own: it is shown files that have them.
while read -r setting value; do
  file="$CLUSTER_DIR/sysctl/$(basename "$setting")"
  echo "$value" >"$file"
  mount --bind "$file" "/proc/sys/$setting"
done <<SETTINGS
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

network link set lo up
network address add "$NODE_IP/32" dev lo
network address add "$SERVICE_IP/32" dev lo
echo 1 >/proc/sys/net/ipv4/ip_forward

"$@" &
child=$!
trap 'kill -TERM $child 2>/dev/null || true' TERM INT HUP
status=0
# A signal ends the wait as well; the command then has yet to end.
while wait "$child" || status=$?; kill -0 "$child" 2>/dev/null; do
  status=0
done
exit "$status"
