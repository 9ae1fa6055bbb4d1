#!/bin/sh
# Gives a node's data volume the files of its validator. A file that is there is never replaced, the signing state least
# of all: a validator that forgets what it signed signs twice. The mark .prep-done comes last.
#
# usage: prep-volume INDEX
# environment: GENESIS_DIR, the genesis volume; SEI_HOME, the data volume
# exit status 65: refused; another run would be refused as well
set -eu
umask 077
trap 'exit 143' TERM

published="$GENESIS_DIR/genesis"
from="$published/node$1"
state=data/priv_validator_state.json
temporary="$SEI_HOME/.prep-part"

refuse() {
  printf '%s\n' "$1" >&2
  exit 65
}

# Whether the volume's file is that of the ceremony.
is_own() {
  [ -s "$SEI_HOME/$1" ] && [ "$(cat "$SEI_HOME/$1")" = "$(cat "$from/$1")" ]
}

# Whole or not at all. An empty file is what a machine leaves that lost power.
provide() {
  [ ! -s "$SEI_HOME/$1" ] || return 0
  cp "$from/$1" "$temporary"
  mv -f "$temporary" "$SEI_HOME/$1"
}

if [ ! -e "$published/.complete" ]; then
  printf 'the genesis volume holds no published genesis\n' >&2
  exit 1
fi
[ -d "$from" ] || refuse "the published genesis has no node $1: it was made for fewer nodes"

if [ -s "$SEI_HOME/config/genesis.json" ] || [ -e "$SEI_HOME/.prep-done" ]; then
  is_own config/genesis.json || refuse "the data volume holds another genesis than the pool's, or lost its own: it belongs to another network, and is left as it is"
fi
if [ -s "$SEI_HOME/config/priv_validator_key.json" ]; then
  is_own config/priv_validator_key.json || refuse "the data volume holds the key of another validator than node $1"
fi
[ ! -e "$SEI_HOME/.prep-done" ] || exit 0

if [ ! -s "$SEI_HOME/$state" ]; then
  for file in "$SEI_HOME"/data/*; do
    if [ -e "$file" ] && [ "$file" != "$SEI_HOME/$state" ]; then
      refuse "the data volume holds a chain's data but no $state: what the validator signed is not known"
    fi
  done
fi

mkdir -p "$SEI_HOME/config" "$SEI_HOME/data" "$SEI_HOME/keyring-test"
for file in "$from"/config/* "$from"/keyring-test/* "$from/$state"; do
  [ ! -f "$file" ] || [ "$file" = "$from/config/genesis.json" ] || provide "${file#"$from"/}"
done
# Last, since a pod that waits for it starts with what is there then.
provide config/genesis.json
cp "$published/genesis.sha256" "$temporary"
sync -f "$SEI_HOME" 2>/dev/null || sync
mv -f "$temporary" "$SEI_HOME/.prep-done"
