#!/bin/sh
# Takes away what a real cluster leaves on the machine, however its owner goes: it waits for the end of a pipe whose other
# end only that owner holds, ends the cluster's process, and removes its cgroups and its directory.
#
# usage: janitor.sh CGROUP DIRECTORY, with the process id of the cluster's outermost process as the first line of input
set -u

cgroup=$1
directory=$2
read -r pid
cat >/dev/null
if [ -n "$pid" ]; then
  kill -KILL "$pid" 2>/dev/null
fi

# The kernel takes a moment to end everything in the namespaces; until then cgroups are busy.
left=100
while [ "$left" -gt 0 ]; do
  remains=
  for root in "/sys/fs/cgroup/$cgroup" /sys/fs/cgroup/*/"$cgroup"; do
    [ -d "$root" ] || continue
    find "$root" -depth -type d -exec rmdir {} \; 2>/dev/null
    [ ! -d "$root" ] || remains=yes
  done
  [ -n "$remains" ] || break
  sleep 0.1
  left=$((left - 1))
done
rm -rf -- "$directory"
