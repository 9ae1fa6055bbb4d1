/** The third step of a pool, and its life from then on: its SeiNodes, made at once and changed one by one: `rollNodes`. */
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { seiNodes } from '../../api/resources.ts'
import { findCondition } from '../../lib/conditions.ts'
import { type Member, planRollout } from '../../plan/pool/rollout.ts'
import { applyChild } from '../shared/apply-child.ts'
import { type ChildProblem, problemOf } from '../shared/child-problem.ts'
import type { PoolDependencies } from './dependencies.ts'
import { type AskedNode, askHeights, type HeightAnswer, type HeightLog } from './heights.ts'
import type { PoolMember } from './members.ts'
import type { PoolMemory } from './memory.ts'
import { poolOwner } from './owner.ts'
import type { PoolProblem } from './round.ts'

/** What is new for the nodes: another spec, or only what this version and these settings of the operator make of it. */
export type RolloutChange = 'spec' | 'template' | 'unknown'

/** How a change reaches the nodes, and settles with them. */
export interface RolloutView {
  readonly change: RolloutChange
  /** The node that the rollout waits for; undefined while none is in its way. */
  readonly waitsFor: PoolMember | undefined
  /** Why that node has not settled, in words that follow its name. */
  readonly waitingBecause: string
  /** Since when it is Ready and was not seen to follow the chain, milliseconds since the epoch; undefined where that is not why. */
  readonly unmovedSince: number | undefined
  /** Names of the nodes that were given the change in this round. */
  readonly changed: readonly string[]
  /** How many are still without it. */
  readonly remaining: number
}

export interface RolledNodes {
  /** Undefined where every node has the current spec and none was changed. */
  readonly rollout: RolloutView | undefined
  readonly problem: PoolProblem | undefined
  readonly heights: HeightsView
}

export interface HeightsView {
  /** They were asked for; `soon`: they change, so they are to be asked for again at once. */
  readonly watch: 'no' | 'soon' | 'seldom'
  /** A node was seen to make or follow blocks. */
  readonly hasBlocks: boolean
  /** Why a node did not say its height; undefined where all that were asked did. */
  readonly silence: string | undefined
}

export const NO_HEIGHTS: HeightsView = { watch: 'no', hasBlocks: false, silence: undefined }

/**
 * Heights are asked for while a change is under way, and until the network was seen to make its first block.
 * @param isHeld whether nothing may be made or changed for a node, by its index: its volume is not as it has to be
 */
export async function rollNodes(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  isHeld: (index: number) => boolean,
  memory: PoolMemory,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<RolledNodes> {
  const { heights } = memory
  const outdated = members.filter(({ spec, names }) => spec === 'outdated' && !isHeld(names.index))
  const isBegun = outdated.length > 0 || memory.change !== undefined || wasRolling(pool)
  // Before anything is written: what fails afterwards must not make a change be forgotten.
  memory.change = isBegun ? changeOf(outdated, memory) : undefined
  const { change = 'unknown' } = memory
  const awaitsFirstBlock = pool.status?.firstBlockAt === undefined && members.every(({ state }) => state === 'ready')
  const isWatching = isBegun || awaitsFirstBlock
  const answers = isWatching ? await noteHeights(members, heights, dependencies, signal) : []
  const now = dependencies.clock.now()
  const isStalled = heights.isStalled(now)
  const found = members
    .toSorted((a, b) => WEIGHTS[a.state] - WEIGHTS[b.state])
    .map(member => asMember(member, isHeld(member.names.index), isStalled, heights))
  const plan = planRollout(found, isStalled)
  const due = members.filter(({ names }) => plan.apply.includes(names.index))
  const makeable = due.filter(({ spec, lacksPeers }) => spec !== 'missing' || !lacksPeers)
  const results = await Promise.all(
    makeable.map(async member => ({ member, problem: await applyNode(pool, member, dependencies, signal) })),
  )
  const last = found.find(({ spec, health }) => spec === 'current' && health !== 'settled')
  const unsettled = outdated.length > 0 ? plan.waitsFor : last?.index
  const waitsFor = members.find(({ names }) => names.index === unsettled)
  const changed = results.filter(({ member, problem }) => member.spec === 'outdated' && !problem)
  const silent = answers.find(({ silence }) => silence !== undefined)
  if (outdated.length === 0 && !last && members.every(({ live }) => live)) memory.change = undefined
  return {
    rollout:
      outdated.length > 0 || (isBegun && waitsFor)
        ? {
            change,
            waitsFor,
            ...(waitsFor ? reasonToWait(waitsFor, heights, answers) : { waitingBecause: '', unmovedSince: undefined }),
            changed: changed.map(({ member }) => member.names.node),
            remaining: plan.remaining,
          }
        : undefined,
    problem: results.find(({ problem }) => problem)?.problem ?? peersUnknown(due),
    heights: {
      watch: isWatching ? (heights.hasNews(now) ? 'soon' : 'seldom') : 'no',
      hasBlocks: heights.someMoved,
      silence: silent && `${silent.node}: ${silent.silence}`,
    },
  }
}

/** Of several nodes that have not settled, the one to be named is the one that is worst off. */
const WEIGHTS: Readonly<Record<PoolMember['state'], number>> = { down: 0, unknown: 1, running: 1, ready: 2 }

/** The last node that was given a change may have to settle yet. */
function wasRolling({ status }: SeiNodePool): boolean {
  const reason = findCondition(status?.conditions, 'Progressing')?.reason
  return reason === 'RollingOut' || reason === 'RolloutHalted'
}

function changeOf(outdated: readonly PoolMember[], { change = 'unknown' }: PoolMemory): RolloutChange {
  if (outdated.length === 0) return change
  return outdated.every(({ isTemplateAlone }) => isTemplateAlone) ? 'template' : 'spec'
}

/** A node that is made anew on a volume of an earlier operator would lose the peers that only its files have. */
function peersUnknown(due: readonly PoolMember[]): PoolProblem | undefined {
  const lost = due.find(({ spec, lacksPeers }) => spec === 'missing' && lacksPeers)
  if (!lost) return undefined
  const message = `${lost.names.node}, which an earlier operator made, was deleted, and nothing tells its peers: set spec.nodeConfiguration.overrides["network.p2p.persistent_peers"] to the addresses of the others, and it is made again`
  return { reason: 'PeersUnknown', message }
}

async function noteHeights(
  members: readonly PoolMember[],
  heights: HeightLog,
  { askSeid, clock }: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly HeightAnswer[]> {
  const running = members.flatMap(({ state, names, pod }): readonly AskedNode[] => {
    const podIP = pod?.status?.podIP
    if (state === 'down' || podIP === undefined) return []
    return [{ node: names.node, podUID: pod?.metadata?.uid ?? '', podIP, isReady: state === 'ready' }]
  })
  const answers = await askHeights(running, askSeid, signal)
  heights.note(answers, clock.now())
  return answers
}

function asMember(
  { names, spec, state, pod }: PoolMember,
  isHeld: boolean,
  isStalled: boolean,
  heights: HeightLog,
): Member {
  const { index } = names
  if (isHeld) return { index, spec: 'held', health: 'down' }
  if (state === 'down') return { index, spec, health: 'down' }
  // Where no block is made, following the chain is not to be asked for.
  const follows = spec === 'outdated' || isStalled || heights.hasMoved(names.node, pod?.metadata?.uid ?? '')
  return { index, spec, health: state === 'ready' && follows ? 'settled' : 'unsettled' }
}

/** In words that follow the node's name. */
const UNREADY = {
  unknown: 'has yet to act on its change',
  down: 'does not run',
  running: 'runs and is not Ready yet',
} as const satisfies Record<Exclude<PoolMember['state'], 'ready'>, string>

function reasonToWait(
  { names, state, pod }: PoolMember,
  heights: HeightLog,
  answers: readonly HeightAnswer[],
): Pick<RolloutView, 'waitingBecause' | 'unmovedSince'> {
  if (state !== 'ready') {
    return { waitingBecause: UNREADY[state], unmovedSince: undefined }
  }
  const podUID = pod?.metadata?.uid ?? ''
  if (heights.hasMoved(names.node, podUID)) return { waitingBecause: 'is Ready', unmovedSince: undefined }
  const silence = answers.find(({ node }) => node === names.node)?.silence
  const waitingBecause =
    silence === undefined
      ? 'is Ready and was not seen to follow the chain yet'
      : `is Ready, and its seid does not say at which height it is: ${silence}`
  return { waitingBecause, unmovedSince: heights.unmovedSince(names.node, podUID) }
}

async function applyNode(
  pool: SeiNodePool,
  { names, desired }: PoolMember,
  { client, stores }: PoolDependencies,
  signal: AbortSignal,
): Promise<ChildProblem | undefined> {
  const child = { resource: seiNodes, store: stores.nodes, name: names.node, build: (): SeiNode => desired }
  return problemOf(await applyChild(client, poolOwner(pool), child, signal))
}
