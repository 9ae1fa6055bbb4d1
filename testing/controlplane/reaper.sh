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
# A killed process may still be in the middle of making a file, and a directory that is not empty is not removed.
attempts=100
while [ -n "$1" ] && [ "$attempts" -gt 0 ] && ! rm -rf -- "$1" 2>/dev/null; do
  attempts=$((attempts - 1))
  sleep 0.1
done
