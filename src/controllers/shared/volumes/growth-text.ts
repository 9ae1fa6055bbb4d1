/** What the condition VolumeGrowth says of one volume: `growthFinding`; when to decide again: `growthDueAt`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { AutoGrow } from '../../../api/auto-grow.ts'
import type { GrowthReason } from '../../../api/growth-conditions.ts'
import { growthRecord } from '../../../build/claim-growth.ts'
import { capacityOf, requestOf } from '../../../build/claim-spec.ts'
import { unended } from '../../../lib/unended.ts'
import { coolDownMs, type GrowthDecision, type VolumeLevel } from '../../../volumes/growth.ts'
import { evaluateSize } from '../claims/claim-size.ts'
import type { VolumeFinding } from './observer.ts'
import { dayOf } from './record.ts'
import { gib, spaceText } from './space-text.ts'

export interface GrowthFinding {
  readonly reason: GrowthReason
  readonly message: string
}

export interface GrowthFindingFacts {
  readonly autoGrow: AutoGrow
  readonly claimName: string
  /** As it was left by the reconcile. */
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
  readonly className: string
  /** Made of the claim as the reconcile left it. */
  readonly decision: GrowthDecision
  readonly level: VolumeLevel | undefined
  /** A pod on a machine mounts the volume. */
  readonly isMounted: boolean
  readonly finding: VolumeFinding | undefined
  /** The API server's words, where it has refused a growth. */
  readonly refusal: string | undefined
}

/** Kubelets measure a volume once in a minute; a figure like the one before is no news. */
const MEASURE_MS = 60_000

export function growthFinding(facts: GrowthFindingFacts): GrowthFinding {
  const { autoGrow, claimName, claim, className, decision, refusal } = facts
  const name = `PersistentVolumeClaim ${claimName}`
  const capacity = (claim && capacityOf(claim)) ?? ''
  switch (decision.kind) {
    case 'not-allowed': {
      const message = `${name} cannot grow: StorageClass ${className} does not let volumes grow. Set allowVolumeExpansion: true on it`
      return { reason: 'GrowthNotAllowed', message }
    }
    case 'unbound':
      return { reason: 'NotBound', message: `${name} is not bound to a volume that the operator may resize` }
    case 'growing':
      return growing(name, facts)
    case 'unknown': {
      const message = `the use of ${name} is not known, so it does not grow: see the condition VolumeSpace of the SeiNode`
      return { reason: 'NotObserved', message }
    }
    case 'below': {
      const at = facts.finding?.kind === 'known' ? facts.finding.growth?.at : undefined
      const date = at === undefined ? '' : `, at today's pace on ${dayOf(at)}`
      const message = `${name} ${useText(facts)}; it grows from ${capacity} to ${decision.to} when ${autoGrow.whenUsedPercent} % are in use${date}`
      return { reason: 'BelowThreshold', message }
    }
    case 'at-max': {
      const message = `${name} has ${capacity}, and does not grow above spec.storage.autoGrow.maxSize (${autoGrow.maxSize})${facts.level ? `; it ${useText(facts)}` : ''}. Raise maxSize, or prune`
      return { reason: 'MaxSizeReached', message }
    }
    case 'unchanged': {
      const bytes = facts.level?.fileSystemBytes ?? 0
      const message = facts.isMounted
        ? `${name} has grown to ${capacity}, and its kubelet still reports a file system of ${gib(bytes)} GiB. It does not grow again before that changes`
        : `${name} has grown to ${capacity}. No pod mounts it, so nothing newer is known than a file system of ${gib(bytes)} GiB. It does not grow again before a pod mounts it`
      return { reason: 'Growing', message }
    }
    case 'outdated': {
      const grew = `${name} grew to ${capacity} at ${timeOf(decision.since)}`
      const message = facts.isMounted
        ? `${grew}, and its kubelet has not measured it since. It does not grow again before that`
        : `${grew}. No pod mounts it, so its use since is not known. It does not grow again before a pod mounts it`
      return { reason: 'Growing', message }
    }
    case 'cooling': {
      const last = timeOf(decision.until - coolDownMs(autoGrow))
      const message = `${name} ${useText(facts)}; it last grew at ${last}, and grows from ${capacity} to ${decision.to} at ${timeOf(decision.until)}, after spec.storage.autoGrow.coolDown (${autoGrow.coolDown})`
      return { reason: 'CoolingDown', message }
    }
    case 'due': {
      if (refusal === undefined)
        return { reason: 'Growing', message: `${name} ${useText(facts)}; it grows to ${decision.to} next` }
      const message = `${name} ${useText(facts)}, and the API server refuses that it grows from ${capacity} to ${decision.to}: ${unended(refusal)}. Correct the cause; the operator retries`
      return { reason: 'GrowthRefused', message }
    }
  }
}

function growing(name: string, facts: GrowthFindingFacts): GrowthFinding {
  const { claim, autoGrow } = facts
  const size = claim && evaluateSize({ wanted: undefined, claim, canGrow: true, refusal: undefined })
  if (size?.reason === 'ExpansionFailed') return { reason: 'GrowthFailed', message: size.message }
  const record = growthRecord(claim)
  const isOurs = claim !== undefined && record?.to !== undefined && record.to === requestOf(claim)
  const next = isOurs
    ? `. It grows again at ${timeOf(Date.parse(record.at) + coolDownMs(autoGrow))} at the earliest`
    : ''
  const use = facts.level ? `${name} ${useText(facts)}. ` : ''
  const wait = size?.message ?? `${name} is being resized by its driver`
  return { reason: 'Growing', message: `${use}${wait}${next}` }
}

/** Words that follow the name of the claim. */
function useText({ finding, level }: GrowthFindingFacts): string {
  if (finding?.kind === 'known') return spaceText(finding.space)
  return level
    ? `was ${Math.round(level.percent)} % full when its kubelet last reported it`
    : 'has a use that is not known'
}

/** When a decision is to be made anew though nothing tells, milliseconds since the epoch. */
export function growthDueAt(decision: GrowthDecision, now: number): number | undefined {
  if (decision.kind === 'outdated') return now + MEASURE_MS
  return decision.kind === 'cooling' ? decision.until : undefined
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
