/** Generated from scripts/*.sh by hack/embed-scripts.ts. */

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
