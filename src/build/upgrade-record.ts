/** The annotation of a claim on the upgrades that the state on its volume has been through: `upgradeRecord`, `upgradeAnnotation`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'

/** Written by the SeiNode controller alone, on claims of pools too. Earlier versions of the operator leave it. */
export const UPGRADE_ANNOTATION = 'sei.io/upgrade'

/** Images that are remembered as too old; the oldest are forgotten first. */
const MAX_EARLIER = 16

export interface UpgradeRecord {
  /** Height of the last upgrade that the node reached; 0 before the first. */
  readonly height: number
  readonly name?: string
  /** Image and overrides that the node got with it, or the image that it ran before the first. */
  readonly image: string
  readonly overrides?: Readonly<Record<string, string>>
  /** Images that stopped for an upgrade: the state needs a newer one. */
  readonly earlier: readonly string[]
  /** An image that stopped because the chain has yet to reach its upgrade, and the one that runs instead. */
  readonly early?: { readonly image: string; readonly name: string; readonly instead: string }
}

/** Undefined for a claim without the annotation, or with one that cannot be read. */
export function upgradeRecord(claim: Readonly<PersistentVolumeClaim> | undefined): UpgradeRecord | undefined {
  const text = claim?.metadata?.annotations?.[UPGRADE_ANNOTATION]
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function upgradeAnnotation({ earlier, ...record }: UpgradeRecord): string {
  return JSON.stringify({ ...record, earlier: [...new Set(earlier)].slice(-MAX_EARLIER) })
}

function isRecord(value: unknown): value is UpgradeRecord {
  if (!isObject(value) || !Number.isSafeInteger(value['height']) || !isText(value['image'])) return false
  const { name, earlier, early, overrides } = value
  if (name !== undefined && !isText(name)) return false
  if (!Array.isArray(earlier) || !earlier.every(isText)) return false
  if (overrides !== undefined && !(isObject(overrides) && Object.values(overrides).every(isText))) return false
  return early === undefined || (isObject(early) && [early['image'], early['name'], early['instead']].every(isText))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
