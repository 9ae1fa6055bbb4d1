/** The third step of a pool, and its life from then on: its SeiNodes, made at once and changed one by one: `rollNodes`. */
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { seiNodes } from '../../api/resources.ts'
import { type Member, planRollout } from '../../plan/pool/rollout.ts'
import { applyChild } from '../shared/apply-child.ts'
import { type ChildProblem, problemOf } from '../shared/child-problem.ts'
import type { PoolDependencies } from './dependencies.ts'
import { type AskedNode, askHeights, type HeightAnswer, type HeightLog } from './heights.ts'
import { type PoolMember } from './members.ts'
import { poolOwner } from './owner.ts'

/** How a changed spec reaches the nodes. */
export interface RolloutView {
  /** The node that the rollout waits for; undefined while none is in its way. */
  readonly waitsFor: PoolMember | undefined
  /** Why that node has not settled, in words that follow its name. */
  readonly waitingBecause: string
  /** Names of the nodes that were given the current spec in this round, though they had another. */
  readonly changed: readonly string[]
  /** How many still have an earlier spec. */
  readonly remaining: number
}

export interface RolledNodes {
  /** Undefined where every node has the current spec and none was changed. */
  readonly rollout: RolloutView | undefined
  readonly problem: ChildProblem | undefined
  /** The heights were asked for: look again soon. */
  readonly isWatchingHeights: boolean
}

/** @param mayHaveBlocks false until the network was seen to make its first block, which is looked for once all nodes are Ready */
export async function rollNodes(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  heights: HeightLog,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<RolledNodes> {
  const isRolling = members.some(({ spec }) => spec === 'outdated')
  const awaitsFirstBlock = pool.status?.firstBlockAt === undefined && members.every(({ state }) => state === 'ready')
  const isWatchingHeights = isRolling || awaitsFirstBlock
  const answers = isWatchingHeights ? await noteHeights(members, heights, dependencies, signal) : []
  const isStalled = heights.isStalled(dependencies.clock.now())
  const plan = planRollout(
    members.map(member => asMember(member, heights)),
    isStalled,
  )
  const due = members.filter(({ names }) => plan.apply.includes(names.index))
  const problems = await Promise.all(due.map(member => applyNode(pool, member, dependencies, signal)))
  const waitsFor = members.find(({ names }) => names.index === plan.waitsFor)
  return {
    rollout: isRolling
      ? {
          waitsFor,
          waitingBecause: waitsFor ? reasonToWait(waitsFor, heights, answers) : '',
          changed: due.filter(({ spec }) => spec === 'outdated').map(({ names }) => names.node),
          remaining: plan.remaining,
        }
      : undefined,
    problem: problems.find(problem => problem !== undefined),
    isWatchingHeights,
  }
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
    return [{ node: names.node, podUID: pod?.metadata?.uid ?? '', podIP }]
  })
  const answers = await askHeights(running, askSeid, signal)
  heights.note(answers, clock.now())
  return answers
}

function asMember({ names, spec, state, pod }: PoolMember, heights: HeightLog): Member {
  const { index } = names
  if (state === 'down') return { index, spec, health: 'down' }
  const follows = spec === 'outdated' || heights.hasMoved(names.node, pod?.metadata?.uid ?? '')
  return { index, spec, health: state === 'ready' && follows ? 'settled' : 'unsettled' }
}

function reasonToWait({ names, state, pod }: PoolMember, heights: HeightLog, answers: readonly HeightAnswer[]): string {
  if (state !== 'ready') return state === 'running' ? 'runs and is not Ready yet' : 'is not Ready yet'
  if (heights.hasMoved(names.node, pod?.metadata?.uid ?? '')) return 'is Ready'
  const silence = answers.find(({ node }) => node === names.node)?.silence
  return silence === undefined
    ? 'is Ready and was not seen to follow the chain yet'
    : `is Ready, and its seid does not say at which height it is: ${silence}`
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
