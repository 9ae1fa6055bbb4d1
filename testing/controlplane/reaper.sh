#!/bin/sh
# Outlives the process that started it just long enough to kill what that process left behind: it reads "+ PGID" and
# "- PGID" lines from a pipe whose other end only that process holds; end of file means that it is gone, however it went.
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
  esac
done
for group in $groups; do
  kill -KILL "-$group" 2>/dev/null
done
if [ -n "$1" ]; then
  rm -rf -- "$1"
fi
