/** A chain of seids in memory that an observer queries, on a clock of its own: `observe`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_LABEL } from '../../../../api/names.ts'
import type { SeiNode } from '../../../../api/seinode.ts'
import { seiNode } from '../../../../build/testdata/nodes.ts'
import type { ChainHealth } from '../../../../chain/health.ts'
import type { ChainAnswer } from '../../../../chain/track.ts'
import { HttpError } from '../../../../kube/http-error.ts'
import type { VotedUpgrade } from '../../../../seid/upgrade-plan.ts'
import { CallLimiter } from '../../../../runtime/call-limiter.ts'
import { ManualClock } from '../../../../runtime/manual-clock.ts'
import { Store } from '../../../../runtime/store.ts'
import { podOf } from '../../../seinode/testdata/objects.ts'
import { ChainObserver } from '../observer.ts'

export const INTERVAL_MS = 15_000
const TIMEOUT = new HttpError('timeout', 'no answer within 5000 ms', { isSent: true })

export interface Seid {
  height: number
  isDown?: boolean
  isHung?: boolean
  hasNoCommits?: boolean
  /** 3 by default. */
  peers?: number
  /** As it said before; that of the answer by default. */
  blockTime?: number
  answer?: Partial<ChainAnswer>
  /** What the chain has voted for. */
  upgrade?: VotedUpgrade
  /** The state in the node's status. */
  recorded?: ChainHealth['kind']
}

function taken(list: string[]): readonly string[] {
  return list.splice(0).toSorted()
}

export function validator(address: string): Seid {
  return { height: 1, answer: { validatorAddress: address, votingPower: 1 } }
}

/** A chain of nodes by name; each height is what the test makes it. */
export function observe(t: { readonly after: (end: () => void) => void }, seids: Record<string, Seid>) {
  const clock = new ManualClock()
  const [nodes, pods] = [new Store<SeiNode>(), new Store<Pod>()]
  const asked: string[] = []
  const woken: string[] = []
  let version = 0
  let signers: ReadonlySet<string> = new Set()
  const names = Object.keys(seids)
  const put = (name: string, start = `seid-of-${name}`, pool?: string): void => {
    const { recorded: state } = seids[name] ?? {}
    const chain = state && { state, since: '2026-01-01T00:00:00Z', containerID: start }
    const labels = pool === undefined ? {} : { [POOL_LABEL]: pool }
    const node = seiNode(name, { chainId: 'devnet-1' }, { resourceVersion: String(++version), labels })
    nodes.observeWrite(chain ? { ...node, status: { chain } } : node)
    const { metadata, ...pod } = podOf({ ip: `10.0.0.${names.indexOf(name)}`, seid: { containerID: start } })
    pods.observeWrite({
      ...pod,
      metadata: { ...metadata, name: `${name}-0`, resourceVersion: String(++version) },
    })
  }
  names.forEach(name => put(name))
  const seidAt = (host: string): [string, Seid] => {
    const name = names[Number(host.split('.').at(-1))] ?? ''
    return [name, seids[name] ?? { height: 0 }]
  }
  const call = <T>(host: string, what: string, value: (seid: Seid) => T): Promise<T> => {
    const [name, seid] = seidAt(host)
    asked.push(`${name} ${what}`)
    if (seid.isDown === true) return Promise.reject(new Error('connect ECONNREFUSED'))
    if (seid.isHung === true) return Promise.reject(new Error('no answer within 5 s', { cause: TIMEOUT }))
    return Promise.try(() => value(seid))
  }
  const observer = new ChainObserver({
    nodes,
    pods,
    clock,
    seid: {
      status: host =>
        call(host, 'status', ({ height, answer, blockTime = clock.now() }) => ({
          nodeID: 'ab'.repeat(20),
          network: 'devnet-1',
          height,
          blockTime,
          isCatchingUp: false,
          maxPeerHeight: 0,
          validatorAddress: undefined,
          votingPower: 0,
          ...answer,
        })),
      peers: host => call(host, 'peers', ({ peers = 3 }) => peers),
      upgrade: host => call(host, 'upgrade', ({ upgrade }) => upgrade),
      signers: (host, height) =>
        call(host, `signers of ${height}`, ({ hasNoCommits = false }) => {
          if (hasNoCommits) throw new Error('HTTP 500 to /commit')
          return signers
        }),
    },
    limiter: new CallLimiter({ clock, random: () => 0 }),
    random: () => 0,
    intervalMs: INTERVAL_MS,
    missedShare: 0.5,
  })
  observer.wake = node => woken.push(`${node.metadata.name} ${observer.known(node).health?.kind}`)
  const stop = new AbortController()
  const running = observer.run(stop.signal)
  t.after(() => stop.abort())
  return {
    observer,
    clock,
    stop: async () => {
      stop.abort()
      await running
    },
    /** In steps of a second, in which every chain makes a block where `grow` says so. */
    pass: async (seconds: number, grow: readonly string[] = []) => {
      for (let i = 0; i < seconds; i++) {
        for (const name of grow) (seids[name] ?? { height: 0 }).height += 2
        await clock.advance(1000)
      }
    },
    asked: () => taken(asked),
    woken: () => taken(woken),
    put,
    signedBy: (addresses: readonly string[]) => (signers = new Set(addresses)),
  }
}
