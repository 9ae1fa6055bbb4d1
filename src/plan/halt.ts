/** Whether a node is halted at `spec.haltHeight`: `evaluateHalt`, from what its pod reports (`parseHeight`, `parseHalted`). Pure. */

/**
 * What the pod reports of the last block on its volume; `unknown` with what seid said where it has no command that tells;
 * `unreadable` where that command failed: the guard in front of seid tries again, and says why.
 */
export type ReportedHeight = { readonly height: number } | { readonly unknown: string } | 'unreadable'

/** Where a node is halted. */
export interface Halt {
  /** Of the last block on its volume. */
  readonly height: number
  /** The value of `spec.haltHeight`. */
  readonly targetHeight: number
}

export type HaltFinding =
  /** The spec has no height. */
  | { readonly kind: 'none' }
  /** The node is below its height, as far as is known. */
  | { readonly kind: 'pending' }
  /** The height of the volume cannot be read: the guard decides at each start of seid. */
  | { readonly kind: 'unreadable' }
  /** seid ends at the height; the image's seid has no command that tells the height of its volume, so nothing keeps it from starting again. */
  | { readonly kind: 'unchecked'; readonly message: string }
  /** The volume is at the height or beyond, and seid must not start. */
  | (Halt & { readonly kind: 'halted' })

export interface HaltFacts {
  /** The value of `spec.haltHeight`. */
  readonly targetHeight: number | undefined
  /** Of the present pod, as it started; undefined if there is none, or it has not reported yet. */
  readonly reported: ReportedHeight | undefined
  /** Height at which the present pod did not start seid again. */
  readonly refusedAt: number | undefined
  /** Of `status.halt`: where it was halted when somebody knew last; undefined where the volume was bootstrapped since. */
  readonly storedHeight: number | undefined
}

/**
 * The newest report counts: seid may have run since the pod started, and a volume may have been replaced since the status was
 * written. What is stored says nothing of a volume that cannot be read: it may be damaged, and repaired by another state. The
 * guard decides at each start there, so the pod shows what is wrong, and that it is mended.
 */
export function evaluateHalt({ targetHeight, reported, refusedAt, storedHeight }: HaltFacts): HaltFinding {
  if (targetHeight === undefined) return { kind: 'none' }
  if (refusedAt !== undefined && refusedAt >= targetHeight) return { kind: 'halted', height: refusedAt, targetHeight }
  if (reported === 'unreadable') return { kind: 'unreadable' }
  const unknown = reported && 'unknown' in reported ? reported.unknown : undefined
  const height = refusedAt ?? (reported && 'height' in reported ? reported.height : storedHeight) ?? 0
  if (height >= targetHeight) return { kind: 'halted', height, targetHeight }
  return unknown === undefined ? { kind: 'pending' } : { kind: 'unchecked', message: unknown }
}

/** Where the node is halted, in words. */
export function haltMessage({ height, targetHeight }: Halt): string {
  const beyond = height - targetHeight
  const where =
    beyond === 0 ? '' : `, ${beyond} ${beyond === 1 ? 'block' : 'blocks'} beyond spec.haltHeight ${targetHeight}`
  return `seid is halted at height ${height}${where}. To continue, raise or remove spec.haltHeight`
}

const HEIGHT = /^height (?:(\d{1,15})|unknown|(unreadable))(?:\n([^]*))?$/
const HALTED = /^halted (\d{1,15})$/

/** Undefined where the termination message is no report. */
export function parseHeight(message: string | undefined): ReportedHeight | undefined {
  const found = HEIGHT.exec((message ?? '').trimEnd())
  if (!found) return undefined
  const [, height, unreadable, said = ''] = found
  if (unreadable !== undefined) return 'unreadable'
  return height === undefined ? { unknown: said.trim() } : { height: Number(height) }
}

/** Undefined where the termination message is another one. */
export function parseHalted(message: string | undefined): number | undefined {
  const height = HALTED.exec((message ?? '').trimEnd())?.[1]
  return height === undefined ? undefined : Number(height)
}
