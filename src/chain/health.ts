/** How the nodes of one chain follow it, evaluated together: `evaluateChain`; for rollouts, `follows` and `isHalted`. Pure. */
import { paceOf, type Track } from './track.ts'

/** A node of the chain whose seid runs. */
export interface ChainMember {
  /** Namespace and name of the SeiNode. */
  readonly key: string
  readonly track: Track
}

export interface HealthSettings {
  /** A node that is in sync and had no new block for so long stands still. Milliseconds. */
  readonly stallMs: number
  /** A seid that did not answer for so long is not known any more. Milliseconds. */
  readonly silentMs: number
  /** A validator that misses more than this share of the sampled blocks does not sign, 0 to 1. */
  readonly missedShare: number
}

/** Blocks that a validator was to sign. */
export interface SigningRecord {
  readonly missed: number
  readonly sampled: number
}

interface Standing {
  readonly height: number
  /** Since when there has been no new block, milliseconds since the epoch. */
  readonly since: number
  /** Of the last block, milliseconds since the epoch. */
  readonly blockTime: number | undefined
  /** Present where the validator misses blocks that others make. */
  readonly notSigning?: SigningRecord
}

/** How a node follows its chain. */
export type ChainHealth =
  | { readonly kind: 'Following'; readonly height: number }
  /** Without figures where nothing tells how far the head of the chain is. */
  | {
      readonly kind: 'CatchingUp'
      readonly height: number
      readonly blocksLeft?: number
      /** How fast the distance shrinks; absent where it does not, or is not known yet. */
      readonly blocksPerSecond?: number
    }
  /** It stands still while the chain moves. */
  | (Standing & { readonly kind: 'Stuck'; readonly headHeight: number })
  | (Standing & { readonly kind: 'NoPeers' })
  /** Every node that answers stands still. */
  | (Standing & { readonly kind: 'ChainHalted'; readonly answering: number })
  | { readonly kind: 'WrongChain'; readonly height: number; readonly network: string }
  | { readonly kind: 'NotSigning'; readonly height: number; readonly record: SigningRecord }
  | { readonly kind: 'Unknown'; readonly silence: string; readonly since: number }

/** A node this far behind others is catching up, whatever it says. They are asked at different times. Blocks. */
const LAG_BLOCKS = 200
/** A node that fetches blocks stands still at times: while it loads its state, or runs a heavy block. */
const SYNC_PATIENCE = 4
/** Samples that it takes to say that a validator does not sign. */
const MIN_SAMPLES = 4

/**
 * @param chainID of the members' specs
 * @param now milliseconds since the epoch
 * @returns by key; a member that was not asked for long enough has no health yet
 */
export function evaluateChain(
  chainID: string,
  members: readonly ChainMember[],
  now: number,
  settings: HealthSettings,
): ReadonlyMap<string, ChainHealth> {
  const answering = members.filter(({ track }) => isAnswering(track, now, settings) && isOfChain(track, chainID))
  const moving = answering.filter(({ track }) => isMoving(track, now, settings))
  const head = Math.max(0, ...moving.map(({ track }) => track.last?.height ?? 0))
  const chain: Chain = { chainID, head, isMoving: moving.length > 0, answering: answering.length }
  const healths = new Map<string, ChainHealth>()
  for (const { key, track } of members) {
    const health = healthOf(track, chain, now, settings)
    if (health) healths.set(key, health)
  }
  return healths
}

/** What the nodes of a chain say together. */
interface Chain {
  readonly chainID: string
  /** The highest block of a node that moves; 0 where none does. */
  readonly head: number
  readonly isMoving: boolean
  /** Nodes that answer. */
  readonly answering: number
}

function healthOf(track: Track, chain: Chain, now: number, settings: HealthSettings): ChainHealth | undefined {
  const { last, silence, askedSince } = track
  if (!last || !isAnswering(track, now, settings)) {
    const since = last?.at ?? askedSince
    return now - since < settings.silentMs ? undefined : { kind: 'Unknown', silence: silence ?? 'no answer', since }
  }
  const { height, network } = last
  if (network !== undefined && network !== chain.chainID) return { kind: 'WrongChain', height, network }
  const isStanding = now - track.movedAt >= settings.stallMs * (last.isCatchingUp ? SYNC_PATIENCE : 1)
  // One that did not answer just now may have moved: it is either heard of soon, or Unknown.
  if (isStanding) return silence === undefined ? standing(track, chain, settings) : undefined
  const lag = Math.max(last.maxPeerHeight, chain.head) - height
  if (last.isCatchingUp || lag > LAG_BLOCKS) return catchingUp(track, lag)
  if (!isMoving(track, now, settings)) return { kind: 'CatchingUp', height }
  const record = missing(track, settings)
  return record ? { kind: 'NotSigning', height, record } : { kind: 'Following', height }
}

function standing(track: Track, chain: Chain, settings: HealthSettings): ChainHealth | undefined {
  const { last, movedAt } = track
  if (!last) return undefined
  const { height, blockTime, peers, maxPeerHeight } = last
  const notSigning = missing(track, settings)
  const common = { height, since: movedAt, blockTime, ...(notSigning && { notSigning }) }
  if (peers === 0) return { kind: 'NoPeers', ...common }
  const headHeight = Math.max(chain.head, maxPeerHeight)
  if (headHeight > height) return { kind: 'Stuck', headHeight, ...common }
  return { kind: 'ChainHalted', answering: chain.answering, ...common }
}

function catchingUp(track: Track, lag: number): ChainHealth {
  const height = track.last?.height ?? 0
  if (lag <= 0) return { kind: 'CatchingUp', height }
  const pace = paceOf(track)
  return {
    kind: 'CatchingUp',
    height,
    blocksLeft: lag,
    ...(pace !== undefined && pace > 0 && { blocksPerSecond: pace }),
  }
}

function missing({ last, signed }: Track, { missedShare }: HealthSettings): SigningRecord | undefined {
  if (!last || last.votingPower === 0 || signed.length < MIN_SAMPLES) return undefined
  const missed = signed.filter(hasSigned => !hasSigned).length
  return missed > missedShare * signed.length ? { missed, sampled: signed.length } : undefined
}

function isAnswering({ last, silence }: Track, now: number, { silentMs }: HealthSettings): boolean {
  return last !== undefined && (silence === undefined || now - last.at < silentMs)
}

function isOfChain({ last }: Track, chainID: string): boolean {
  return last?.network === undefined || last.network === chainID
}

/** It had a new block a short while ago, by what was heard or by the time of the block itself. */
function isMoving({ last, movedAt, hasMoved }: Track, now: number, { stallMs }: HealthSettings): boolean {
  if (!last || now - movedAt >= stallMs) return false
  return hasMoved || (last.height > 0 && last.blockTime !== undefined && Math.abs(now - last.blockTime) < stallMs)
}

/** Whether that pod is at the head of the chain and was seen to get a new block a short while ago. */
export function follows(track: Track | undefined, podUID: string, now: number, { stallMs }: HealthSettings): boolean {
  if (track?.podUID !== podUID || !track.hasMoved || track.last?.isCatchingUp === true) return false
  return now - track.movedAt < stallMs
}

/**
 * Whether a network of validators stands still: enough of them answer, and none had a new block for a while. One that is
 * ready and does not answer may make blocks; so may more than two thirds that do not.
 */
export function isHalted(
  validators: readonly { readonly track: Track | undefined; readonly isReady: boolean }[],
  now: number,
  { stallMs }: HealthSettings,
): boolean {
  const silent = validators.filter(({ track }) => !track?.last || track.silence !== undefined)
  if (silent.length === validators.length || 3 * silent.length > 2 * validators.length) return false
  if (silent.some(({ isReady }) => isReady)) return false
  return validators.every(({ track }) => !track?.last || now - track.movedAt >= stallMs)
}
