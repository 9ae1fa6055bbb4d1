/** Lets nodes restart in turn: the nodes of a pool one after the other, those of no pool up to a number per chain: `RolloutGate`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { childNames } from '../../build/names.ts'
import { nextToRestart, type RolloutMember, type RolloutPolicy } from '../../plan/restart-order.ts'
import { isBeingRestarted } from '../../plan/stuck-restart.ts'
import { keyOf } from '../../runtime/object-key.ts'
import type { Index, Store } from '../../runtime/store.ts'
import type { ChainObserver } from './chain/observer.ts'
import { isTerminating } from './deletion.ts'
import { seidStart, seidState } from './pods/pod-state.ts'

/** A node that was not seen to work with its change after so long does not come back by itself. Milliseconds. */
export const PROOF_DEADLINE_MS = 10 * 60_000

/** A block's time is by other clocks, and a pod ends some seconds after its change was given. Milliseconds. */
const HALT_MARGIN_MS = 30_000

export const ROLLOUT_PHASES = ['waiting', 'underway', 'halted'] as const

export type RolloutPhase = (typeof ROLLOUT_PHASES)[number]

export type RolloutCounts = Readonly<Record<RolloutPhase, number>>

export interface RolloutGateOptions {
  /** SeiNodes by their group (`groupOf`). */
  readonly nodesInGroup: Index<SeiNode>
  readonly nodes: Pick<Store<SeiNode>, 'values'>
  readonly pods: Pick<Store<Pod>, 'get'>
  /** Nodes of one chain and of no pool that the operator restarts at once. */
  readonly maxRestarting: number
  readonly chain: Pick<ChainObserver, 'follows' | 'isEvaluable' | 'track' | 'haltedSince'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What a pool knows of its nodes beyond their status. */
export interface PoolFindings {
  /** Nothing may be changed for the node. */
  readonly isBlocked: (node: Readonly<SeiNode>) => boolean
  /** Its spec is not yet the pool's. */
  readonly isOutdated: (node: Readonly<SeiNode>) => boolean
  /** The image of its spec stopped before its upgrade, and the one of before runs: no other validator gets that image. */
  readonly isEarly: (node: Readonly<SeiNode>) => boolean
}

const NO_FINDINGS: PoolFindings = { isBlocked: () => false, isOutdated: () => false, isEarly: () => false }

export interface GroupView {
  /** Keys of the nodes that may restart now. */
  readonly approved: ReadonlySet<string>
  /** The node that the others wait for; undefined while none is underway. */
  readonly waitsFor: string | undefined
}

/**
 * Invariant: which node has its turn is in the cluster (`status.rollout` of the node, or its StatefulSet, which lets the pod
 * change). `#approved` only covers the moment until it is there, so that two reconciles never give a turn twice.
 */
export class RolloutGate {
  readonly #options: RolloutGateOptions
  readonly #approved = new Set<string>()
  /** Reconciles a SeiNode; set once its controller is there. */
  wake: (key: string) => void = () => {}

  constructor(options: RolloutGateOptions) {
    this.#options = options
  }

  /** Since when the validators of a pool make no block, milliseconds since the epoch; undefined if they make blocks. */
  haltedSince(group: string): number | undefined {
    const running = this.#nodesOf(group).flatMap(node => {
      const pod = this.#podOf(node)
      const start = seidStart(pod)
      return start === undefined ? [] : [{ key: keyOf(node), start, isReady: seidState(pod).ready }]
    })
    return this.#options.chain.haltedSince(running)
  }

  isApproved(node: Readonly<SeiNode>): boolean {
    return this.#approved.has(approvalOf(node))
  }

  /** The cluster shows that the node has its turn, or needs none any more. */
  recorded(node: Readonly<SeiNode>): void {
    this.#approved.delete(approvalOf(node))
  }

  /**
   * Gives turns to waiting nodes of the group as far as that is safe, and has them reconciled. A node whose spec is outdated
   * gets its turn with its new spec, which the caller writes.
   */
  advance(group: string, findings: PoolFindings = NO_FINDINGS): GroupView {
    const nodes = this.#nodesOf(group)
    const found = nodes.map(node => ({
      member: this.#memberOf(group, node, findings),
      isTrying: findings.isEarly(node) && !findings.isOutdated(node),
    }))
    // A pause does not make the image that it has yet to run a good one.
    const members = found.map(({ member, isTrying }) =>
      isTrying ? { ...member, change: 'underway' as const } : member,
    )
    // The others wait for that image. Whoever tries it waits for nobody with another change of its own.
    const trying = found.map(({ member, isTrying }) =>
      isTrying || member.change !== 'waiting' ? member : blocked(member),
    )
    const underway = nodes.filter((_, index) => members[index]?.change === 'underway')
    // A new process knows nothing of validators that it has hardly queried: they may be those that the chain needs, and
    // would be taken for those that lag.
    const isKnown = !isPoolGroup(group) || nodes.every(node => this.#isEvaluable(node))
    const policy = this.#policyOf(group, underway)
    const approved = new Set(isKnown ? [members, trying].flatMap(each => nextToRestart(each, policy)) : [])
    for (const node of nodes) {
      if (!approved.has(keyOf(node)) || findings.isOutdated(node)) continue
      this.#approved.add(approvalOf(node))
      this.wake(keyOf(node))
    }
    return { approved, waitsFor: members.find(({ change }) => change === 'underway')?.key }
  }

  /**
   * Whether a stuck node may restart now. For a validator of a pool, enough others have to follow the chain, as for a
   * rollout, and none of them may be restarting. The approval is kept until the restart is in the node's status.
   */
  approveStuckRestart(node: Readonly<SeiNode>): boolean {
    const group = groupOf(node)
    if (!isPoolGroup(group)) return true
    if (this.haltedSince(group) !== undefined) return false
    const key = keyOf(node)
    const members = this.#nodesOf(group).map(each => this.#asStuckMember(group, each, key))
    if (!nextToRestart(members, { kind: 'quorum', isStalled: false }).includes(key)) return false
    this.#approved.add(approvalOf(node))
    return true
  }

  /** The node that has had a change for long and is not seen to work with it, so that no other gets its turn. */
  haltedAt(group: string): string | undefined {
    const halted = this.#options.nodesInGroup(group).find(node => this.#isOverdue(node))
    return halted && keyOf(halted)
  }

  /** Of all nodes. A halted node is not counted as underway. */
  counts(): RolloutCounts {
    const counts = { waiting: 0, underway: 0, halted: 0 }
    for (const node of this.#options.nodes.values()) {
      const phase = this.phaseOf(node)
      if (phase) counts[phase] += 1
    }
    return counts
  }

  /** Undefined if the node has no change on its way. */
  phaseOf(node: Readonly<SeiNode>): RolloutPhase | undefined {
    switch (node.status?.rollout?.phase) {
      case 'Waiting':
        return 'waiting'
      case 'Underway':
        return this.#isOverdue(node) ? 'halted' : 'underway'
      case undefined:
        return undefined
    }
  }

  #isOverdue(node: Readonly<SeiNode>): boolean {
    const { status, spec } = node
    const { rollout } = status ?? {}
    if (rollout?.phase !== 'Underway' || spec.paused === true || !this.#wasReady(node)) return false
    return this.#options.now() - Date.parse(rollout.since) >= PROOF_DEADLINE_MS
  }

  /** In the order of their names, numbers by their value. */
  #nodesOf(group: string): readonly Readonly<SeiNode>[] {
    const nodes = this.#options.nodesInGroup(group).filter(node => !isTerminating(node))
    return nodes.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true }))
  }

  #policyOf(group: string, underway: readonly Readonly<SeiNode>[]): RolloutPolicy {
    if (!isPoolGroup(group)) return { kind: 'count', maxRestarting: this.#options.maxRestarting }
    const haltedSince = this.haltedSince(group)
    // A change may be why the chain stopped after it: nobody else gets it then.
    const isStalled = underway.every(node => isOlderHalt(haltedSince, this.#changedAt(node)))
    return { kind: 'quorum', isStalled: haltedSince !== undefined && isStalled }
  }

  /** When the node's rollout began, milliseconds since the epoch: now, if its status does not have it yet. */
  #changedAt({ status }: Readonly<SeiNode>): number {
    return status?.rollout?.phase === 'Underway' ? Date.parse(status.rollout.since) : this.#options.now()
  }

  #memberOf(group: string, node: Readonly<SeiNode>, { isBlocked, isOutdated }: PoolFindings): RolloutMember {
    const key = keyOf(node)
    const pod = this.#podOf(node)
    return {
      key,
      change: isBlocked(node) || node.spec.paused === true ? 'blocked' : this.#changeOf(node, isOutdated(node)),
      health: this.#healthOf(group, node, pod),
      wasReady: this.#wasReady(node),
    }
  }

  /** As if the node of `key` alone were to restart. */
  #asStuckMember(group: string, node: Readonly<SeiNode>, key: string): RolloutMember {
    const member = this.#memberOf(group, node, NO_FINDINGS)
    if (member.key === key) return { ...member, change: 'waiting' }
    const isRestarting = isBeingRestarted(node.status?.stuckRestarts, this.#options.now())
    return { ...member, change: isRestarting || member.change === 'underway' ? 'underway' : 'none' }
  }

  #changeOf(node: Readonly<SeiNode>, isOutdated: boolean): RolloutMember['change'] {
    const { metadata, status } = node
    const isObserved = status?.observedGeneration === metadata.generation
    // A node that has one change and is to get another is the one to try it on.
    if (isOutdated) return 'waiting'
    if (this.isApproved(node) || !isObserved || status?.rollout?.phase === 'Underway') return 'underway'
    return status?.rollout?.phase === 'Waiting' ? 'waiting' : 'none'
  }

  /** A node of an earlier version of the operator may be ready and have no record of that. */
  #wasReady(node: Readonly<SeiNode>): boolean {
    return node.status?.initPlan?.caughtUpAt !== undefined || seidState(this.#podOf(node)).ready
  }

  #isEvaluable(node: Readonly<SeiNode>): boolean {
    const start = seidStart(this.#podOf(node))
    return start === undefined || this.#options.chain.isEvaluable(keyOf(node), start)
  }

  #podOf(node: Readonly<SeiNode>): Readonly<Pod> | undefined {
    return this.#options.pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
  }

  // Validators have to follow the chain; of the others the kubelet's probes say enough to put them in an order.
  #healthOf(group: string, node: Readonly<SeiNode>, pod: Readonly<Pod> | undefined): RolloutMember['health'] {
    const seid = seidState(pod)
    if (!seid.running) return node.status?.halt ? 'halted' : 'down'
    if (!isPoolGroup(group)) return seid.ready ? 'following' : 'behind'
    const { chain } = this.#options
    const [key, start] = [keyOf(node), seidStart(pod) ?? '']
    if (!chain.follows(key, start)) return 'behind'
    if (chain.track(key, start)?.last?.votingPower !== 0) return 'following'
    // Without its power since a change, it is a vote that the chain has lost.
    return node.status?.rollout?.phase === 'Underway' ? 'behind' : 'nonvoting'
  }
}

/**
 * Whether a halt cannot come from a change: it is older by more than the clocks of validators and operator differ.
 * @param haltedSince and `changedAt` milliseconds since the epoch
 */
export function isOlderHalt(haltedSince: number | undefined, changedAt: number): boolean {
  return haltedSince !== undefined && haltedSince + HALT_MARGIN_MS < changedAt
}

/** The SeiNodePool that the node is one of, else its chain: nodes of one group restart in turn. */
export function groupOf(node: Readonly<SeiNode>): string {
  const pool = poolOf(node)
  return pool === undefined ? `chain/${node.spec.chainId}` : poolGroup(node.metadata.namespace ?? '', pool)
}

export function poolGroup(namespace: string, pool: string): string {
  return `pool/${namespace}/${pool}`
}

function isPoolGroup(group: string): boolean {
  return group.startsWith('pool/')
}

/** The name of the SeiNodePool that the node is one of. */
export function poolOf({ metadata }: Readonly<SeiNode>): string | undefined {
  return metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'SeiNodePool')?.name
}

function blocked(member: RolloutMember): RolloutMember {
  return { ...member, change: 'blocked' }
}

function approvalOf({ metadata: { uid } }: Readonly<SeiNode>): string {
  return uid ?? ''
}
