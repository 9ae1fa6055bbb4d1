/** Reserves consensus keys by Leases in the operator's namespace: `reserveKey`, `releaseKeys`, `readyBlock`; counts who may sign: `registerKeyMetrics`. */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { Gauge, type Registry } from 'prom-client'
import { CONSENSUS_ADDRESS_LABEL, FIELD_MANAGER } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { ApiError, isAlreadyExists, TransportError } from '../../../kube/errors.ts'
import { leases } from '../../../kube/resources.ts'
import { findCondition } from '../../../lib/conditions.ts'
import {
  type Claimant,
  decideReservation,
  holderIdentity,
  type ReservationDecision,
} from '../../../plan/key-reservation.ts'
import type { Store } from '../../../runtime/store.ts'
import { deleteObject } from '../../shared/deletion.ts'
import { mayRunSeid } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { type KeyFinding, type KeyReason, readyBlockOf, reservationFailed } from './finding.ts'

export type KeyDecision = Extract<ReservationDecision, { kind: 'ours' | 'taken' }>

/** `address` is in lower case (`parseKeyReport`). */
export function leaseName(address: string): string {
  return `sei-key-${address}`
}

/**
 * Takes the reservation where nobody else is entitled to it. Writes only what the caches say is missing, and never over a
 * Lease that changed meanwhile.
 * @throws ApiError where the Lease cannot be written; a conflict where it changed
 */
export async function reserveKey(
  node: Readonly<SeiNode>,
  address: string,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<KeyDecision> {
  const { client, stores, reservations } = dependencies
  const key = { namespace: reservations.namespace, name: leaseName(address) }
  const self = claimantOf(node, dependencies)
  const others = rivalsOf(node, address, dependencies)
  const decide = (lease: Readonly<Lease> | undefined): ReservationDecision =>
    decideReservation(
      self,
      lease && { holder: lease.spec?.holderIdentity },
      others,
      ({ namespace, name }) => stores.nodes.get(`${namespace}/${name}`) !== undefined,
    )
  let lease = stores.keyLeases.get(`${key.namespace}/${key.name}`)
  let decision = decide(lease)
  if (decision.kind === 'create') {
    const created = await create(leaseOf(key, address, self), dependencies, signal)
    if (created) return { kind: 'ours', rivals: others.filter(({ isRunning }) => isRunning) }
    // One that the cache has yet to hear of, or that lost its label.
    lease = await client.get(leases, key, { signal })
    decision = decide(lease)
  }
  if (decision.kind === 'take-over' && lease) {
    const { metadata, spec } = leaseOf(key, address, self)
    const labels = { ...lease.metadata?.labels, ...metadata?.labels }
    const taken = { ...lease, metadata: { ...lease.metadata, labels }, spec: { ...lease.spec, ...spec } }
    stores.keyLeases.observeWrite(await client.replace(leases, taken, { fieldManager: FIELD_MANAGER, signal }))
    return { kind: 'ours', rivals: others.filter(({ isRunning }) => isRunning) }
  }
  if (decision.kind === 'ours' || decision.kind === 'taken') return decision
  throw new Error(`Lease ${key.namespace}/${key.name}: it can neither be created, since it exists, nor be found`)
}

/** Asks the API server whether the reservation is the node's: the last word before seid may start. */
async function confirmKey(
  node: Readonly<SeiNode>,
  address: string,
  { client, reservations }: NodeDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const lease = await client.get(leases, { namespace: reservations.namespace, name: leaseName(address) }, { signal })
  return lease?.spec?.holderIdentity === identityOf(node)
}

/** Gives up what the node has reserved, but for `except`. Only where its seid has ended. */
export async function releaseKeys(
  node: Readonly<SeiNode>,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
  except?: string,
): Promise<void> {
  for (const lease of stores.leasesOfHolder(identityOf(node))) {
    if (except !== undefined && lease.metadata?.name === leaseName(except)) continue
    await deleteObject(client, leases, lease, signal)
  }
}

/** Other SeiNodes whose status has the address. */
function rivalsOf(
  node: Readonly<SeiNode>,
  address: string,
  dependencies: Pick<NodeDependencies, 'stores'>,
): readonly Claimant[] {
  return dependencies.stores
    .nodesOfKey(address)
    .filter(({ metadata }) => metadata.uid !== node.metadata.uid)
    .map(other => claimantOf(other, dependencies))
}

function claimantOf(node: Readonly<SeiNode>, { stores }: Pick<NodeDependencies, 'stores'>): Claimant {
  const { namespace = '', name, uid = '' } = node.metadata
  const { consensusAddress, reservation } = node.status?.validator ?? {}
  return {
    namespace,
    name,
    uid,
    // The Lease of another key, which the node had before, says nothing of this one.
    isReserved: consensusAddress !== undefined && reservation === leaseName(consensusAddress),
    isRunning: mayRunSeid(stores.pods.get(`${namespace}/${name}-0`)),
  }
}

function identityOf({ metadata: { namespace = '', name, uid = '' } }: Readonly<SeiNode>): string {
  return holderIdentity({ namespace, name, uid })
}

/** It has neither a duration nor a time of renewal: nothing but its holder says whose it is. */
function leaseOf(key: { readonly namespace: string; readonly name: string }, address: string, holder: Claimant): Lease {
  return {
    metadata: {
      ...key,
      labels: { 'app.kubernetes.io/managed-by': FIELD_MANAGER, [CONSENSUS_ADDRESS_LABEL]: address.slice(0, 63) },
    },
    spec: { holderIdentity: holderIdentity(holder) },
  }
}

async function create(lease: Lease, { client, stores }: NodeDependencies, signal: AbortSignal): Promise<boolean> {
  try {
    stores.keyLeases.observeWrite(await client.create(leases, lease, { fieldManager: FIELD_MANAGER, signal }))
    return true
  } catch (error) {
    if (isAlreadyExists(error)) return false
    throw error
  }
}

/** Why the sidecar may not be marked ready; undefined where it may. Rejects only when `signal` aborts. */
export async function readyBlock(
  node: Readonly<SeiNode>,
  key: KeyFinding,
  pod: Readonly<Pod> | undefined,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<string | undefined> {
  const block = readyBlockOf(key, pod?.metadata?.uid)
  if (block !== undefined || key.kind !== 'reserved') return block
  try {
    const isOurs = await confirmKey(node, key.address, dependencies, signal)
    return isOurs
      ? undefined
      : `the reservation of consensus key ${key.address} has changed; the operator checks it in the next reconcile`
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TransportError)) throw error
    return reservationFailed(key.address, error.message, mayRunSeid(pod))
  }
}

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
  const reason = findCondition(status?.conditions ?? [], 'Reconciling')?.reason ?? ''
  if (isKeyReason(reason)) return STATES[reason]
  return status?.validator?.reservation === undefined ? undefined : 'reserved'
}

function isKeyReason(reason: string): reason is KeyReason {
  return Object.hasOwn(STATES, reason)
}
