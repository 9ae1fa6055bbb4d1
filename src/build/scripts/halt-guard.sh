#!/bin/sh
# Keeps seid from starting where the chain on the volume is at a height already, or says how high it is.
#
# usage: halt-guard report HOME
#        halt-guard run HOME HEIGHT COMMAND [ARGUMENT]...
#   report  writes `height N` to the termination message: the last block on the volume, 0 without one; `height unknown` and
#           what seid said where it cannot be read
#   run     runs COMMAND in its own place where the last block is below HEIGHT or cannot be read; elsewhere writes
#           `halted N` to the termination message and ends
# environment: TERMINATION_LOG, where the message goes (default /dev/termination-log)
set -eu

mode=$1
home=$2
report="${TERMINATION_LOG:-/dev/termination-log}"

# No chain is as high: seid names the height of its store, and does nothing else.
said="$(seid tendermint reindex-event --home "$home" --start-height 9223372036854775807 2>&1 </dev/null)" || :
rest="${said#*store height: }"
height="${rest%%[!0-9]*}"
case "$said" in
  *'store height: '[0-9]*) ;;
  *'no blockstore found'*) height=0 ;;
  *) height=unknown ;;
esac

if [ "$mode" = report ]; then
  case "$height" in
    unknown) printf 'height unknown\n%.400s\n' "$said" >"$report" ;;
    *) printf 'height %s\n' "$height" >"$report" ;;
  esac
  exit 0
fi

limit=$3
shift 3
if [ "$height" != unknown ] && [ "$height" -ge "$limit" ]; then
  printf 'halted %s\n' "$height" >"$report"
  printf 'seid is not started: the last block on the volume is %s, and spec.haltHeight is %s\n' "$height" "$limit"
  exit 0
fi
exec "$@"
