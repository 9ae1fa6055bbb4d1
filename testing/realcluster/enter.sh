#!/bin/sh
# Becomes the process that holds a real cluster's namespaces: makes a cgroup for the cluster, joins it, and runs a command
# as PID 1 of new mount, network, process, IPC and host name namespaces. When that PID 1 ends, the kernel ends everything in them.
#
# usage: enter.sh CGROUP COMMAND [ARGUMENT...]
set -eu

cgroup=$1
shift

if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$cgroup/system"
  # A controller that cannot be had fails later, where the kubelet says which.
  for group in /sys/fs/cgroup "/sys/fs/cgroup/$cgroup"; do
    for controller in cpu memory pids cpuset io; do
      echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null || true
    done
  done
  echo $$ >"/sys/fs/cgroup/$cgroup/system/cgroup.procs"
else
  for hierarchy in /sys/fs/cgroup/*/; do
    # Only the root of a hierarchy has one; links to hierarchies have none of their own.
    [ -f "$hierarchy/release_agent" ] && [ ! -L "${hierarchy%/}" ] || continue
    mkdir -p "$hierarchy/$cgroup/system"
    if [ -f "$hierarchy/cpuset.cpus" ]; then
      # No process can join a cpuset that is empty, as new ones are.
      for group in "$hierarchy/$cgroup" "$hierarchy/$cgroup/system"; do
        cat "$hierarchy/cpuset.cpus" >"$group/cpuset.cpus"
        cat "$hierarchy/cpuset.mems" >"$group/cpuset.mems"
      done
    fi
    echo $$ >"$hierarchy/$cgroup/system/cgroup.procs"
  done
fi

exec unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc --propagation private "$@"
