#!/bin/sh
# Publishes the genesis that genesis-ceremony made and `genesis patch` completed, by one rename, and reports what is
# published in the container's termination message:
#   genesis SHA256
#   INDEX NODE_ID        for each node
#
# usage: genesis-publish
# environment: GENESIS_DIR, the volume; TERMINATION_LOG, where the message goes (default /dev/termination-log)
# exit status 65: refused; another run would be refused as well
set -eu
umask 077
trap 'exit 143' TERM

work="$GENESIS_DIR/.work"
final="$GENESIS_DIR/genesis"

refuse() {
  printf '%s\n' "$1" >&2
  exit 65
}

publish() {
  export HOME="$work/user"
  seid validate-genesis "$work/genesis.json" --home "$work/collected" </dev/null || {
    status=$?
    [ "$status" -ne 1 ] || refuse "seid finds the genesis file invalid: correct spec.genesis of a new pool"
    exit "$status"
  }
  read -r _ <"$work/genesis.sha256"
  genesis="$(cat "$work/genesis.json")"
  while read -r i _; do
    # {"@type":"...","key":"KEY"}
    key="$(seid tendermint show-validator --home "$work/node$i" </dev/null)"
    key="${key##*\"key\":\"}"
    key="${key%%\"*}"
    # Two ceremonies at once, as after the loss of a machine that runs on, could have mixed their files.
    if [ -z "$key" ] || [ "${genesis#*"\"$key\""}" = "$genesis" ]; then
      printf 'the key of validator %s is not in the genesis file: the ceremony has to run again\n' "$i" >&2
      exit 1
    fi
    cp "$work/genesis.json" "$work/node$i/config/genesis.json"
  done <"$work/nodes.txt"
  rm -rf "$work/gentx" "$work/collected" "${work:?}/user" "$work/log"
  : >"$work/.complete"
  # Of this file system alone where sync can: another one of the machine may hang.
  sync -f "$work" 2>/dev/null || sync
  mv "$work" "$final"
}

[ -e "$final/.complete" ] || publish

{
  read -r hash <"$final/genesis.sha256"
  printf 'genesis %s\n' "$hash"
  while read -r i id _; do
    printf '%s %s\n' "$i" "$id"
  done <"$final/nodes.txt"
} >"${TERMINATION_LOG:-/dev/termination-log}"
