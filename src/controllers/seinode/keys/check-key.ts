/** Finds out whether a validator may start seid with the key on its volume, and reserves the key: `checkKey`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../../../api/mode.ts'
import { INIT_CONTAINER } from '../../../api/names.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import { reportsKey } from '../../../build/validator-keys.ts'
import { ApiError, isConflict } from '../../../kube/errors.ts'
import { isEqualJson } from '../../../lib/equal-json.ts'
import {
  KEY_REFUSED_EXIT_CODE,
  type KeyReport,
  parseKeyReport,
  STATE_REFUSED_EXIT_CODE,
} from '../../../plan/key-report.ts'
import type { Holder } from '../../../plan/key-reservation.ts'
import { acceptsUnsigned, acceptsVolume, unsignedOn } from '../../../plan/volume-consent.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { containerStatus, mayRunSeid, wasSeidStarted } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { nodeWriter } from '../owner.ts'
import {
  type KeyFinding,
  keyInUse,
  keyNotUsable,
  reservationFailed,
  runsWithoutReservation,
  signingStateMissing,
  stateNotUsable,
  wasStopped,
} from './finding.ts'
import { lostPodMessage, podEnd } from '../children/release-pod.ts'
import { leaseName, releaseKeys, reserveKey } from './key-lease.ts'

export interface KeyInput {
  readonly node: Readonly<SeiNode>
  readonly pod: Readonly<Pod> | undefined
  readonly statefulSet: Readonly<StatefulSet> | undefined
  /** The claim that the pod mounts. */
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
}

export interface CheckedKey {
  /** With the address, and the reservation, in its status. */
  readonly node: Readonly<SeiNode>
  readonly key: KeyFinding
}

/** Rejects when the node or the Lease changed meanwhile: the reconcile is tried again. */
export async function checkKey(
  input: KeyInput,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<CheckedKey> {
  const { node } = input
  if (effectiveMode(node.spec) !== 'validator') return { node, key: { kind: 'none' } }
  const early = beforeReport(input, dependencies)
  if ('key' in early) return { node, key: early.key }
  return reserve(input, early.report, dependencies, signal)
}

interface FoundKey extends KeyReport {
  /** False where the report is lost; the address is that of the last one then. */
  readonly isStateKnown: boolean
}

function beforeReport(
  { node, pod, statefulSet }: KeyInput,
  { clock, stores }: NodeDependencies,
): { readonly key: KeyFinding } | { readonly report: FoundKey } {
  const address = node.status?.validator?.consensusAddress
  // Also one that another StatefulSet of this name made: no other pod can have its name.
  const standing = stores.pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
  // Also without the finalizer: who took it off may not know that the pod stays until it is deleted by force.
  const end = standing && podEnd(standing, clock.now())
  if (standing && end?.kind === 'lost') {
    const message = lostPodMessage(standing)
    return { key: { kind: 'refused', reason: 'MachineLost', message, isStopped: wasStopped(statefulSet) } }
  }
  if (!pod || isTerminating(pod)) {
    // A node that was stopped stays so for as long as the key is reserved for another.
    if (wasStopped(statefulSet) && address !== undefined)
      return { report: { address, height: undefined, isStateKnown: false } }
    const requeue = end?.kind === 'going on' && end.lostAt !== undefined ? end.lostAt - clock.now() : undefined
    return { key: unreported(requeue) }
  }
  const init = containerStatus(pod, INIT_CONTAINER)
  const ended = init?.state?.terminated ?? init?.lastState?.terminated
  // Also while it tries again: a condition that comes and goes with each attempt tells less.
  if (ended?.exitCode === KEY_REFUSED_EXIT_CODE || ended?.exitCode === STATE_REFUSED_EXIT_CODE) {
    const said = ended.message ?? 'the init container gave no reason'
    const message = ended.exitCode === STATE_REFUSED_EXIT_CODE ? stateNotUsable(said) : keyNotUsable(node, said)
    return { key: { kind: 'refused', reason: 'KeyNotUsable', message } }
  }
  const report = init?.state?.terminated?.exitCode === 0 ? parseKeyReport(init.state.terminated.message) : undefined
  if (reportsKey(pod) && report) return { report: { ...report, isStateKnown: true } }
  const hasRun = wasSeidStarted(pod)
  // The kubelet forgets the message of a container that was cleared away, and seid has run by it.
  if (hasRun && address !== undefined) return { report: { address, height: undefined, isStateKnown: false } }
  if (reportsKey(pod)) {
    if (init?.state?.terminated?.exitCode !== 0) return { key: unreported() }
    const message = keyNotUsable(node, 'the init container did not report the consensus address')
    return { key: { kind: 'refused', reason: 'KeyNotUsable', message } }
  }
  // It ran under an earlier version of the operator, and runs on until it is replaced.
  if (hasRun) return { key: { kind: 'none' } }
  const message =
    'the pod was created by an earlier version of the operator, which reports no consensus address; the pod is replaced first'
  return { key: { kind: 'waiting', message, isOldPod: true } }
}

function unreported(requeueAfterMs?: number): KeyFinding {
  const message = 'the pod has not reported the consensus address of its key yet'
  return { kind: 'waiting', message, ...(requeueAfterMs === undefined ? {} : { requeue: { requeueAfterMs } }) }
}

async function reserve(
  input: KeyInput,
  found: FoundKey,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<CheckedKey> {
  const { pod, statefulSet } = input
  const { address } = found
  const { reservations } = dependencies
  // In status before the Lease is asked for: what is known of a key must not be lost with its Lease.
  const node = await record(
    input.node,
    { ...input.node.status?.validator, consensusAddress: address },
    dependencies,
    signal,
  )
  const lease = { namespace: reservations.namespace, name: leaseName(address) }
  const isStopped = wasStopped(statefulSet)
  const requeue = { backoffMaxMs: 30_000 }
  const failed = (error: unknown): Extract<KeyFinding, { kind: 'refused' }> => {
    if (isConflict(error) || !(error instanceof ApiError)) throw error
    const message = reservationFailed(address, error.message, mayRunSeid(pod))
    return { kind: 'refused', reason: 'ReservationFailed', message, isStopped, requeue }
  }
  const decision = await reserveKey(node, address, dependencies, signal).catch(failed)
  if (decision.kind === 'refused') return { node, key: decision }
  if (decision.kind === 'taken') {
    const blocked = await record(node, { consensusAddress: address }, dependencies, signal)
    const { by, isThere } = decision
    if (mayRunSeid(pod)) {
      const message = runsWithoutReservation(holderOf(node), address, by, lease)
      return { node: blocked, key: { kind: 'refused', reason: 'KeyConflict', message, isStopped: true, requeue } }
    }
    const message = keyInUse(address, by, isThere, lease, reservations.watched, isStopped)
    return { node: blocked, key: { kind: 'refused', reason: 'KeyInUse', message, isStopped, requeue } }
  }
  const ours = await record(node, { consensusAddress: address, reservation: lease.name }, dependencies, signal)
  // The pod that had another key has ended, or this one could not have reported.
  const failure = found.isStateKnown && (await releaseKeys(ours, dependencies, signal, address).catch(failed))
  if (failure) return { node: ours, key: failure }
  return { node: ours, key: signingState(input, found) ?? reserved(address, pod, decision.rivals) }
}

function holderOf({ metadata: { namespace = '', name } }: Readonly<SeiNode>): Holder {
  return { namespace, name }
}

function reserved(
  address: string,
  pod: Readonly<Pod> | undefined,
  rivals: Extract<KeyFinding, { kind: 'reserved' }>['rivals'],
): KeyFinding {
  if (!pod) return unreported()
  return { kind: 'reserved', address, podUID: pod.metadata?.uid ?? '', rivals }
}

/**
 * Only for a key from outside the volume, and only until seid was let start on this volume: the record is the volume's
 * own from then on. A state that is lost from beside its key is never made anew.
 */
function signingState(
  { node, pod, claim }: KeyInput,
  { address, height, isStateKnown }: FoundKey,
): KeyFinding | undefined {
  if (!node.spec.validator?.signingKey || !isStateKnown || (height !== undefined && height > 0n)) return undefined
  if (mayRunSeid(pod)) return undefined
  const uid = claim?.metadata?.uid ?? ''
  const { initPlan } = node.status ?? {}
  const isKnownVolume = initPlan?.phase === 'Complete' && initPlan.volumeUID === uid
  if (height !== undefined && (isKnownVolume || acceptsUnsigned(node, uid))) return undefined
  // The consent to use the volume is not to be overwritten by the one to sign on it.
  const accept = acceptsVolume(node, uid) ? `${uid},${unsignedOn(uid)}` : unsignedOn(uid)
  const message = signingStateMissing(node, address, height, { name: childNames(node).dataVolume, accept })
  return { kind: 'refused', reason: 'SigningStateMissing', message }
}

async function record(
  node: Readonly<SeiNode>,
  validator: NonNullable<SeiNodeStatus['validator']>,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  if (isEqualJson(node.status?.validator ?? {}, validator)) return node
  return nodeWriter(dependencies).writeStatus(node, { ...node.status, validator }, signal)
}
