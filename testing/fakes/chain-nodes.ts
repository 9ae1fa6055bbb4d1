/** The RPC of chain nodes on loopback addresses, port 26657: `ChainNodes`. */
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { leaseAddresses, type Addresses } from './node/addresses.ts'

const RPC_PORT = 26657

/**
 * - `flat`: as seid answers GET /status;
 * - `envelope`: as other servers of this RPC do;
 * - `garbage`: something else listens there;
 * - `hangs`: the connection opens and no answer comes;
 * - `down`: the connection is refused.
 */
export type NodeBehaviour = 'flat' | 'envelope' | 'garbage' | 'hangs' | 'down'

export interface ChainNode {
  readonly address: string
  /** 40 hex digits. */
  readonly id: string
}

export class ChainNodes implements AsyncDisposable {
  readonly #addresses: Addresses
  readonly #servers: Server[] = []

  private constructor(addresses: Addresses) {
    this.#addresses = addresses
  }

  /** On addresses that no other process on this machine uses. */
  static async open(): Promise<ChainNodes> {
    return new ChainNodes(await leaseAddresses())
  }

  async start(behaviour: NodeBehaviour = 'flat'): Promise<ChainNode> {
    const address = this.#addresses.take()
    const id = createHash('sha1').update(address).digest('hex')
    if (behaviour !== 'down') this.#servers.push(await serve(address, id, behaviour))
    return { address, id }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
    await this.#addresses.close()
  }
}

function serve(address: string, id: string, behaviour: Exclude<NodeBehaviour, 'down'>): Promise<Server> {
  const server = createServer((request, response) => {
    if (behaviour === 'hangs') return
    const url = request.url ?? ''
    const body = url === '/status' ? statusOf(id, behaviour) : url.startsWith('/block?') ? blockAt(url) : undefined
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(body)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(RPC_PORT, address, () => resolve(server))
  })
}

/** The block at a height, the same on all nodes. */
function blockAt(url: string): string {
  const hash = createHash('sha256').update(url).digest('hex').toUpperCase()
  return JSON.stringify({ block_id: { hash }, block: { header: { height: /\d+/.exec(url)?.[0] } } })
}

/** The fields of seid's answer that identify it. */
function statusOf(id: string, behaviour: Exclude<NodeBehaviour, 'down' | 'hangs'>): string {
  const status = {
    node_info: { id, listen_addr: 'tcp://0.0.0.0:26656', network: 'pacific-1', version: '0.6.4', moniker: 'peer' },
    sync_info: { latest_block_height: '100000', catching_up: false },
    validator_info: { voting_power: '0' },
  }
  switch (behaviour) {
    case 'flat':
      return JSON.stringify(status)
    case 'envelope':
      return JSON.stringify({ jsonrpc: '2.0', id: -1, result: status })
    case 'garbage':
      return '<html>It works!</html>'
  }
}
