/** How many validators may sign, and how many may not: `registerKeyMetrics`. */
import { Gauge, type Registry } from 'prom-client'
import type { SeiNode } from '../../../api/seinode.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { Store } from '../../../runtime/store.ts'
import type { KeyReason } from './finding.ts'

/** `conflict`: it and another node run with one key. */
export const KEY_STATES = ['reserved', 'held', 'conflict'] as const
type KeyState = (typeof KEY_STATES)[number]

const STATES: Record<KeyReason, KeyState> = {
  KeyNotUsable: 'held',
  SigningStateMissing: 'held',
  KeyInUse: 'held',
  KeyConflict: 'conflict',
  ReservationFailed: 'held',
  MachineLost: 'held',
}

export function registerKeyMetrics(registry: Registry, nodes: Pick<Store<SeiNode>, 'values'>): void {
  const gauge = new Gauge({
    name: 'sei_validator_keys',
    help: 'Nodes of mode validator by what keeps them from signing; more than 0 in "conflict" is an alarm.',
    labelNames: ['state'],
    collect() {
      const counts: Record<KeyState, number> = { reserved: 0, held: 0, conflict: 0 }
      for (const node of nodes.values()) {
        const state = keyState(node)
        if (state) counts[state] += 1
      }
      for (const state of KEY_STATES) this.set({ state }, counts[state])
    },
    registers: [],
  })
  registry.registerMetric(gauge)
}

function keyState({ status }: Readonly<SeiNode>): KeyState | undefined {
  const reason = findCondition(status?.conditions ?? [], 'Progressing')?.reason ?? ''
  if (isKeyReason(reason)) return STATES[reason]
  return status?.validator?.reservation === undefined ? undefined : 'reserved'
}

function isKeyReason(reason: string): reason is KeyReason {
  return Object.hasOwn(STATES, reason)
}
