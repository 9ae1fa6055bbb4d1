/** What a running seid answers at its RPC port: `SeidRpc`, with the fields of `/status` that say where a node is. */
import { createServer } from 'node:http'
import { SEID_PORTS } from '../../../src/api/names.ts'
import type { Home } from '../sidecar/index.ts'
import { nodeIdOf } from '../sidecar/node-keys.ts'
import type { Chain, ChainNode } from './chain.ts'
import { PodPort } from './pod-port.ts'

const STATE = 'data/priv_validator_state.json'

interface ValidatorKey {
  readonly address: string
  readonly pub_key: { readonly type: string; readonly value: string }
}

/** One run of one seid on the chain of its genesis. */
export class SeidRpc {
  readonly #home: Home
  readonly #chain: Chain
  readonly #node: ChainNode
  readonly #key: ValidatorKey
  readonly #port: PodPort

  /** Takes part in the chain from now on. */
  constructor(home: Home, chain: Chain, host: string) {
    this.#home = home
    this.#chain = chain
    this.#key = JSON.parse(home.read('config/priv_validator_key.json') ?? '{"address":"","pub_key":{"value":""}}')
    const state: { readonly height?: string } = JSON.parse(home.read(STATE) ?? '{}')
    this.#node = chain.join(this.#key.pub_key.value, Number(state.height ?? 0))
    this.#port = new PodPort({ host, port: SEID_PORTS.rpc, createServer: () => this.#server() })
  }

  /** Resolves when it listens. */
  open(): Promise<void> {
    return this.#port.open()
  }

  setStalled(stalled: boolean): void {
    this.#node.setStalled(stalled)
  }

  /** The node runs no more. What it signed last is on its volume. */
  async close(): Promise<void> {
    const isValidator = this.#chain.genesis.validators.has(this.#key.pub_key.value)
    if (isValidator) this.#home.write(STATE, JSON.stringify({ height: String(this.#node.height), round: 0, step: 3 }))
    this.#node.leave()
    await this.#port.close()
  }

  #server(): ReturnType<typeof createServer> {
    return createServer((request, response) => {
      const answer = this.#answer(request.url ?? '')
      response.statusCode = answer === undefined ? 404 : 200
      response.setHeader('Content-Type', 'application/json')
      response.end(answer === undefined ? '' : JSON.stringify(answer))
    })
  }

  #answer(path: string): object | undefined {
    switch (path) {
      case '/health':
        return {}
      case '/lag_status':
        return { current_height: String(this.#node.height), max_peer_height: String(this.#node.height), lag: '0' }
      case '/status':
        return this.#status()
      default:
        return undefined
    }
  }

  /** Flat, numbers as texts, as seid answers a GET. */
  #status(): object {
    const { chainId, validators } = this.#chain.genesis
    const { height, blockTime, isCatchingUp } = this.#node
    return {
      node_info: { id: nodeIdOf(this.#home) ?? '', network: chainId },
      sync_info: {
        latest_block_height: String(height),
        latest_block_time: new Date(blockTime).toISOString(),
        catching_up: isCatchingUp,
      },
      validator_info: { ...this.#key, voting_power: String(validators.get(this.#key.pub_key.value) ?? 0) },
    }
  }
}
