/** Whether a validator of a pool may be restarted now, by the rule of rollouts: `restartObstacle`; in which order: `inRestartOrder`. Pure. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { tolerableLosses } from '../../build/pool/quorum.ts'
import { seidState } from '../../controllers/shared/pods/pod-state.ts'
import { findCondition } from '../../lib/conditions.ts'
import { byHealth, nextToRestart, type RolloutMember } from '../../plan/restart-order.ts'
import { isBeingRestarted } from '../../plan/stuck-restart.ts'

export interface PoolValidator {
  readonly node: SeiNode
  readonly pod: Pod | undefined
}

/**
 * Why the validator has to wait, in one sentence; undefined if it may be restarted.
 * @param validators of the pool, all of them
 */
export function restartObstacle(name: string, validators: readonly PoolValidator[], now: number): string | undefined {
  const members = validators.map(each => memberOf(each, each.node.metadata.name === name, now))
  const isStalled = validators.every(({ node }) => readyReason(node) === 'ChainHalted')
  if (nextToRestart(members, { kind: 'quorum', isStalled }).includes(name)) return undefined
  const others = members.filter(({ key }) => key !== name)
  const changing = others.filter(({ change }) => change === 'underway').map(({ key }) => key)
  if (changing.length > 0) return `${changing.join(', ')} restarts or gets a change now`
  const missing = others
    .filter(({ health }) => health !== 'following')
    .map(({ key, health }) => `${key} (${health === 'down' ? 'seid does not run' : 'not seen to follow the chain'})`)
  const spare = tolerableLosses(validators.length)
  return `the chain cannot spare another of its ${validators.length} validators, of which it can lose ${spare}: ${missing.join(', ')}`
}

/** Those that do not follow the chain come first: no other may restart before they follow it again. */
export function inRestartOrder(validators: readonly PoolValidator[]): readonly PoolValidator[] {
  return validators
    .map(each => ({ each, health: healthOf(each.node, each.pod) }))
    .toSorted(byHealth)
    .map(({ each }) => each)
}

function memberOf({ node, pod }: PoolValidator, isMeant: boolean, now: number): RolloutMember {
  const { status, metadata } = node
  const isChanging = status?.rollout?.phase === 'Underway' || isBeingRestarted(status?.stuckRestarts, now)
  const change = isMeant ? 'waiting' : isChanging || isTerminating(pod) ? 'underway' : 'none'
  return {
    key: metadata.name,
    change,
    health: healthOf(node, pod),
    wasReady: status?.chain?.firstFollowedAt !== undefined,
  }
}

function isTerminating(pod: Pod | undefined): boolean {
  return pod?.metadata?.deletionTimestamp !== undefined
}

function healthOf({ status }: SeiNode, pod: Pod | undefined): RolloutMember['health'] {
  if (!seidState(pod).running) return 'down'
  const isReady = findCondition(status?.conditions, 'Ready')?.status === 'True'
  return isReady && status?.chain?.state === 'Following' ? 'following' : 'behind'
}

function readyReason({ status }: SeiNode): string | undefined {
  return findCondition(status?.conditions, 'Ready')?.reason
}
