#!/bin/sh
# Makes a seid home of an empty volume. Runs before every start of the pod, and leaves a home that is there alone.
#
# usage: seid-init CHAIN_ID MONIKER init|fail
#   init  an empty volume is initialised
#   fail  an empty volume is an error: it should have come with its genesis file and keys
# environment: SEI_HOME, the volume
set -eu

# What an interrupted transfer left behind would fill the volume.
rm -rf "$SEI_HOME/tmp"
mkdir -p "$SEI_HOME/tmp"

if [ -s "$SEI_HOME/config/genesis.json" ]; then
  exit 0
fi

if [ "$3" = fail ]; then
  echo "no config/genesis.json on the data volume: spec.genesis.pvc must name a claim whose volume was prepared" >&2
  exit 1
fi

# --overwrite goes on after an interrupted run. It keeps node_key.json and priv_validator_key.json.
exec seid init "$2" --chain-id "$1" --home "$SEI_HOME" --overwrite
