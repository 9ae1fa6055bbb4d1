/** The third step of a pool, and its life from then on: its SeiNodes, made at once and changed one by one: `rollNodes`. */
import { FIELD_MANAGER, NEVER_OBSERVED } from '../../../api/names.ts'
import { seiNodes } from '../../../api/resources.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { ownerReference } from '../../../build/owner-reference.ts'
import { seidStart } from '../../shared/pods/pod-state.ts'
import { ApiError, isPassing } from '../../../kube/errors.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import { applyChild, type ChildProblem, problemOf } from '../../shared/children/apply-child.ts'
import { refusal } from '../../shared/failures.ts'
import { ownershipOf } from '../../shared/children/ownership.ts'
import { poolGroup } from '../../shared/rollout-gate.ts'
import type { PoolDependencies } from '../dependencies.ts'
import { nodeChild, type PoolMember } from './members.ts'
import { poolOwner } from '../owner.ts'
import type { ChainFindings, PoolProblem, RolloutView } from '../observation.ts'

export interface RolledNodes {
  /** Undefined where every node has what it should have, and works with it. */
  readonly rollout: RolloutView | undefined
  readonly problem: PoolProblem | undefined
  readonly chain: ChainFindings
}

/**
 * @param isBlocked whether nothing may be made or changed for a node, by its index: its volume is not as it has to be
 */
export async function rollNodes(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  isBlocked: (index: number) => boolean,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<RolledNodes> {
  const { gate } = dependencies
  const unblocked = members.filter(({ names }) => !isBlocked(names.index))
  const adoptions = await Promise.all(unblocked.map(member => adoptNode(pool, member, dependencies, signal)))
  const group = poolGroup(pool.metadata.namespace ?? '', pool.metadata.name)
  const isBegun = members.some(member => member.spec === 'outdated' || isChanging(member))
  const byKey = new Map(members.flatMap(member => (member.live ? [[keyOf(member.live), member] as const] : [])))
  const view = gate.advance(group, {
    // A node of the pool's network that is none of its validators has no turn to wait for.
    isBlocked: node => isBlocked(byKey.get(keyOf(node))?.names.index ?? -1),
    isOutdated: node => byKey.get(keyOf(node))?.spec === 'outdated',
    isEarly: node => byKey.get(keyOf(node))?.isEarly === true,
  })
  const isDue = ({ spec, live, names }: PoolMember): boolean =>
    spec === 'missing' || spec === 'ahead'
      ? !isBlocked(names.index)
      : spec === 'outdated' && live !== undefined && view.approved.has(keyOf(live))
  const due = members.filter(isDue)
  const makeable = due.filter(({ spec, lacksPeers }) => spec !== 'missing' || !lacksPeers)
  const results = await Promise.all(
    makeable.map(async member => ({ member, problem: await applyNode(pool, member, dependencies, signal) })),
  )
  const changed = members.filter(({ live }) => live && view.approved.has(keyOf(live)))
  const waiting = members.filter(({ spec, live }) => spec === 'outdated' || live?.status?.rollout?.phase === 'Waiting')
  const waitsFor = view.waitsFor === undefined ? undefined : byKey.get(view.waitsFor)
  const chain = chainFindings(members, isBegun, dependencies)
  return {
    rollout:
      waiting.length > 0 || (isBegun && waitsFor)
        ? {
            cause: causeOf(members),
            waitsFor,
            silence: waitsFor && silenceOf(waitsFor),
            changed: changed.map(({ names }) => names.node),
            remaining: waiting.filter(member => !changed.includes(member)).length,
          }
        : undefined,
    problem: [...adoptions, ...results.map(({ problem }) => problem)].find(each => each) ?? peersUnknown(due),
    chain,
  }
}

/** It has a change, or was given one that it has yet to see. */
function isChanging({ live }: PoolMember): boolean {
  const { rollout, observedGeneration = NEVER_OBSERVED } = live?.status ?? {}
  return (
    rollout !== undefined || (observedGeneration !== NEVER_OBSERVED && observedGeneration !== live?.metadata.generation)
  )
}

function causeOf(members: readonly PoolMember[]): RolloutView['cause'] {
  const isOfSpec = members.some(({ spec, live }) => spec === 'outdated' || live?.status?.rollout?.cause === 'Spec')
  return isOfSpec ? 'Spec' : 'Operator'
}

/** A node that is made anew on a volume of an earlier operator would lose the peers that only its files have. */
function peersUnknown(due: readonly PoolMember[]): PoolProblem | undefined {
  const lost = due.find(({ spec, lacksPeers }) => spec === 'missing' && lacksPeers)
  if (!lost) return undefined
  const message = `${lost.names.node}, which an earlier operator created, was deleted, and its peers are unknown: set spec.nodeConfiguration.overrides["network.p2p.persistent_peers"] to the addresses of the others, and it is recreated`
  return { reason: 'PeersUnknown', message }
}

/** How long a rollout is reconciled every second after the last new block of any node. Milliseconds. */
const NEWS_MS = 60_000

function chainFindings(
  members: readonly PoolMember[],
  isRolling: boolean,
  { chain, clock }: PoolDependencies,
): ChainFindings {
  // Whether the next node may restart depends on all others.
  if (isRolling) for (const { live } of members) if (live) chain.hurry(keyOf(live))
  const hasNews = members.some(({ live, pod }) => {
    const track = live && chain.track(keyOf(live), seidStart(pod) ?? '')
    return track !== undefined && clock.monotonic() - track.movedAt < NEWS_MS
  })
  const silent = members.find(member => silenceOf(member) !== undefined)
  return {
    watch: isRolling ? (hasNews ? 'soon' : 'seldom') : 'no',
    hasBlocks: members.some(({ health }) => health?.kind === 'Following'),
    silence: silent && `${silent.names.node}: ${silenceOf(silent)}`,
  }
}

/** Why a seid that runs has not answered for a while. */
function silenceOf({ health }: PoolMember): string | undefined {
  return health?.kind === 'Unknown' ? health.silence : undefined
}

/**
 * A node that was restored without its owner has no turn in the pool's rollout before the pool controls it. Its spec is left to
 * its turn.
 */
async function adoptNode(
  pool: SeiNodePool,
  { live }: PoolMember,
  { client, stores }: PoolDependencies,
  signal: AbortSignal,
): Promise<ChildProblem | undefined> {
  if (!live || ownershipOf(live, poolOwner(pool)).kind === 'ours') return undefined
  const { name, namespace = '', uid, resourceVersion, ownerReferences = [] } = live.metadata
  const owners = [...ownerReferences, ownerReference('SeiNodePool', pool)]
  const body = { metadata: { uid, resourceVersion, ownerReferences: owners } }
  const options = { type: 'merge', fieldManager: FIELD_MANAGER, signal } as const
  try {
    stores.nodes.observeWrite(await client.patch(seiNodes, { namespace, name }, body, options))
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError) || isPassing(error)) throw error
    return { reason: 'ApplyRefused', message: refusal(error.message) }
  }
}

async function applyNode(
  pool: SeiNodePool,
  member: PoolMember,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<ChildProblem | undefined> {
  const child = nodeChild(member, dependencies)
  return problemOf(await applyChild(dependencies.client, poolOwner(pool), child, signal))
}
