#!/bin/sh
# Plays the part of seid that a genesis ceremony needs: the same commands, flags, files and refusals, in a few milliseconds.
# Beside it lie the config.toml and the app.toml that it writes.
set -eu

fail() {
  printf 'Error: %s\nUsage:\n  seid [command]\n' "$1" >&2
  exit 1
}

if [ -z "${HOME+set}" ]; then
  # shellcheck disable=SC2016
  echo 'panic: $HOME is not defined' >&2
  exit 2
fi

home="$HOME/.sei" backend=os chain='' moniker='' document='' directory='' overwrite='' address_only='' words=0
word1='' word2='' word3=''
while [ "$#" -gt 0 ]; do
  case "$1" in
    --home) home="$2" ;;
    --keyring-backend) backend="$2" ;;
    --chain-id) chain="$2" ;;
    --moniker) moniker="$2" ;;
    --ip) ;;
    --output-document) document="$2" ;;
    --gentx-dir) directory="$2" ;;
    --output) [ "$2" = json ] || fail "unknown output format $2" ;;
    --overwrite | -a)
      [ "$1" = -a ] && address_only=yes || overwrite=yes
      shift
      continue
      ;;
    -*) fail "unknown flag: $1" ;;
    *)
      words=$((words + 1))
      eval "word$words=\$1"
      shift
      continue
      ;;
  esac
  shift 2
done

KNOWN_NETWORK=2024-01-25T20:18:30Z
config="$home/config"
genesis="$config/genesis.json"
here="${0%/*}"

configure() {
  mkdir -p "$config" "$home/data" || fail "couldn't make client config: mkdir $home: permission denied"
  for file in config.toml app.toml; do
    [ -e "$config/$file" ] || cp "$here/$file" "$config/$file"
  done
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

# A node key: 64 bytes of which the last 32 are public, and the id that follows from them.
make_node_key() (
  umask 077
  head -c 64 /dev/urandom >"$home/key"
  hash="$(tail -c 32 "$home/key" | sha256)"
  value="$(base64 <"$home/key" | tr -d '\n')"
  id="$(printf %.40s "$hash")"
  printf '{"id":"%s","priv_key":{"type":"tendermint/PrivKeyEd25519","value":"%s"}}' "$id" "$value" >"$config/node_key.json"
  rm "$home/key"
)

make_validator_key() (
  umask 077
  head -c 64 /dev/urandom >"$home/key"
  value="$(base64 <"$home/key" | tr -d '\n')"
  public="$(tail -c 32 "$home/key" | base64 | tr -d '\n')"
  hash="$(tail -c 32 "$home/key" | sha256)"
  printf '{"address":"%.40s","pub_key":{"type":"tendermint/PubKeyEd25519","value":"%s"},"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"%s"}}' \
    "$hash" "$public" "$value" >"$config/priv_validator_key.json"
  rm "$home/key"
  [ -e "$home/data/priv_validator_state.json" ] || printf '{"height":"0","round":0,"step":0}' >"$home/data/priv_validator_state.json"
)

# It reads no key without the state that belongs to it.
check_validator_key() {
  for file in "$config/priv_validator_key.json" "$home/data/priv_validator_state.json"; do
    [ -e "$file" ] || fail "open $file: no such file or directory"
  done
  grep -q '"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"[^"]' "$config/priv_validator_key.json" ||
    fail "error reading PrivValidator key from $config/priv_validator_key.json: invalid character"
}

# The part of a JSON file of one line between two texts.
between() {
  text="$(cat "$1")"
  text="${text#*"$2"}"
  printf %s "${text%%"$3"*}"
}

validator_key() {
  between "$config/priv_validator_key.json" 'PubKeyEd25519","value":"' '"'
}

address_of() {
  [ -e "$home/keyring-$backend/$1.info" ] || fail "$1.info: key not found"
  cat "$home/keyring-$backend/$1.info"
}

# Puts an item before the others of the list of that name, which stands in one line.
put() {
  sed -e "s|\"$1\": \[\]|\"$1\": [$2]|" -e t -e "s|\"$1\": \[{|\"$1\": [$2,{|" "$genesis" >"$genesis.new"
  mv "$genesis.new" "$genesis"
}

case "$word1 $word2" in
  'version ') echo v6.4.0 ;;
  init\ *)
    [ ! -e "$config/config.toml" ] || [ -n "$overwrite" ] || fail "configuration files already exist in $config"
    configure
    [ -e "$config/node_key.json" ] || make_node_key
    if [ -e "$config/priv_validator_key.json" ]; then check_validator_key; else make_validator_key; fi
    time=2026-01-01T00:00:00Z
    # Networks that exist: it writes their own genesis, of a release with other parameters.
    case "$chain" in arctic-1 | atlantic-2 | pacific-1) time=$KNOWN_NETWORK ;; esac
    cat >"$genesis" <<JSON
{
  "genesis_time": "$time",
  "chain_id": "$chain",
  "initial_height": "1",
  "consensus_params": {
    "block": { "max_bytes": "22020096", "max_gas": "100000000" },
    "timeout": { "commit": "50000000", "bypass_commit_timeout": false },
    "abci": { "vote_extensions_enable_height": 0 }
  },
  "app_hash": "",
  "app_state": {
    "auth": { "accounts": [] },
    "bank": { "balances": [], "supply": [] },
    "gov": { "deposit_params": { "min_deposit": [{ "denom": "usei", "amount": "10000000" }] }, "voting_params": { "voting_period": "172800s" } },
    "staking": { "params": { "bond_denom": "usei", "max_validators": 35 } },
    "genutil": {
      "gen_txs": []
    }
  }
}
JSON
    # As the real one, it ends the file without a line end, and shows all of it.
    printf %s "$(cat "$genesis")" >"$genesis.new"
    mv "$genesis.new" "$genesis"
    cat "$genesis" >&2
    ;;
  'keys add')
    configure
    mkdir -p "$home/keyring-$backend"
    [ ! -e "$home/keyring-$backend/$word3.info" ] || fail 'EOF'
    umask 077
    hash="$(head -c 32 /dev/urandom | sha256)"
    # Digits of the address alphabet, which has neither 1 nor b.
    address="sei1$(printf %.38s "$hash" | tr 1b zq)"
    printf %s "$address" >"$home/keyring-$backend/$word3.info"
    printf '{"name":"%s","type":"local","address":"%s","mnemonic":"fake words"}\n' "$word3" "$address"
    ;;
  'keys show')
    address="$(address_of "$word3")"
    [ -n "$address_only" ] || fail 'only -a is played here'
    printf '%s\n' "$address"
    ;;
  add-genesis-account\ *)
    [ -e "$genesis" ] || fail "failed to unmarshal genesis state: open $genesis: no such file or directory"
    case "${word2#sei1}" in
      "$word2" | *[!02-9ac-hj-np-z]*) fail "failed to get address from Keybase: $word2.info: key not found" ;;
    esac
    # It asks for the private key of an address that it is to add from this kind of keyring.
    if [ "$backend" = test ]; then
      grep -qsF "$word2" "$home"/keyring-test/*.info || fail 'not found'
    fi
    grep -qF "\"$word2\"" "$genesis" && fail "cannot add account at existing address $word2"
    case "$word3" in
      *[!0-9a-zA-Z/:._,-]* | [!0-9]*) fail "failed to parse coins: invalid decimal coin expression: $word3" ;;
    esac
    put balances "{\"address\":\"$word2\",\"coins\":\"$word3\"}"
    ;;
  gentx\ *)
    address="$(address_of "$word2")"
    grep -qF "\"$address\"" "$genesis" || fail "failed to validate account in genesis: account $address does not exist in genesis"
    grep -qF "$KNOWN_NETWORK" "$genesis" && fail 'failed to validate genesis state: failed to unmarshal params genesis state'
    grep -qF "\"chain_id\": \"$chain\"" "$genesis" || fail "chain id $chain is not that of $genesis"
    key="$(validator_key)"
    printf '{"body":{"messages":[{"@type":"/cosmos.staking.v1beta1.MsgCreateValidator","description":{"moniker":"%s"},"delegator_address":"%s","pubkey":{"@type":"/cosmos.crypto.ed25519.PubKey","key":"%s"},"value":{"denom":"usei","amount":"%s"}}]},"signatures":["fake"]}\n' \
      "$moniker" "$address" "$key" "${word3%usei}" >"$document"
    ;;
  'collect-gentxs ')
    for file in "$directory"/*.json; do
      [ -e "$file" ] || fail "there must be at least one genesis tx in $directory"
      transaction="$(cat "$file")"
      delegator="$(between "$file" '"delegator_address":"' '"')"
      grep -qF "\"$delegator\"" "$genesis" || fail "account $delegator balance not in genesis state"
      put gen_txs "$transaction"
    done
    cat "$genesis" >&2
    ;;
  validate-genesis\ *)
    configure
    grep -qF '"chain_id": "' "$word2" || fail "error validating genesis file $word2: no chain_id"
    grep -qE '"voting_period": "[0-9]+s"' "$word2" || fail "error validating genesis file $word2: voting period must be a positive duration"
    echo "File at $word2 is a valid genesis file"
    ;;
  'tendermint reindex-event')
    configure
    [ -s "$home/data/blockstore.db" ] || fail "event re-index failed: : no blockstore found in $home/data"
    fail "event re-index failed: : height is not available (requested start height: 9223372036854775807, store height: $(cat "$home/data/blockstore.db"))"
    ;;
  'tendermint show-node-id')
    configure
    [ -e "$config/node_key.json" ] || make_node_key
    grep -q '"id":"[^"]' "$config/node_key.json" || fail "error reading $config/node_key.json: invalid character"
    printf '%s\n' "$(between "$config/node_key.json" '"id":"' '"')"
    ;;
  'tendermint show-address')
    configure
    check_validator_key
    address="$(between "$config/priv_validator_key.json" '"address":"' '"')"
    printf 'seivalcons1%s\n' "$(printf %s "$address" | tr '[:upper:]' '[:lower:]' | tr b q | tr 1 z)"
    ;;
  'tendermint show-validator')
    configure
    [ -e "$config/priv_validator_key.json" ] || make_validator_key
    printf '{"@type":"/cosmos.crypto.ed25519.PubKey","key":"%s"}\n' "$(validator_key)"
    ;;
  *) fail "unknown command \"$word1 $word2\" for \"seid\"" ;;
esac
