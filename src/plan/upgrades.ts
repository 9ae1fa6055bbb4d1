/** Which image and overrides a node runs, by the upgrades that it reached: `effectiveUpgrade`; what follows from the end of its seid: `upgradeStep`. Pure. */
import type { SeiNodeSpec } from '../api/seinode.ts'
import type { Upgrade } from '../api/upgrades.ts'
import type { UpgradeRecord } from '../build/upgrade-record.ts'
import { isEqualJson } from '../lib/equal-json.ts'
import type { UpgradeReport } from './upgrade-report.ts'

type Spec = Pick<SeiNodeSpec, 'image' | 'overrides' | 'upgrades'>

/** What a node runs now. */
export interface EffectiveUpgrade {
  readonly image: string
  /** Those of the spec, and of the upgrade over them. */
  readonly overrides: SeiNodeSpec['overrides']
  /** The image that the spec names for what the node has reached. */
  readonly wanted: string
  /** The upgrade of the spec that names `wanted`; undefined where `image` of the spec does. */
  readonly entry: Upgrade | undefined
  /** The first one that it has not. */
  readonly next: Upgrade | undefined
  /**
   * Why another image than `wanted` runs. `early`: the chain has yet to reach its upgrade. `outgrown`: it stopped for an
   * upgrade that the state has been through since. `passed`: its entry is below what the node has reached, and is not what
   * it reached.
   */
  readonly deviation: 'early' | 'outgrown' | 'passed' | undefined
}

export function effectiveUpgrade(spec: Spec, record: UpgradeRecord | undefined): EffectiveUpgrade {
  const last = record?.height ?? 0
  const entry = reachedEntry(spec, record)
  const next = spec.upgrades?.find(({ height }) => height > last)
  const wanted = entry?.image ?? spec.image
  const common = { wanted, entry, next }
  const withOverrides = (own: Readonly<Record<string, string>> | undefined): SeiNodeSpec['overrides'] =>
    own === undefined ? spec.overrides : { ...spec.overrides, ...own }
  if (record?.early?.image === wanted)
    return { ...common, image: record.early.instead, overrides: withOverrides(entry?.overrides), deviation: 'early' }
  if (record && wanted !== record.image) {
    const held = { ...common, image: record.image, overrides: withOverrides(record.overrides) }
    if (record.earlier.includes(wanted)) return { ...held, deviation: 'outgrown' }
    if (entry && entry.height < last) return { ...held, deviation: 'passed' }
  }
  return { ...common, image: wanted, overrides: withOverrides(entry?.overrides), deviation: undefined }
}

/**
 * That of the recorded height, or the one with the recorded image. A height below it alone does not make an entry one that
 * the node has reached: an entry that is added there must not change what runs. `image` of the spec is newer than the
 * entries that are left, as where the spec was tidied up, unless it is known to be older: then it is the image of before them.
 */
function reachedEntry({ image, upgrades = [] }: Spec, record: UpgradeRecord | undefined): Upgrade | undefined {
  if (!record) return undefined
  const passed = upgrades.filter(({ height }) => height <= record.height)
  const last = passed.at(-1)
  if (last?.height === record.height) return last
  const same = passed.findLast(upgrade => upgrade.image === record.image)
  const isOlder = record.earlier.includes(image) || passed.some(upgrade => upgrade.image === image)
  return same ?? (isOlder ? last : undefined)
}

/** The spec with the image and the overrides that are in effect. */
export function effectiveSpec<S extends Spec>(spec: S, { image, overrides }: EffectiveUpgrade): S {
  if (image === spec.image && overrides === spec.overrides) return spec
  return { ...spec, image, ...(overrides === undefined ? {} : { overrides }) }
}

/** Whether a node that runs `image` stops, as the record says: nothing is lost by replacing it. */
export function isKnownToStop(image: string | undefined, record: UpgradeRecord | undefined): boolean {
  if (image === undefined || !record) return false
  return record.earlier.includes(image) || record.early?.image === image
}

/** Why a node that stands at an upgrade has no image for it. */
export type UpgradeNeed =
  /** The spec has no upgrade of that height, or none that is left to try. */
  | { readonly kind: 'absent'; readonly name: string; readonly height?: number }
  /**
   * The state has been through it, and cannot have been at the height of the entry of its name, or of the next one: that is
   * beyond the chain, or below what the node has reached.
   */
  | { readonly kind: 'misplaced'; readonly name: string; readonly height: number; readonly isNamed: boolean }
  /** The spec has one of that height, for a plan of another name. */
  | { readonly kind: 'misnamed'; readonly name: string; readonly height: number; readonly expected: string }
  /** The image that the spec names for it does not have it. */
  | { readonly kind: 'lacking'; readonly name: string; readonly height?: number; readonly image: string }
  /** The image has an upgrade that the chain has not reached, and the image before it is not known. */
  | { readonly kind: 'early'; readonly name: string; readonly image: string }

export type UpgradeStep =
  | { readonly kind: 'none' }
  /** The record that the claim gets before anything else changes. */
  | { readonly kind: 'record'; readonly record: UpgradeRecord }
  | { readonly kind: 'needed'; readonly need: UpgradeNeed }
  /** How far the chain is decides, and is about to be known. */
  | { readonly kind: 'awaiting' }

/** How far a chain is, and the state of one of its nodes. */
export interface ChainReach {
  /** The highest block that is known of the chain; undefined if none is. */
  readonly headHeight: number | undefined
  /**
   * `followed`: a node is at the head, so the chain is not beyond it. `awaited`: whoever can tell is about to be asked. `unknown`:
   * nobody tells.
   */
  readonly head: 'followed' | 'awaited' | 'unknown'
  /** The last block that is known of the state on the volume of the node; undefined if none is. */
  readonly ownHeight: number | undefined
}

export interface UpgradeFacts {
  readonly spec: Spec
  readonly record: UpgradeRecord | undefined
  /** What the seid said that ended last with the image in effect; undefined for another image, or if it said nothing. */
  readonly report: UpgradeReport | undefined
  /** The image that the pod had before the one in effect. */
  readonly previousImage: string | undefined
  readonly reach: ChainReach
  /** The image in effect is seen to follow the chain. */
  readonly isProven: boolean
}

/** Blocks that a node makes between two observations: the last one before its end is seldom seen. */
export const UNSEEN_BLOCKS = 200

/** An upgrade is reached by what the node's own seid said, never by a height. */
export function upgradeStep(facts: UpgradeFacts): UpgradeStep {
  const { report } = facts
  switch (report?.kind) {
    case 'needed':
      return atHeight(facts, report)
    case 'missing':
      return afterUpgrade(facts, report)
    case 'early':
      return beforeUpgrade(facts, report)
    case undefined:
      return keptUp(facts)
  }
}

function atHeight(facts: UpgradeFacts, { name, height }: Extract<UpgradeReport, { kind: 'needed' }>): UpgradeStep {
  const { spec, record } = facts
  const now = effectiveUpgrade(spec, record)
  const due = spec.upgrades?.find(upgrade => upgrade.height === height)
  // seid is right about the height: a record beyond it followed a wrong one in the spec.
  if (due && (height > (record?.height ?? 0) || isUntried(due.image, facts))) {
    return due.name === undefined || due.name === name
      ? reached(facts, { ...due, name })
      : { kind: 'needed', need: { kind: 'misnamed', name, height, expected: due.name } }
  }
  if (now.deviation === 'early' && record?.early?.name === name)
    return reached(facts, { ...earlyEntry(now), height: Math.max(height, record.height), name })
  // The upgrade of this height is the one whose image runs.
  if (due) return { kind: 'needed', need: { kind: 'lacking', name, height, image: now.image } }
  return { kind: 'needed', need: { kind: 'absent', name, height } }
}

function afterUpgrade(facts: UpgradeFacts, { name }: Extract<UpgradeReport, { kind: 'missing' }>): UpgradeStep {
  const { spec, record, reach } = facts
  const now = effectiveUpgrade(spec, record)
  const height = record?.height ?? 0
  if (now.deviation === 'early' && record?.early?.name === name)
    return reached(facts, { ...earlyEntry(now), height, name })
  const named = spec.upgrades?.find(upgrade => upgrade.name === name)
  if (named && named.height <= height) {
    const need = { name, height: named.height }
    return named.image === now.image
      ? { kind: 'needed', need: { ...need, kind: 'lacking', image: now.image } }
      : { kind: 'needed', need: { ...need, kind: 'misplaced', isNamed: true } }
  }
  const due = named ?? spec.upgrades?.find(upgrade => upgrade.height > height && isUntried(upgrade.image, facts))
  if (!due) return { kind: 'needed', need: { kind: 'absent', name } }
  switch (placeOf(due.height, named !== undefined, reach)) {
    case 'passed':
      return reached(facts, due)
    case 'awaited':
      return { kind: 'awaiting' }
    case 'ahead':
      return { kind: 'needed', need: { kind: 'misplaced', name, height: due.height, isNamed: named !== undefined } }
  }
}

/** Neither in effect, nor known to stop. */
function isUntried(image: string, { spec, record }: UpgradeFacts): boolean {
  return image !== effectiveUpgrade(spec, record).image && !isKnownToStop(image, record)
}

/**
 * Whether the state may have been through the upgrade of that height. One that the chain has not reached cannot be it. seid
 * itself tells for an entry with the name that it said, so that only what the chain has not reached speaks against it.
 */
function placeOf(
  height: number,
  isNamed: boolean,
  { headHeight, head, ownHeight }: ChainReach,
): 'passed' | 'awaited' | 'ahead' {
  if (head === 'followed' && headHeight !== undefined && height > headHeight) return 'ahead'
  if (!isNamed && ownHeight !== undefined && height > ownHeight + UNSEEN_BLOCKS) return 'ahead'
  if (height <= Math.max(headHeight ?? 0, ownHeight ?? 0)) return 'passed'
  return head === 'unknown' ? 'passed' : 'awaited'
}

function beforeUpgrade(facts: UpgradeFacts, { name }: Extract<UpgradeReport, { kind: 'early' }>): UpgradeStep {
  const { spec, record, previousImage } = facts
  const { image, deviation } = effectiveUpgrade(spec, record)
  // The upgrade that was recorded as reached is the one that the state has not been through.
  if (record && record.height > 0 && record.name === name) return steppedBack(facts, name, () => true)
  // The image of before may be one that the state has outgrown.
  const instead = [previousImage, record?.image].find(each => each !== undefined && isUntried(each, facts))
  if (deviation === undefined && instead !== undefined) {
    const before = record ?? { height: 0, image: instead, earlier: [] }
    return { kind: 'record', record: { ...before, early: { image, name, instead } } }
  }
  // An entry without a name was taken for one that the state has been through.
  if (record && record.height > 0 && record.name === undefined)
    return steppedBack(facts, name, each => isUntried(each, facts))
  return { kind: 'needed', need: { kind: 'early', name, image } }
}

/**
 * The record is ahead of the state: the node goes back to the entry before it, and on when seid says so. Where the spec was
 * tidied up since, the record has the image that stopped for the upgrade.
 */
function steppedBack(facts: UpgradeFacts, name: string, isUsable: (image: string) => boolean): UpgradeStep {
  const { spec, record, previousImage } = facts
  const { image } = effectiveUpgrade(spec, record)
  const { height = 0, earlier = [] } = record ?? {}
  const entries = (spec.upgrades ?? []).filter(each => each.height < height).toReversed()
  const images = [spec.image, earlier.at(-1), previousImage].filter(each => each !== undefined)
  // What ran just before the upgrade comes first: entries that are left over may be older.
  const isLast = (each: { readonly image: string }): number => (each.image === earlier.at(-1) ? 1 : 0)
  const target = [...entries, ...images.map(each => ({ height: 0, image: each }))]
    .toSorted((a, b) => isLast(b) - isLast(a))
    .find(each => each.image !== image && isUsable(each.image))
  if (!target) return { kind: 'needed', need: { kind: 'early', name, image } }
  return {
    kind: 'record',
    record: {
      ...recordOf(target),
      earlier: earlier.filter(each => each !== target.image),
      early: { image, name, instead: target.image },
    },
  }
}

/** What an early image gets with its upgrade. */
function earlyEntry({ wanted, entry }: EffectiveUpgrade): Pick<Upgrade, 'image' | 'overrides'> {
  return { image: wanted, ...(entry?.overrides === undefined ? {} : { overrides: entry.overrides }) }
}

type Reached = Pick<Upgrade, 'height' | 'name' | 'image' | 'overrides'>

function recordOf({ height, name, image, overrides }: Reached): Omit<UpgradeRecord, 'earlier'> {
  return {
    height,
    ...(name === undefined ? {} : { name }),
    image,
    ...(overrides === undefined ? {} : { overrides }),
  }
}

/** The node goes on with another image: the one in effect is too old from now on. */
function reached({ spec, record }: UpgradeFacts, upgrade: Reached): UpgradeStep {
  const { image } = effectiveUpgrade(spec, record)
  const earlier = [...(record?.earlier ?? []), image].filter(each => each !== upgrade.image)
  return { kind: 'record', record: { ...recordOf(upgrade), earlier } }
}

/**
 * The record follows a spec that was corrected or tidied up. It gets an image only when that is seen to work: the recorded
 * one is what the node falls back to.
 */
function keptUp({ spec, record, isProven }: UpgradeFacts): UpgradeStep {
  if (!record) return { kind: 'none' }
  const { wanted, entry, deviation } = effectiveUpgrade(spec, record)
  const { overrides: known, early, ...rest } = record
  if (deviation !== undefined || (record.height === 0 && !early)) return { kind: 'none' }
  const isFollowing = record.image === wanted || isProven
  const overrides = isFollowing ? entry?.overrides : known
  const image = isFollowing ? wanted : record.image
  // An entry that was tried too soon is still to come.
  const isToCome = early && spec.upgrades?.some(each => each.image === early.image && each.height > record.height)
  const isSame = record.image === image && isEqualJson(known ?? {}, overrides ?? {})
  if (isSame && (!early || isToCome)) return { kind: 'none' }
  const own = overrides === undefined || Object.keys(overrides).length === 0 ? {} : { overrides }
  return { kind: 'record', record: { ...rest, image, ...own, ...(early && isToCome ? { early } : {}) } }
}
