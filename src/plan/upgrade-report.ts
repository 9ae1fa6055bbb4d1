/** What a seid that ended said of upgrades: `upgradeReport` reads its termination message or its log. Pure. */

export type UpgradeReport =
  /** The upgrade is due, and the binary does not have it. */
  | { readonly kind: 'needed'; readonly name: string; readonly height: number }
  /** The binary has an upgrade that the chain has voted for and not reached. */
  | { readonly kind: 'early'; readonly name: string }
  /** The state has been through an upgrade that the binary does not have. */
  | { readonly kind: 'missing'; readonly name: string }

// At the start of a line only, as seid writes them to stderr: what others made it log must not count.
const NEEDED = /^(?:panic: )?UPGRADE "([^"\n]{1,128})" NEEDED at height: ([0-9]{1,15})(?![0-9])/gm
const EARLY = /^(?:panic: )?BINARY UPDATED BEFORE TRIGGER! UPGRADE "([^"\n]{1,128})"/gm
const MISSING = /^(?:panic: )?Wrong app version [0-9]+, upgrade handler is missing for (\S{1,128}) upgrade plan/gm

/** The last of them; undefined if it said none. */
export function upgradeReport(text: string): UpgradeReport | undefined {
  const found = [
    ...[...text.matchAll(NEEDED)].map(({ index, 1: name = '', 2: height = '' }) => ({
      index,
      report: { kind: 'needed', name, height: Number(height) } as const,
    })),
    ...[...text.matchAll(EARLY)].map(({ index, 1: name = '' }) => ({
      index,
      report: { kind: 'early', name } as const,
    })),
    ...[...text.matchAll(MISSING)].map(({ index, 1: name = '' }) => ({
      index,
      report: { kind: 'missing', name } as const,
    })),
  ]
  return found.toSorted((a, b) => a.index - b.index).at(-1)?.report
}
