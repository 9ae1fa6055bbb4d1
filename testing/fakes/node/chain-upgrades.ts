/** Upgrades of fake chains: which image has which, and what a seid says that stops for one: `UpgradePlan`, `imageHas`, `upgradeEnd`. */
import { heightOf, writeHeight } from './block-store.ts'
import type { ProcessExit } from './container-process.ts'

/** What a chain has voted for. */
export interface UpgradePlan {
  /** A release, such as v6.5.0: images of this version and newer ones have it. */
  readonly name: string
  readonly height: number
  /** Its image may run before the height. */
  readonly isMinor?: boolean
}

/** The file of a volume with the names of the upgrades that its state has been through. */
const APPLIED = 'data/fake-applied-upgrades.json'
/** seid's own file, which says which upgrade was needed once. */
const UPGRADE_INFO = 'data/upgrade-info.json'

interface Files {
  read(path: string): string | undefined
  write(path: string, content: string): void
}

/** By the tag of the image, which may have a suffix: `seid:v6.5.0-corrected`. */
export function imageHas(image: string, name: string): boolean {
  const [own, wanted] = [image, name].map(text => /v(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number))
  if (!own || !wanted) return false
  const difference = own.map((part, i) => part - (wanted[i] ?? 0)).find(each => each !== 0)
  return (difference ?? 0) >= 0
}

export function appliedUpgrades(home: Files): readonly string[] {
  const names: readonly string[] = JSON.parse(home.read(APPLIED) ?? '[]')
  return names
}

export function applyUpgrade(home: Files, { name }: UpgradePlan): void {
  const names = appliedUpgrades(home)
  if (!names.includes(name)) home.write(APPLIED, JSON.stringify([...names, name]))
}

/**
 * How a seid ends that must not go on; undefined if it may. It walks through the plans in order.
 * @param height of the chain
 */
export function upgradeEnd(
  home: Files,
  image: string,
  plans: readonly UpgradePlan[],
  height: number,
): ProcessExit | undefined {
  const applied = appliedUpgrades(home)
  const lacking = applied.findLast(name => !imageHas(image, name))
  if (lacking !== undefined)
    return panic(`Wrong app version 0, upgrade handler is missing for ${lacking} upgrade plan`, '')
  for (const plan of plans) {
    if (applied.includes(plan.name)) continue
    const has = imageHas(image, plan.name)
    if (height >= plan.height - 1) {
      if (has) continue
      home.write(UPGRADE_INFO, JSON.stringify({ name: plan.name, height: plan.height }))
      // seid stores the block, and panics when it executes it.
      writeHeight(home, Math.max(heightOf(home), plan.height))
      const line = `UPGRADE "${plan.name}" NEEDED at height: ${plan.height}: `
      return panic(line, `${line}\n`)
    }
    if (has && plan.isMinor !== true)
      return panic(`BINARY UPDATED BEFORE TRIGGER! UPGRADE "${plan.name}" - in binary but not executed on chain`, '')
  }
  return undefined
}

/** Of one goroutine, longer than a termination message. */
const TRACE = Array.from(
  { length: 60 },
  (_, i) =>
    `github.com/sei-protocol/sei-chain/sei-tendermint/internal/consensus.(*State).frame${i}(0xc000f1)\n\t/go/consensus/state.go:${1000 + i} +0x1b`,
).join('\n')
/** As long as the kubelet keeps of a log. */
const MESSAGE_BYTES = 2048

/** As Go prints it: the trace pushes what was said out of the termination message. */
function panic(words: string, before: string): ProcessExit {
  const logged = `level=ERROR msg=${JSON.stringify(words)} logger=cosmos/x/upgrade`
  const log = `${logged}\n${before}panic: ${words} [recovered, repanicked]\n\ngoroutine 1 [running]:\n${TRACE}\n`
  return { exitCode: 2, message: log.slice(-MESSAGE_BYTES), log }
}

/** The answer of seid to a query of the plan: base64 of its protobuf; empty if there is none. */
export function encodedPlan(plan: UpgradePlan | undefined): string {
  if (!plan) return ''
  const name = Buffer.from(plan.name)
  const body = Buffer.concat([Buffer.of(0x0a, name.length), name, Buffer.of(0x12, 0x00, 0x18), varint(plan.height)])
  return Buffer.concat([Buffer.of(0x0a, body.length), body]).toString('base64')
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) + 128 : rest)
    if (rest < 128) return Buffer.from(bytes)
  }
}
