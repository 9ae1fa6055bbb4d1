#!/bin/sh
# Makes a validator's home of its volume, puts the keys of Secrets in place, and reports in the container's termination
# message which consensus key seid would sign with and how far that key's record of signatures is:
#   address ADDRESS
#   state HEIGHT|none
# Runs before every start of the pod. A key that is on the volume is never replaced, and a signing state never by an
# earlier one. Keys go from file to file only, never to a log.
#
# usage: validator-init CHAIN_ID MONIKER init|fail SIGNING_SECRET NODE_SECRET
#   init  an empty volume is initialised
#   fail  an empty volume is an error: it should have come with its genesis file and keys
#   SIGNING_SECRET, NODE_SECRET  the Secrets of the keys, for messages; empty where the volume has its own
# environment: SEI_HOME, the volume; SIGNING_KEY_DIR, NODE_KEY_DIR, where the Secrets are mounted; TERMINATION_LOG, where
#   the message goes (default /dev/termination-log)
# exit status 65: a key is missing, or not the one that it has to be; 66: a signing state cannot be read
set -eu
umask 077
trap 'exit 143' TERM

signing_secret=$4
node_secret=$5
key=config/priv_validator_key.json
node_key=config/node_key.json
state=data/priv_validator_state.json
scratch="$SEI_HOME/tmp/keys"
report="${TERMINATION_LOG:-/dev/termination-log}"
line_end='
'

refuse() {
  printf '%s\n' "$1" >&2
  printf '%s\n' "$1" >"$report"
  exit "${2:-65}"
}

# What a person has to do is another thing than for a key: an older state signs twice.
refuse_state() {
  refuse "$1" 66
}

zero_state() {
  printf '{"height":"0","round":0,"step":0}'
}

# What seid says of a key file, asked in a home of its own; nothing where seid cannot read the key.
#   identity show-address|show-node-id FILE NAME
identity() {
  rm -rf "$scratch"
  mkdir -p "$scratch/config" "$scratch/data"
  cat "$2" >"$scratch/config/$3"
  zero_state >"$scratch/data/priv_validator_state.json"
  said="$(seid tendermint "$1" --home "$scratch" 2>/dev/null </dev/null)" || said=''
  rm -rf "$scratch"
  printf %s "${said##*"$line_end"}"
}

# A number in a signing state; fails where there is none.
#   number_in FILE NAME
number_in() {
  text="$(cat "$1")"
  rest="${text#*\""$2"\"}"
  [ "$rest" != "$text" ] || return 1
  rest="${rest#*:}"
  while :; do
    case "$rest" in
      [0-9]*) break ;;
      [[:space:]\"]*) rest="${rest#?}" ;;
      *) return 1 ;;
    esac
  done
  printf %s "${rest%%[!0-9]*}"
}

# The height of the state on the volume, which is there.
volume_height() {
  number_in "$SEI_HOME/$state" height
}

# Whether the first state is later than the second: by height, then round, then step. Both have a height.
is_later() {
  for part in height round step; do
    this="$(number_in "$1" "$part")" || this=0
    that="$(number_in "$2" "$part")" || that=0
    [ "$this" -le "$that" ] || return 0
    [ "$this" -eq "$that" ] || return 1
  done
  return 1
}

unreadable="$state on the data volume has no height: what the validator signed is not known"

# Whole or not at all. An empty file is what a machine leaves that lost power.
provide() {
  mkdir -p "$SEI_HOME/config" "$SEI_HOME/data"
  cat "$1" >"$SEI_HOME/tmp/part"
  mv -f "$SEI_HOME/tmp/part" "$SEI_HOME/$2"
}

provide_zero_state() {
  mkdir -p "$SEI_HOME/data"
  zero_state >"$SEI_HOME/tmp/part"
  mv -f "$SEI_HOME/tmp/part" "$SEI_HOME/$state"
}

# Refuses a Secret that cannot be used on this volume.
#   check_secret SECRET DIR FILE COMMAND
check_secret() {
  [ -s "$2/$3" ] || refuse "Secret $1 does not exist, or has no key $3"
  given="$(identity "$4" "$2/$3" "$3")"
  [ -n "$given" ] || refuse "$3 in Secret $1 is not a key that seid can read"
  [ -s "$SEI_HOME/config/$3" ] || return 0
  found="$(identity "$4" "$SEI_HOME/config/$3" "$3")"
  [ "$found" = "$given" ] || refuse "the data volume has another $3 (${found:-not readable}) than Secret $1 ($given), and a key on a volume is never replaced"
}

provide_supplied_state() {
  supplied="$SIGNING_KEY_DIR/priv_validator_state.json"
  if [ -s "$supplied" ]; then
    number_in "$supplied" height >/dev/null || refuse_state "priv_validator_state.json in Secret $signing_secret has no height"
    if [ -s "$SEI_HOME/$state" ]; then
      volume_height >/dev/null || refuse_state "$unreadable"
      is_later "$supplied" "$SEI_HOME/$state" || return 0
    fi
    provide "$supplied" "$state"
  elif [ ! -s "$SEI_HOME/$state" ] && [ ! -s "$SEI_HOME/$key" ]; then
    # seid starts with no key that has no state. Whether it may is decided by whoever reads the report.
    provide_zero_state
  fi
}

# What an interrupted transfer left behind would fill the volume.
rm -rf "$SEI_HOME/tmp"
mkdir -p "$SEI_HOME/tmp"

if [ ! -s "$SEI_HOME/config/genesis.json" ] && [ "$3" = fail ]; then
  echo "no config/genesis.json on the data volume: spec.genesis.pvc must name a claim whose volume was prepared" >&2
  exit 1
fi

[ -z "$signing_secret" ] || check_secret "$signing_secret" "$SIGNING_KEY_DIR" priv_validator_key.json show-address
[ -z "$node_secret" ] || check_secret "$node_secret" "$NODE_KEY_DIR" node_key.json show-node-id

if [ -n "$signing_secret" ]; then
  # Before the key: a key is never on the volume without the state that came with it.
  provide_supplied_state
  [ -s "$SEI_HOME/$key" ] || provide "$SIGNING_KEY_DIR/priv_validator_key.json" "$key"
fi
if [ -n "$node_secret" ] && [ ! -s "$SEI_HOME/$node_key" ]; then
  provide "$NODE_KEY_DIR/node_key.json" "$node_key"
fi

# A new key would take the place of the one that the home belongs to, which is lost.
if [ ! -s "$SEI_HOME/$key" ]; then
  [ "$3" != fail ] || refuse "no $key on the data volume, which should have come with its keys"
  if [ -s "$SEI_HOME/$state" ]; then
    signed="$(volume_height)" || refuse_state "$unreadable"
    [ "$signed" -eq 0 ] || refuse "no $key on the data volume, where $state says that a key signed up to height $signed"
  fi
fi

# --overwrite goes on after an interrupted run. It keeps node_key.json and priv_validator_key.json.
if [ ! -s "$SEI_HOME/config/genesis.json" ]; then
  seid init "$2" --chain-id "$1" --home "$SEI_HOME" --overwrite
fi

# seid would make a new key as it starts, which nobody would know of.
if [ ! -s "$SEI_HOME/$key" ]; then
  seid init "$2" --chain-id "$1" --home "$scratch" >/dev/null 2>&1 </dev/null
  [ -s "$SEI_HOME/$state" ] || provide_zero_state
  provide "$scratch/$key" "$key"
  rm -rf "$scratch"
fi

address="$(identity show-address "$SEI_HOME/$key" priv_validator_key.json)"
[ -n "$address" ] || refuse "$key on the data volume is not a key that seid can read"
height=none
if [ -s "$SEI_HOME/$state" ]; then
  height="$(volume_height)" || refuse_state "$unreadable"
fi
printf 'address %s\nstate %s\n' "$address" "$height" >"$report"
