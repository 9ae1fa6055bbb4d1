/** seid in the main container of a node: `SeidProcess` can be made unready or to die, and answers at its RPC port. */
import { createServer } from 'node:http'
import type { Clock } from '../../../src/runtime/clock.ts'
import { SEID_PORTS } from '../../../src/api/names.ts'
import type { Home } from '../sidecar/index.ts'
import { nodeIdOf } from '../sidecar/node-keys.ts'
import { PodPort } from './addresses.ts'
import { applyUpgrade, encodedPlan, upgradeEnd } from './chain-upgrades.ts'
import type { Chain, ChainNode, Chains } from './chain.ts'
import type { ContainerProcess, LaunchContext, ProcessExit } from './container-process.ts'
import { heightOf, writeHeight } from './block-store.ts'
import type { HttpProbe } from './pod-plan.ts'

export interface SeidOptions {
  /** Default: true. */
  readonly ready?: boolean
  /** Where it takes part in a chain, and answers at its RPC port. */
  readonly chains?: Chains
  /** On that chain it neither signs nor follows. */
  readonly stalled?: boolean
  /** It ends at once. */
  readonly ends?: ProcessExit
}

/** The paths of seid's RPC that need no parameters and return its status. */
const RPC_PATHS: ReadonlySet<string> = new Set(['/health', '/status', '/lag_status', '/net_info', '/abci_info'])

/** seid lists peers of its configuration, connected or not. */
const CONFIGURED = ['a', 'b', 'c'].map(id => ({ node_id: id, url: `mconn://${id}@peer:26656` }))
const GENESIS = 'config/genesis.json'
/** Between two blocks at which a seid looks whether an upgrade is due. Milliseconds. */
const UPGRADE_CHECK_MS = 50

export class SeidProcess implements ContainerProcess {
  readonly #context: LaunchContext
  readonly #rpc: SeidRpc | undefined
  readonly #upgrades: NodeJS.Timeout | undefined
  #exit: ProcessExit | undefined
  #ready: boolean

  /** Resolves when it answers at its RPC port, or has ended. */
  static async start(context: LaunchContext, options: SeidOptions): Promise<SeidProcess> {
    const process = new SeidProcess(context, options)
    await process.#rpc?.open()
    if (options.ends) process.crash(options.ends)
    return process
  }

  private constructor(context: LaunchContext, options: SeidOptions) {
    this.#context = context
    this.#ready = options.ready ?? true
    const home = [...context.volumes.values()].find(volume => volume.read(GENESIS) !== undefined)
    if (home && options.chains) {
      const haltHeight = Number(context.container.env['SEID_HALT_HEIGHT'] ?? 0)
      const halt = haltHeight > 0 ? { height: haltHeight, end: () => this.crash({ exitCode: 0 }) } : undefined
      const chain = options.chains.of(home.read(GENESIS) ?? '')
      if (chain.genesis.chainId === '') {
        this.#exit = { exitCode: 1, message: 'genesis doc must include non-empty chain_id' }
        return
      }
      const { image } = context.container
      this.#exit = upgradeEnd(home, image, chain.plans, chain.height)
      if (this.#exit) return
      this.#rpc = new SeidRpc(home, chain, context, halt)
      if (options.stalled === true) this.#rpc.setStalled(true)
      this.#upgrades = setInterval(() => {
        const { height } = this.#rpc ?? { height: 0 }
        const end = upgradeEnd(home, image, chain.plans, height)
        if (end) return this.crash(end)
        for (const plan of chain.plans) if (plan.height <= height) applyUpgrade(home, plan)
      }, UPGRADE_CHECK_MS)
    }
    // On an empty volume, or on one mounted elsewhere, it ends at once: a node without an initialised home
    // must not report healthy.
    if (!home && context.volumes.size > 0) {
      this.#exit = { exitCode: 1, message: `couldn't read GenesisDoc file: open ${GENESIS}: no such file or directory` }
    }
  }

  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  answers({ path, port }: HttpProbe): boolean {
    return this.#exit === undefined && this.#ready && port === SEID_PORTS.rpc && RPC_PATHS.has(path)
  }

  setReady(ready: boolean): void {
    this.#ready = ready
    this.#context.onChange()
  }

  setStalled(stalled: boolean): void {
    this.#rpc?.setStalled(stalled)
  }

  /** It dies by itself, as after a panic. */
  crash(exit: ProcessExit): void {
    void this.#end(exit)
  }

  /** seid ends with 0 on SIGTERM once its start-up is over. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#end({ exitCode: signal === 'SIGTERM' ? 0 : 137 })
  }

  async #end(exit: ProcessExit): Promise<void> {
    if (this.#exit) return
    this.#exit = exit
    clearInterval(this.#upgrades)
    const closed = this.#rpc?.close()
    this.#context.onChange()
    await closed
  }
}

const STATE = 'data/priv_validator_state.json'
/** How often a node's height is compared with the one that it halts at, milliseconds. */
const CHECK_MS = 50

interface ValidatorKey {
  readonly address: string
  readonly pub_key: { readonly type: string; readonly value: string }
}

/** A height at which seid ends. */
interface Halt {
  readonly height: number
  readonly end: () => void
}

/** One run of one seid on the chain of its genesis. */
class SeidRpc {
  readonly #home: Home
  readonly #chain: Chain
  readonly #node: ChainNode
  readonly #key: ValidatorKey
  readonly #port: PodPort
  readonly #stopWatching: () => void

  /** Takes part in the chain from now on. */
  constructor(
    home: Home,
    chain: Chain,
    { podIP: host, clock, container: { image } }: LaunchContext,
    halt: Halt | undefined,
  ) {
    this.#home = home
    this.#chain = chain
    this.#key = JSON.parse(home.read('config/priv_validator_key.json') ?? '{"address":"","pub_key":{"value":""}}')
    const state: { readonly height?: string } = JSON.parse(home.read(STATE) ?? '{}')
    const height = Math.max(Number(state.height ?? 0), heightOf(home))
    // Started at its height or above, seid commits one more block before it ends.
    const haltHeight = halt && Math.max(halt.height, height + 1)
    const signer = { key: this.#key.pub_key.value, address: this.#key.address }
    this.#node = chain.join(signer, height, { image, haltHeight })
    this.#stopWatching = halt ? whenHalted(this.#node, clock, halt.end) : () => {}
    this.#port = new PodPort({ host, port: SEID_PORTS.rpc, createServer: () => this.#server() })
  }

  get height(): number {
    return this.#node.height
  }

  /** Resolves when it listens. */
  open(): Promise<void> {
    return this.#port.open()
  }

  setStalled(stalled: boolean): void {
    this.#node.setStalled(stalled)
  }

  /** Removes the node from the chain. Its last signature is on its volume. */
  async close(): Promise<void> {
    const isValidator = this.#chain.genesis.validators.has(this.#key.pub_key.value)
    if (isValidator) this.#home.write(STATE, JSON.stringify({ height: String(this.#node.height), round: 0, step: 3 }))
    this.#stopWatching()
    writeHeight(this.#home, Math.max(heightOf(this.#home), this.#node.height))
    this.#node.leave()
    await this.#port.close()
  }

  #server(): ReturnType<typeof createServer> {
    return createServer((request, response) => {
      const answer = this.#answer(request.url ?? '')
      response.statusCode = answer ? 200 : 404
      response.setHeader('Content-Type', 'application/json')
      response.end(answer && JSON.stringify(answer))
    })
  }

  #answer(url: string): object | undefined {
    const { pathname } = new URL(url, 'http://seid')
    switch (pathname) {
      case '/status':
        return this.#status()
      case '/net_info': {
        const peers = Array.from({ length: this.#node.peers }, (_, i) => ({ node_id: String(i) }))
        return {
          n_peers: String(CONFIGURED.length),
          peers: CONFIGURED,
          peer_connections: peers.length === 0 ? null : peers,
        }
      }
      case '/commit': {
        const signatures = this.#node.signers.map(address => ({ block_id_flag: 2, validator_address: address }))
        return { signed_header: { commit: { signatures } }, canonical: true }
      }
      case '/abci_query':
        return { response: { code: 0, value: encodedPlan(this.#chain.plan), height: String(this.#node.height) } }
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

/** @returns ends the watch */
function whenHalted(node: ChainNode, clock: Clock, end: () => void): () => void {
  let timer = clock.setTimeout(check, CHECK_MS)
  function check(): void {
    if (node.isHalted) end()
    else timer = clock.setTimeout(check, CHECK_MS)
  }
  return () => clock.clearTimeout(timer)
}
