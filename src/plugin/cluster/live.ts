/** What running seids say now of height, peers and lag, by port-forwards to their pods: `readLive`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_PORTS } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { ChainAnswer } from '../../chain/track.ts'
import { seidState } from '../../controllers/shared/pods/pod-state.ts'
import type { ClusterConfig } from '../../kube/cluster-config.ts'
import { messageOf } from '../../kube/http-error.ts'
import { inParallel } from '../../peers/in-parallel.ts'
import { seidClientBy } from '../../seid/rpc.ts'
import { portForwardAgent } from './port-forward.ts'

const AT_ONCE = 16
/** For one node, the port-forward included. */
const NODE_TIMEOUT_MS = 5_000
/** For all of them: what has not answered by then stays unknown. */
const TIMEOUT_MS = 15_000

export type Live =
  | { readonly kind: 'known'; readonly answer: ChainAnswer }
  /** `why` in a few words. */
  | { readonly kind: 'unknown'; readonly why: string }

export interface LiveNode {
  readonly node: SeiNode
  readonly pod: Pod | undefined
}

/** In the order of `nodes`. Never rejects. */
export async function readLive(
  config: ClusterConfig,
  nodes: readonly LiveNode[],
  signal: AbortSignal,
): Promise<readonly Live[]> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  return inParallel(nodes, AT_ONCE, ({ pod }) => readOne(config, pod, deadline))
}

async function readOne(config: ClusterConfig, pod: Pod | undefined, signal: AbortSignal): Promise<Live> {
  if (!pod || !seidState(pod).running) return { kind: 'unknown', why: 'seid does not run' }
  if (signal.aborted) return { kind: 'unknown', why: `not asked: others took ${TIMEOUT_MS / 1000} s` }
  const { name = '', namespace = '' } = pod.metadata ?? {}
  const agent = portForwardAgent(config, { namespace, name }, SEID_PORTS.rpc)
  const seid = seidClientBy(agent)
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(NODE_TIMEOUT_MS)])
  try {
    const status = await seid.status('localhost', deadline)
    const peers = await seid.peers('localhost', deadline)
    return { kind: 'known', answer: { ...status, peers } }
  } catch (error) {
    const why = deadline.aborted ? `no answer within ${NODE_TIMEOUT_MS / 1000} s` : messageOf(error)
    return { kind: 'unknown', why }
  } finally {
    agent.destroy()
  }
}
