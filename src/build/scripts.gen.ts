/** Generated from scripts/*.sh by hack/embed-scripts.ts. */

export const GENESIS_CEREMONY = `set -eu
umask 077
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
  printf '%s\\n' "$1" >&2
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
for entry in "$GENESIS_DIR"/*; do
  case "$entry" in
    "$GENESIS_DIR/*" | "$GENESIS_DIR/lost+found") ;;
    *) refuse "the genesis volume holds \${entry##*/}, which no ceremony of this operator made: it is left alone" ;;
  esac
done
rm -rf "$work"
export HOME="$work/user"
mkdir -p "$HOME" "$work/gentx"
collected="$work/collected"
complain() {
  while IFS= read -r line && [ "$line" != Usage: ]; do
    printf '%s\\n' "$line" >&2
  done <"$work/log"
  printf 'seid %s failed with status %s\\n' "$1" "$status" >&2
}
quietly() {
  seid "$@" >"$work/log" 2>&1 </dev/null || {
    status=$?
    complain "$1"
    return "$status"
  }
}
add_account() {
  quietly add-genesis-account "$1" "$2" --keyring-backend file --home "$collected"
}
quietly init new --chain-id new-network --home "$collected"
genesis="$collected/config/genesis.json"
while IFS= read -r line || [ -n "$line" ]; do
  case "$line" in
    *'"chain_id"'*'"new-network"'*) line="\${line%%new-network*}$chain\${line#*new-network}" ;;
  esac
  printf '%s\\n' "$line"
done <"$genesis" >"$work/genesis.part"
mv -f "$work/genesis.part" "$genesis"
for account in "$@"; do
  add_account "\${account%%=*}" "\${account#*=}" || {
    status=$?
    [ "$status" -ne 1 ] || status=65
    printf 'account %s of spec.genesis.accounts was not added: is it a valid address with a valid balance, and there once?\\n' "\${account%%=*}" >&2
    exit "$status"
  }
done
i=0
while [ "$i" -lt "$count" ]; do
  home="$work/node$i"
  quietly init "node$i" --chain-id "$chain" --home "$home"
  seid keys add "$ACCOUNT" --keyring-backend test --home "$home" --output json >"$home/config/admin_key.json" 2>"$work/log" </dev/null || {
    status=$?
    complain keys
    exit "$status"
  }
  address="$(seid keys show "$ACCOUNT" -a --keyring-backend test --home "$home" </dev/null)"
  id="$(seid tendermint show-node-id --home "$home" </dev/null)"
  add_account "$address" "$BALANCE"
  printf '%s %s %s\\n' "$i" "$id" "$address" >>"$work/nodes.txt"
  i=$((i + 1))
done
i=0
while [ "$i" -lt "$count" ]; do
  home="$work/node$i"
  cp "$collected/config/genesis.json" "$home/config/genesis.json"
  quietly gentx "$ACCOUNT" "$STAKE" --chain-id "$chain" --moniker "node$i" --keyring-backend test --home "$home" \\
    --ip 192.0.2.1 --output-document "$work/gentx/gentx-$i.json"
  i=$((i + 1))
done
quietly collect-gentxs --gentx-dir "$work/gentx" --home "$collected"
printf '%s\\n' "$chain" >"$work/chain-id"
cp "$collected/config/genesis.json" "$work/genesis.json"
printf 'genesis of chain %s with %s validators made\\n' "$chain" "$count"
`

export const GENESIS_PUBLISH = `set -eu
umask 077
trap 'exit 143' TERM
work="$GENESIS_DIR/.work"
final="$GENESIS_DIR/genesis"
refuse() {
  printf '%s\\n' "$1" >&2
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
    key="$(seid tendermint show-validator --home "$work/node$i" </dev/null)"
    key="\${key##*\\"key\\":\\"}"
    key="\${key%%\\"*}"
    if [ -z "$key" ] || [ "\${genesis#*"\\"$key\\""}" = "$genesis" ]; then
      printf 'the key of validator %s is not in the genesis file: the ceremony has to run again\\n' "$i" >&2
      exit 1
    fi
    cp "$work/genesis.json" "$work/node$i/config/genesis.json"
  done <"$work/nodes.txt"
  rm -rf "$work/gentx" "$work/collected" "\${work:?}/user" "$work/log"
  : >"$work/.complete"
  sync -f "$work" 2>/dev/null || sync
  mv "$work" "$final"
}
[ -e "$final/.complete" ] || publish
{
  read -r hash <"$final/genesis.sha256"
  printf 'genesis %s\\n' "$hash"
  while read -r i id _; do
    printf '%s %s\\n' "$i" "$id"
  done <"$final/nodes.txt"
} >"\${TERMINATION_LOG:-/dev/termination-log}"
`

export const HALT_GUARD = `set -eu
mode=$1
home=$2
report="\${TERMINATION_LOG:-/dev/termination-log}"
trap 'exit 143' TERM
status=0
said="$(seid tendermint reindex-event --home "$home" --start-height 9223372036854775807 2>&1 </dev/null)" || status=$?
rest="\${said#*store height: }"
height="\${rest%%[!0-9]*}"
case "$said" in
  *'store height: '[0-9]*) ;;
  *'no blockstore found'*) height=0 ;;
  *'unknown command "'* | *'unknown flag: '*) height=unknown ;;
  *) if [ "$status" = 127 ]; then height=unknown; else height=unreadable; fi ;;
esac
tell() {
  printf '%s\\n' "$1" >"$report" || exit 1
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
  printf '%s\\n' "$said"
  reason="\${said#*Error: }"
  reason="\${reason%%
*}"
  tell "seid is not started: the height of its volume cannot be read and may be at spec.haltHeight. To start seid all the same, remove spec.haltHeight. seid tendermint reindex-event ended with exit code $status: $(printf '%.400s' "$reason")"
  exit 1
fi
if [ "$height" != unknown ] && ! [ "$height" -lt "$limit" ]; then
  tell "halted $height"
  printf 'seid is not started: the last block on the volume is %s, and spec.haltHeight is %s\\n' "$height" "$limit"
  exit 0
fi
exec "$@"
`

export const PREP_VOLUME = `set -eu
umask 077
trap 'exit 143' TERM
published="$GENESIS_DIR/genesis"
from="$published/node$1"
state=data/priv_validator_state.json
temporary="$SEI_HOME/.prep-part"
refuse() {
  printf '%s\\n' "$1" >&2
  exit 65
}
is_own() {
  [ -s "$SEI_HOME/$1" ] && [ "$(cat "$SEI_HOME/$1")" = "$(cat "$from/$1")" ]
}
provide() {
  [ ! -s "$SEI_HOME/$1" ] || return 0
  cp "$from/$1" "$temporary"
  mv -f "$temporary" "$SEI_HOME/$1"
}
if [ ! -e "$published/.complete" ]; then
  printf 'the genesis volume holds no published genesis\\n' >&2
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
  [ ! -f "$file" ] || [ "$file" = "$from/config/genesis.json" ] || provide "\${file#"$from"/}"
done
provide config/genesis.json
cp "$published/genesis.sha256" "$temporary"
sync -f "$SEI_HOME" 2>/dev/null || sync
mv -f "$temporary" "$SEI_HOME/.prep-done"
`

export const SEID_INIT = `set -eu
rm -rf "$SEI_HOME/tmp"
mkdir -p "$SEI_HOME/tmp"
if [ -s "$SEI_HOME/config/genesis.json" ]; then
  exit 0
fi
if [ "$3" = fail ]; then
  echo "no config/genesis.json on the data volume: spec.genesis.pvc must name a claim whose volume was prepared" >&2
  exit 1
fi
exec seid init "$2" --chain-id "$1" --home "$SEI_HOME" --overwrite
`

export const VALIDATOR_INIT = `set -eu
umask 077
trap 'exit 143' TERM
signing_secret=$4
node_secret=$5
key=config/priv_validator_key.json
node_key=config/node_key.json
state=data/priv_validator_state.json
scratch="$SEI_HOME/tmp/keys"
report="\${TERMINATION_LOG:-/dev/termination-log}"
line_end='
'
refuse() {
  printf '%s\\n' "$1" >&2
  printf '%s\\n' "$1" >"$report"
  exit "\${2:-65}"
}
refuse_state() {
  refuse "$1" 66
}
zero_state() {
  printf '{"height":"0","round":0,"step":0}'
}
identity() {
  rm -rf "$scratch"
  mkdir -p "$scratch/config" "$scratch/data"
  cat "$2" >"$scratch/config/$3"
  zero_state >"$scratch/data/priv_validator_state.json"
  said="$(seid tendermint "$1" --home "$scratch" 2>/dev/null </dev/null)" || said=''
  rm -rf "$scratch"
  printf %s "\${said##*"$line_end"}"
}
number_in() {
  text="$(cat "$1")"
  rest="\${text#*\\""$2"\\"}"
  [ "$rest" != "$text" ] || return 1
  rest="\${rest#*:}"
  while :; do
    case "$rest" in
      [0-9]*) break ;;
      [[:space:]\\"]*) rest="\${rest#?}" ;;
      *) return 1 ;;
    esac
  done
  printf %s "\${rest%%[!0-9]*}"
}
volume_height() {
  number_in "$SEI_HOME/$state" height
}
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
check_secret() {
  [ -s "$2/$3" ] || refuse "Secret $1 does not exist, or has no key $3"
  given="$(identity "$4" "$2/$3" "$3")"
  [ -n "$given" ] || refuse "$3 in Secret $1 is not a key that seid can read"
  [ -s "$SEI_HOME/config/$3" ] || return 0
  found="$(identity "$4" "$SEI_HOME/config/$3" "$3")"
  [ "$found" = "$given" ] || refuse "the data volume has another $3 (\${found:-not readable}) than Secret $1 ($given), and a key on a volume is never replaced"
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
    provide_zero_state
  fi
}
rm -rf "$SEI_HOME/tmp"
mkdir -p "$SEI_HOME/tmp"
if [ ! -s "$SEI_HOME/config/genesis.json" ] && [ "$3" = fail ]; then
  echo "no config/genesis.json on the data volume: spec.genesis.pvc must name a claim whose volume was prepared" >&2
  exit 1
fi
[ -z "$signing_secret" ] || check_secret "$signing_secret" "$SIGNING_KEY_DIR" priv_validator_key.json show-address
[ -z "$node_secret" ] || check_secret "$node_secret" "$NODE_KEY_DIR" node_key.json show-node-id
if [ -n "$signing_secret" ]; then
  provide_supplied_state
  [ -s "$SEI_HOME/$key" ] || provide "$SIGNING_KEY_DIR/priv_validator_key.json" "$key"
fi
if [ -n "$node_secret" ] && [ ! -s "$SEI_HOME/$node_key" ]; then
  provide "$NODE_KEY_DIR/node_key.json" "$node_key"
fi
if [ ! -s "$SEI_HOME/$key" ]; then
  [ "$3" != fail ] || refuse "no $key on the data volume, which should have come with its keys"
  if [ -s "$SEI_HOME/$state" ]; then
    signed="$(volume_height)" || refuse_state "$unreadable"
    [ "$signed" -eq 0 ] || refuse "no $key on the data volume, where $state says that a key signed up to height $signed"
  fi
fi
if [ ! -s "$SEI_HOME/config/genesis.json" ]; then
  seid init "$2" --chain-id "$1" --home "$SEI_HOME" --overwrite
fi
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
printf 'address %s\\nstate %s\\n' "$address" "$height" >"$report"
`
