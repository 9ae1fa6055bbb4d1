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
  /** The last upgrade of the spec that the node reached. */
  readonly entry: Upgrade | undefined
  /** The first one that it has not. */
  readonly next: Upgrade | undefined
  /**
   * Why another image than `wanted` runs. `early`: the chain has yet to reach its upgrade. `outgrown`: it stopped for an
   * upgrade that the state has been through since.
   */
  readonly deviation: 'early' | 'outgrown' | undefined
}

export function effectiveUpgrade(spec: Spec, record: UpgradeRecord | undefined): EffectiveUpgrade {
  const last = record?.height ?? 0
  const entry = spec.upgrades?.findLast(({ height }) => height <= last)
  const next = spec.upgrades?.find(({ height }) => height > last)
  const wanted = entry?.image ?? spec.image
  const common = { wanted, entry, next }
  const withOverrides = (own: Readonly<Record<string, string>> | undefined): SeiNodeSpec['overrides'] =>
    own === undefined ? spec.overrides : { ...spec.overrides, ...own }
  if (record?.early?.image === wanted)
    return { ...common, image: record.early.instead, overrides: withOverrides(entry?.overrides), deviation: 'early' }
  if (record && wanted !== record.image && record.earlier.includes(wanted))
    return { ...common, image: record.image, overrides: withOverrides(record.overrides), deviation: 'outgrown' }
  return { ...common, image: wanted, overrides: withOverrides(entry?.overrides), deviation: undefined }
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

export interface UpgradeFacts {
  readonly spec: Spec
  readonly record: UpgradeRecord | undefined
  /** What the seid said that ended last with the image in effect; undefined for another image, or if it said nothing. */
  readonly report: UpgradeReport | undefined
  /** The image that the pod had before the one in effect. */
  readonly previousImage: string | undefined
  /** The highest block that is known of the chain; undefined if none is. */
  readonly headHeight: number | undefined
}

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
  if (due && height > (record?.height ?? 0)) {
    return due.name === undefined || due.name === name
      ? reached(facts, { ...due, name })
      : { kind: 'needed', need: { kind: 'misnamed', name, height, expected: due.name } }
  }
  if (now.deviation === 'early' && record?.early?.name === name)
    return reached(facts, { height: Math.max(height, record.height), name, image: now.wanted })
  // The upgrade of this height is the one whose image runs.
  if (due) return { kind: 'needed', need: { kind: 'lacking', name, height, image: now.image } }
  return { kind: 'needed', need: { kind: 'absent', name, height } }
}

function afterUpgrade(facts: UpgradeFacts, { name }: Extract<UpgradeReport, { kind: 'missing' }>): UpgradeStep {
  const { spec, record, headHeight = Number.POSITIVE_INFINITY } = facts
  const now = effectiveUpgrade(spec, record)
  const height = record?.height ?? 0
  if (now.deviation === 'early') {
    return record?.early?.name === name
      ? reached(facts, { height: record.height, name, image: now.wanted })
      : { kind: 'needed', need: { kind: 'absent', name } }
  }
  const named = spec.upgrades?.find(upgrade => upgrade.name === name)
  if (named && named.height <= height)
    return { kind: 'needed', need: { kind: 'lacking', name, height: named.height, image: now.image } }
  const due = named ?? now.next
  // One that the chain has not reached cannot be the one that the state has been through.
  if (!due || due.height > headHeight) return { kind: 'needed', need: { kind: 'absent', name } }
  return reached(facts, due)
}

function beforeUpgrade(facts: UpgradeFacts, { name }: Extract<UpgradeReport, { kind: 'early' }>): UpgradeStep {
  const { spec, record, previousImage } = facts
  const { image, deviation } = effectiveUpgrade(spec, record)
  // The state has been through an upgrade that the image of before does not have.
  const isOutgrown = previousImage !== undefined && record?.earlier.includes(previousImage) === true
  if (deviation !== undefined || previousImage === undefined || previousImage === image || isOutgrown)
    return { kind: 'needed', need: { kind: 'early', name, image } }
  const before = record ?? { height: 0, image: previousImage, earlier: [] }
  return { kind: 'record', record: { ...before, early: { image, name, instead: previousImage } } }
}

/** The node goes on with another image: the one in effect is too old from now on. */
function reached(
  { spec, record }: UpgradeFacts,
  { height, name, image, overrides }: Pick<Upgrade, 'height' | 'name' | 'image' | 'overrides'>,
): UpgradeStep {
  const earlier = [...(record?.earlier ?? []), effectiveUpgrade(spec, record).image].filter(each => each !== image)
  return {
    kind: 'record',
    record: {
      height,
      ...(name === undefined ? {} : { name }),
      image,
      ...(overrides === undefined ? {} : { overrides }),
      earlier,
    },
  }
}

/** The record follows a spec that was corrected or tidied up. */
function keptUp({ spec, record }: UpgradeFacts): UpgradeStep {
  if (!record) return { kind: 'none' }
  const { wanted, entry, deviation } = effectiveUpgrade(spec, record)
  const { overrides: _, early, ...rest } = record
  if (deviation !== undefined || (record.height === 0 && !early)) return { kind: 'none' }
  const overrides = entry?.overrides ?? {}
  if (record.image === wanted && !early && isEqualJson(record.overrides ?? {}, overrides)) return { kind: 'none' }
  const own = Object.keys(overrides).length === 0 ? {} : { overrides }
  return { kind: 'record', record: { ...rest, image: wanted, ...own } }
}
