/** How a claim is by its status, never by its request: `evaluateSize`, and `claimHealth` for one that a node runs on. Pure. */
import type { PersistentVolumeClaim, PersistentVolumeClaimCondition } from 'kubernetes-types/core/v1.d.ts'
import { type StorageSize, wantedSize } from '../../../build/claim-growth.ts'
import { capacityOf, decideSize, requestOf } from '../../../build/claim-spec.ts'
import { compareQuantities } from '../../../lib/quantity.ts'
import { unended } from '../../../lib/unended.ts'
import { isTerminating } from '../deletion.ts'
import { type Owner, ownershipOf } from '../children/ownership.ts'

/** Reasons of the condition SpecValid, of both kinds. */
export interface SizeEvaluation {
  readonly reason:
    | 'DataVolumeTooSmall'
    | 'ExpansionNotAllowed'
    | 'ExpansionFailed'
    | 'ExpansionPending'
    | 'ResizeRefused'
  readonly message: string
}

export interface SizeFacts {
  /** Of the spec; undefined where it names none: the claim's request is then nobody's but its user's. */
  readonly wanted: string | undefined
  readonly claim: Readonly<PersistentVolumeClaim>
  readonly canGrow: boolean
  /** The API server's words, where it has just refused the request that `wanted` needs. */
  readonly refusal: string | undefined
  /** Who wants it, as the beginning of a sentence that the size ends. Default: `spec.storage.size is`. */
  readonly source?: string
}

/**
 * What a claim is asked for, and who asks: the spec's size, or the growth that the API server has just refused.
 * @param growsTo of a growth that was to be asked for in this reconcile
 */
export function askedSize(
  storage: StorageSize | undefined,
  claim: Readonly<PersistentVolumeClaim>,
  refusal: string | undefined,
  growsTo: string | undefined,
): Pick<SizeFacts, 'wanted' | 'refusal' | 'source'> {
  if (refusal !== undefined && growsTo !== undefined)
    return { wanted: growsTo, refusal, source: 'spec.storage.autoGrow asks for' }
  const wanted = wantedSize(storage, claim)
  const isGrown = wanted !== undefined && wanted !== String(storage?.size)
  return { wanted, refusal, ...(isGrown ? { source: 'spec.storage.autoGrow has asked for' } : {}) }
}

/** Undefined where the volume has what was asked for. */
export function evaluateSize(facts: SizeFacts): SizeEvaluation | undefined {
  return evaluateRequest(facts) ?? evaluateGrowth(facts)
}

/** Why the claim does not ask for what the spec wants. */
function evaluateRequest({
  wanted,
  claim,
  canGrow,
  refusal,
  source = 'spec.storage.size is',
}: SizeFacts): SizeEvaluation | undefined {
  const name = `PersistentVolumeClaim ${claim.metadata?.name}`
  const [requested, capacity] = [requestOf(claim), capacityOf(claim)]
  const asked = `${source} ${wanted}`
  const decision = decideSize(wanted, claim, canGrow)
  switch (decision.kind) {
    case 'keep':
      return undefined
    case 'unbound': {
      const message = `${asked}; ${name} asks for ${requested}, and is resized when it is bound to a volume`
      return { reason: 'ExpansionPending', message }
    }
    case 'no-growth': {
      const message = `${asked}, and ${name} stays at ${requested}: StorageClass ${claim.spec?.storageClassName} does not let volumes grow. Set allowVolumeExpansion: true on it`
      return { reason: 'ExpansionNotAllowed', message }
    }
    case 'below-capacity': {
      const message = `${asked}, and the volume of ${name} has ${capacity} already, which cannot shrink: set at least ${least(claim)}`
      return { reason: 'DataVolumeTooSmall', message }
    }
    case 'at-capacity': {
      const message = `${asked}, and ${name} has ${capacity} and asks for ${requested}: Kubernetes takes a request back only to a size above the capacity. Set spec.storage.size to more than ${capacity}${because(claim)}`
      return { reason: 'ResizeRefused', message }
    }
    case 'resize': {
      if (refusal === undefined) {
        return { reason: 'ExpansionPending', message: `${asked}; ${name} still asks for ${requested}` }
      }
      const isLowered = compareQuantities(decision.to, requested ?? decision.to) < 0
      const remedy = isLowered
        ? `Releases of Kubernetes below 1.32 take no request back: set spec.storage.size to ${requested} or more, or upgrade the cluster`
        : 'Correct the cause, such as a quota; the operator retries'
      const message = `${asked}, and the API server refuses that ${name}, which has ${capacity}, asks for it in place of ${requested}: ${unended(refusal)}. ${remedy}${because(claim)}`
      return { reason: 'ResizeRefused', message }
    }
  }
}

/** What a spec may ask for: the API server takes no request down to the capacity itself. */
function least(claim: Readonly<PersistentVolumeClaim>): string {
  const [requested, capacity = ''] = [requestOf(claim), capacityOf(claim)]
  const isGrowing = requested !== undefined && compareQuantities(requested, capacity) > 0
  return isGrowing ? `more than ${capacity}` : capacity
}

function because(claim: Readonly<PersistentVolumeClaim>): string {
  const failure = failureOf(claim)
  return failure === undefined ? '' : `. Its growth to ${requestOf(claim)} failed: ${failure}`
}

/** What became of a request above the capacity. */
function evaluateGrowth({ wanted, claim }: SizeFacts): SizeEvaluation | undefined {
  const [requested, capacity] = [requestOf(claim), capacityOf(claim)]
  if (requested === undefined || capacity === undefined || compareQuantities(requested, capacity) <= 0) return undefined
  const growth = `PersistentVolumeClaim ${claim.metadata?.name} was asked for ${requested} and has ${capacity}`
  const failure = failureOf(claim)
  if (failure === undefined) return { reason: 'ExpansionPending', message: `${growth}: ${waitOf(claim)}` }
  const remedy =
    wanted === undefined
      ? `Set spec.storage.size to another size above ${capacity}, or correct the cause`
      : `Set spec.storage.size to a size above ${capacity} that the driver can give, or correct the cause`
  return { reason: 'ExpansionFailed', message: `${growth}: ${failure}. ${remedy}; the driver retries` }
}

/** The driver's own words; undefined where nothing failed. */
function failureOf(claim: Readonly<PersistentVolumeClaim>): string | undefined {
  if (!isTried(claim)) return undefined
  const failed = conditionOf(claim, 'ControllerResizeError') ?? conditionOf(claim, 'NodeResizeError')
  const state = resizeStateOf(claim)
  // "Failed" is what the states were called before Kubernetes 1.31.
  const isFailed = /(Infeasible|Failed)$/.test(state)
  if (!failed && !isFailed) return undefined
  const words = failed?.message ?? failed?.reason ?? `its events have the driver's words`
  return isFailed ? `${state}: ${unended(words)}` : unended(words)
}

/** False: what the status tells is of an earlier request. A resizer that cannot take a growth back notes no size. */
function isTried(claim: Readonly<PersistentVolumeClaim>): boolean {
  const tried = claim.status?.allocatedResources?.storage
  return tried === undefined || compareQuantities(tried, requestOf(claim) ?? tried) === 0
}

function waitOf(claim: Readonly<PersistentVolumeClaim>): string {
  if (!isTried(claim)) return `the driver has not started to resize to that size`
  const pending = conditionOf(claim, 'FileSystemResizePending')
  const state = resizeStateOf(claim)
  if (pending || state.startsWith('NodeResize')) {
    const words = pending?.message === undefined ? '' : ` (${unended(pending.message)})`
    return `the disk has grown, but its file system has not yet grown${words}. If the driver supports it, the kubelet grows the file system while the pod runs. If this persists, delete the pod at a convenient time to restart it`
  }
  const resizing = conditionOf(claim, 'Resizing')
  if (resizing || state.startsWith('ControllerResize')) {
    return `the driver is growing the disk${resizing?.message === undefined ? '' : ` (${unended(resizing.message)})`}`
  }
  return 'the driver has not begun to grow the disk; if this persists, see the events of the claim'
}

function resizeStateOf(claim: Readonly<PersistentVolumeClaim>): string {
  return claim.status?.allocatedResourceStatuses?.storage ?? ''
}

function conditionOf(claim: Readonly<PersistentVolumeClaim>, type: string): PersistentVolumeClaimCondition | undefined {
  return claim.status?.conditions?.find(condition => condition.type === type && condition.status === 'True')
}

export type ClaimHealth =
  | { readonly kind: 'healthy' }
  /** No volume was provisioned yet. */
  | { readonly kind: 'pending' }
  /** It is deleted, or about to be, and goes when no pod uses it. */
  | { readonly kind: 'terminating' }
  /** Its PersistentVolume is gone. */
  | { readonly kind: 'lost' }
  /** Controlled by something else: it is used and not changed. */
  | { readonly kind: 'foreign'; readonly owner: string }
  /** The driver refuses a change of its attributes; in its words. */
  | { readonly kind: 'unmodified'; readonly message: string }

/** @param owner whose the claim has to be; undefined for one that others made */
export function claimHealth(claim: Readonly<PersistentVolumeClaim>, owner: Owner | undefined): ClaimHealth {
  const { phase, conditions = [] } = claim.status ?? {}
  const ownership = owner && ownershipOf(claim, owner)
  if (isTerminating(claim) || ownership?.kind === 'earlier') return { kind: 'terminating' }
  if (phase === 'Lost') return { kind: 'lost' }
  if (ownership?.kind === 'foreign') return { kind: 'foreign', owner: ownership.owner }
  if (phase === 'Pending') return { kind: 'pending' }
  const failed = conditions.find(({ type, status }) => type === 'ModifyVolumeError' && status === 'True')
  return failed ? { kind: 'unmodified', message: failed.message ?? failed.reason ?? '' } : { kind: 'healthy' }
}

/**
 * Whether a pod that stops can be followed by another. A claim that is being deleted goes for good with the last pod that
 * uses it; one whose volume is gone cannot be mounted again.
 */
export function survivesRestart({ kind }: ClaimHealth): boolean {
  return kind !== 'terminating' && kind !== 'lost'
}

/** Completes the sentence "PersistentVolumeClaim NAME ..." for a claim that a running pod uses. */
export function terminatingText(claim: Readonly<PersistentVolumeClaim>, pod: string, saves: string): string {
  const volume = claim.spec?.volumeName ?? ''
  return `is being deleted and will be removed, with its data, when pod ${pod} stops. Before that, ${saves}set the reclaim policy of PersistentVolume ${volume} to Retain: kubectl patch pv ${volume} --patch '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`
}
