#!/bin/sh
# Keeps seid from starting where the chain on the volume is at a height already, or says how high it is.
#
# usage: halt-guard report HOME
#        halt-guard run HOME HEIGHT COMMAND [ARGUMENT]...
#   report  writes `height N` to the termination message: the last block on the volume, 0 without one; `height unknown` where
#           seid has no command that tells it, and `height unreadable` where that command fails, each with what seid said
#   run     runs COMMAND in its own place where the last block is below HEIGHT, or seid has no command that tells it. At HEIGHT
#           and above it writes `halted N` to the termination message and ends. Where the height cannot be read, it says why
#           there and fails: whoever started it tries again
# environment: TERMINATION_LOG, where the message goes (default /dev/termination-log)
set -eu

mode=$1
home=$2
report="${TERMINATION_LOG:-/dev/termination-log}"

# The first process of a container ignores SIGTERM otherwise, and would start seid in a pod that is going.
trap 'exit 143' TERM

# No chain is as high: seid names the height of its store, and does nothing else.
status=0
said="$(seid tendermint reindex-event --home "$home" --start-height 9223372036854775807 2>&1 </dev/null)" || status=$?
rest="${said#*store height: }"
height="${rest%%[!0-9]*}"
case "$said" in
  *'store height: '[0-9]*) ;;
  *'no blockstore found'*) height=0 ;;
  *'unknown command "'* | *'unknown flag: '*) height=unknown ;;
  # 127: there is no program of that name.
  *) if [ "$status" = 127 ]; then height=unknown; else height=unreadable; fi ;;
esac

# Exit code 2 is that of a seid that panics, and of a shell that cannot write.
tell() {
  printf '%s\n' "$1" >"$report" || exit 1
}

if [ "$mode" = report ]; then
  case "$height" in
    *[!0-9]*) tell "height $height
$(printf '%.400s' "$said")" ;;
    *) tell "height $height" ;;
  esac
  exit 0
fi

limit=$3
shift 3
if [ "$height" = unreadable ]; then
  printf '%s\n' "$said"
  reason="${said#*Error: }"
  # Without the usage that follows.
  reason="${reason%%
*}"
  tell "seid is not started: the height of its volume cannot be read and may be at spec.haltHeight. To start seid all the same, remove spec.haltHeight. seid tendermint reindex-event ended with exit code $status: $(printf '%.400s' "$reason")"
  exit 1
fi
if [ "$height" != unknown ] && ! [ "$height" -lt "$limit" ]; then
  tell "halted $height"
  printf 'seid is not started: the last block on the volume is %s, and spec.haltHeight is %s\n' "$height" "$limit"
  exit 0
fi
exec "$@"
