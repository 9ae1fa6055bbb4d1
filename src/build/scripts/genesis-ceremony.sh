#!/bin/sh
# Makes the genesis of a new network: for each validator a home with its keys, its account and its first transaction, and
# the genesis file that collects them. Nothing of it counts before genesis-publish has published it, so each run starts
# anew; a published genesis is never made again.
#
# usage: genesis-ceremony CHAIN_ID COUNT [ADDRESS=BALANCE]...
#   ADDRESS=BALANCE  an account besides those of the validators
# environment: GENESIS_DIR, the volume
# exit status 65: refused; another run would be refused as well
set -eu
umask 077
# The first process of a container dies of no signal by itself.
trap 'exit 143' TERM

ACCOUNT=node_admin
BALANCE=1000000000000000000usei
STAKE=10000000usei

chain=$1
count=$2
shift 2
work="$GENESIS_DIR/.work"
final="$GENESIS_DIR/genesis"

refuse() {
  printf '%s\n' "$1" >&2
  exit 65
}

if [ -e "$final" ]; then
  [ -e "$final/.complete" ] || refuse "the genesis volume holds a directory genesis without the mark .complete: it was not published by a ceremony, and is left alone"
  read -r found_chain <"$final/chain-id"
  found_count=0
  while read -r _; do found_count=$((found_count + 1)); done <"$final/nodes.txt"
  if [ "$found_chain" != "$chain" ] || [ "$found_count" -ne "$count" ]; then
    refuse "the genesis volume holds the genesis of chain $found_chain with $found_count nodes, wanted is chain $chain with $count: a ceremony happens once, and the volume is left as it is; create the pool under another name"
  fi
  exit 0
fi

# An earlier operator's ceremony, say: its validators may be running.
for entry in "$GENESIS_DIR"/*; do
  case "$entry" in
    "$GENESIS_DIR/*" | "$GENESIS_DIR/lost+found") ;;
    *) refuse "the genesis volume holds ${entry##*/}, which no ceremony of this operator made: it is left alone" ;;
  esac
done

rm -rf "$work"
# Without --home and a HOME that it may write to, seid does not even start.
export HOME="$work/user"
mkdir -p "$HOME" "$work/gentx"
collected="$work/collected"

# What seid said before it explained its flags.
complain() {
  while IFS= read -r line && [ "$line" != Usage: ]; do
    printf '%s\n' "$line" >&2
  done <"$work/log"
  printf 'seid %s failed with status %s\n' "$1" "$status" >&2
}

# Runs seid; what it says matters only when it fails, and would be the whole genesis file each time.
quietly() {
  seid "$@" >"$work/log" 2>&1 </dev/null || {
    status=$?
    complain "$1"
    return "$status"
  }
}

# With the backend "test", seid asks for the private key of each address; "file" is never opened.
add_account() {
  quietly add-genesis-account "$1" "$2" --keyring-backend file --home "$collected"
}

# For the chain id of a network that it knows, seid writes the genesis of that network; this one is new, whatever its id.
quietly init new --chain-id new-network --home "$collected"
genesis="$collected/config/genesis.json"
# The last line has no end.
while IFS= read -r line || [ -n "$line" ]; do
  case "$line" in
    *'"chain_id"'*'"new-network"'*) line="${line%%new-network*}$chain${line#*new-network}" ;;
  esac
  printf '%s\n' "$line"
done <"$genesis" >"$work/genesis.part"
mv -f "$work/genesis.part" "$genesis"

for account in "$@"; do
  add_account "${account%%=*}" "${account#*=}" || {
    status=$?
    [ "$status" -ne 1 ] || status=65
    printf 'account %s of spec.genesis.accounts was not added: is it a valid address with a valid balance, and there once?\n' "${account%%=*}" >&2
    exit "$status"
  }
done

i=0
while [ "$i" -lt "$count" ]; do
  home="$work/node$i"
  quietly init "node$i" --chain-id "$chain" --home "$home"
  # It holds the words that the key can be made from again.
  seid keys add "$ACCOUNT" --keyring-backend test --home "$home" --output json >"$home/config/admin_key.json" 2>"$work/log" </dev/null || {
    status=$?
    complain keys
    exit "$status"
  }
  address="$(seid keys show "$ACCOUNT" -a --keyring-backend test --home "$home" </dev/null)"
  id="$(seid tendermint show-node-id --home "$home" </dev/null)"
  add_account "$address" "$BALANCE"
  printf '%s %s %s\n' "$i" "$id" "$address" >>"$work/nodes.txt"
  i=$((i + 1))
done

i=0
while [ "$i" -lt "$count" ]; do
  home="$work/node$i"
  cp "$collected/config/genesis.json" "$home/config/genesis.json"
  # Without an address, seid looks for an IPv4 address of the pod and gives up where there is none. Nobody reads it here.
  quietly gentx "$ACCOUNT" "$STAKE" --chain-id "$chain" --moniker "node$i" --keyring-backend test --home "$home" \
    --ip 192.0.2.1 --output-document "$work/gentx/gentx-$i.json"
  i=$((i + 1))
done

quietly collect-gentxs --gentx-dir "$work/gentx" --home "$collected"
printf '%s\n' "$chain" >"$work/chain-id"
cp "$collected/config/genesis.json" "$work/genesis.json"
printf 'genesis of chain %s with %s validators made\n' "$chain" "$count"
