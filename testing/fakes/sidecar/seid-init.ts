/** What `seid init` leaves on a volume: `seidInit`, with the quoted scalars and missing sections that seictl stumbles over until its first full config-apply. */
import type { Home } from './home.ts'
import { writeNodeKeys } from './node-keys.ts'

/** config.toml as `seid init` writes it, with MONIKER in the name's place. */
export const SEID_CONFIG = `mode = "full"
moniker = "MONIKER"
log-level = "info"
log-format = "plain"
db-backend = "goleveldb"

[rpc]
laddr = "tcp://0.0.0.0:26657"

[p2p]
laddr = "tcp://0.0.0.0:26656"
persistent-peers = ""

[mempool]
duplicate-txs-cache-size = "100000"

[statesync]
backfill-blocks = "0"
fetchers = "2"

[consensus]
gossip-tx-key-only = "true"

[instrumentation]
prometheus = false
`

/** app.toml as `seid init` writes it. */
export const SEID_APP = `minimum-gas-prices = "0.02usei"
concurrency-workers = 20

[iavl]
pruning = "nothing"

[api]
enable = false
`

/** Keys are kept where they exist. Throws `configuration files already exist` without `overwrite`, as seid does. */
export function seidInit(home: Home, options: { chainId: string; moniker: string; overwrite?: boolean }): void {
  const { chainId, moniker, overwrite } = options
  if (overwrite !== true && home.read('config/config.toml') !== undefined) {
    throw new Error(`seid init ${moniker}: configuration files already exist in ${home.root}/config`)
  }
  if (home.read('config/node_key.json') === undefined) writeNodeKeys(home, `${chainId}/${moniker}`)
  home.write('config/config.toml', SEID_CONFIG.replace('MONIKER', moniker))
  home.write('config/app.toml', SEID_APP)
  home.write('config/genesis.json', JSON.stringify({ chain_id: chainId, app_state: { genutil: { gen_txs: [] } } }))
}
