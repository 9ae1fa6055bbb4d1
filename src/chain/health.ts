/** How the nodes of one network follow its chain, evaluated together: `evaluateChain`; for rollouts, `follows` and `haltedSince`. Pure. */
import { paceOf, type Track } from './track.ts'

/** A node of the network whose seid runs. */
export interface ChainMember {
  /** Namespace and name of the SeiNode. */
  readonly key: string
  readonly track: Track
  /** What was said of this start of seid before, by this process or the one that it replaced. */
  readonly before: ChainHealth['kind'] | undefined
}

export interface HealthSettings {
  /** A node that is in sync and has no new block for this long stands still. Milliseconds. */
  readonly stallMs: number
  /** A seid that has not answered for this long is Unknown. Milliseconds. */
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
  /** Time of the last block, or when it was reported; milliseconds since the epoch. */
  readonly since: number
  /** Its key is in the validator set. */
  readonly isValidator: boolean
}

/** How a node follows its chain. */
export type ChainHealth =
  | { readonly kind: 'Following'; readonly height: number }
  | {
      readonly kind: 'CatchingUp'
      readonly height: number
      /** Absent near the head of the chain, or if it is not known. */
      readonly blocksLeft?: number
      /** By how much the distance shrinks, blocks per second; absent if it grows or is not known yet. */
      readonly closing?: number
    }
  /** It stands still while the chain moves; without `headHeight`, no other node tells whether the chain moves. */
  | (Standing & { readonly kind: 'Stuck'; readonly headHeight?: number })
  | (Standing & { readonly kind: 'NoPeers' })
  /** Every node that answers stands still. */
  | (Standing & { readonly kind: 'ChainHalted'; readonly answering: number })
  | { readonly kind: 'WrongChain'; readonly height: number; readonly network: string }
  | { readonly kind: 'NotSigning'; readonly height: number; readonly record: SigningRecord }
  | { readonly kind: 'Unknown'; readonly silence: string; readonly since: number }

export interface ChainEvaluation {
  /** By key. A node that is absent keeps the health that it had: nothing new is known. */
  readonly healths: ReadonlyMap<string, ChainHealth>
  /** The highest block of a node that answers; 0 if none does. */
  readonly headHeight: number
}

/** A node this far behind the head is catching up, whatever it reports; it has caught up at half of it. Blocks. */
const LAG_BLOCKS = 200
/** Peers may be ahead by some blocks that a halted chain never decides. */
const PEER_TOLERANCE = 10
/** A node that fetches blocks stands still at times: while it loads its state, or runs a heavy block. */
const SYNC_PATIENCE = 4
/** Samples that are needed to say that a validator does not sign. */
const MIN_SAMPLES = 4
/** A rollout needs a block that is not older, whatever the interval of the queries. Milliseconds. */
const ROLLOUT_STALL_MS = 30_000
/** A validator that follows is sampled sooner than this where any node serves commits. Milliseconds. */
const UNSAMPLED_MS = 120_000

/**
 * @param chainID of the members' specs
 * @param now monotonic, milliseconds
 */
export function evaluateChain(
  chainID: string,
  members: readonly ChainMember[],
  now: number,
  settings: HealthSettings,
): ChainEvaluation {
  const answering = members
    .filter(({ track }) => isRecent(track, now, settings) && isOfChain(track, chainID))
    .map(({ track }) => track)
  const moving = answering.filter(track => isMoving(track, settings))
  const head = moving.reduce<Track | undefined>(
    (best, track) => (heightOf(track) > heightOf(best) ? track : best),
    undefined,
  )
  const chain = { chainID, head, moving, answering }
  const healths = new Map<string, ChainHealth>()
  for (const member of members) {
    const health = healthOf(member, chain, now, settings)
    if (health) healths.set(member.key, health)
  }
  return { healths, headHeight: Math.max(0, ...answering.map(heightOf)) }
}

/** What the nodes of a network say together. */
interface Chain {
  readonly chainID: string
  /** The node that moves and has the highest block. */
  readonly head: Track | undefined
  readonly moving: readonly Track[]
  readonly answering: readonly Track[]
}

function healthOf(member: ChainMember, chain: Chain, now: number, settings: HealthSettings): ChainHealth | undefined {
  const { track, before } = member
  const { last, silence, askedSince } = track
  if (!last || !isRecent(track, now, settings)) {
    const { at, wall } = last ?? askedSince
    if (silence === undefined || now - at < settings.silentMs) return undefined
    return { kind: 'Unknown', silence, since: wall }
  }
  const { height, network } = last
  if (network !== undefined && network !== chain.chainID) return { kind: 'WrongChain', height, network }
  const patience = last.isCatchingUp ? SYNC_PATIENCE : 1
  if (last.at - track.movedAt >= settings.stallMs * patience) return standing(track, chain, settings)
  const lag = lagOf(track, chain.head)
  const isBehind = lag > (before === 'CatchingUp' ? LAG_BLOCKS / 2 : LAG_BLOCKS)
  if (last.isCatchingUp || isBehind) return catchingUp(track, lag, chain.head)
  if (!isMoving(track, settings)) return undefined
  // A validator that did not sign may have to be sampled again.
  if (before === 'NotSigning' && hasPower(track) && track.signed.length < MIN_SAMPLES) return undefined
  const record = missing(track, before, settings)
  return record ? { kind: 'NotSigning', height, record } : { kind: 'Following', height }
}

function standing(track: Track, chain: Chain, settings: HealthSettings): ChainHealth | undefined {
  const { last, movedAt } = track
  if (!last) return undefined
  const { height, blockTime, peers, maxPeerHeight } = last
  const since = blockTime ?? last.wall - (last.at - movedAt)
  const common = { height, since, isValidator: hasPower(track) }
  if (peers === 0) return { kind: 'NoPeers', ...common }
  // A node that catches up from below knows by its peers how far the chain is.
  const known = Math.max(maxPeerHeight, ...chain.answering.map(each => each.last?.maxPeerHeight ?? 0))
  if (known > height + PEER_TOLERANCE) return { kind: 'Stuck', headHeight: known, ...common }
  if (chain.head && heightOf(chain.head) > height) {
    // After a halt, some nodes are queried before others: only a chain that has moved for a while leaves a node behind.
    const ahead = chain.moving.filter(each => heightOf(each) > height)
    const movingSince = Math.min(...ahead.map(each => each.movingSince ?? each.movedAt))
    const isLeftBehind = last.at - movingSince >= settings.stallMs
    return isLeftBehind ? { kind: 'Stuck', headHeight: heightOf(chain.head), ...common } : undefined
  }
  return chain.answering.length === 1 && !hasPower(track)
    ? { kind: 'Stuck', ...common }
    : { kind: 'ChainHalted', answering: chain.answering.length, ...common }
}

/** Blocks between the node and the highest that is known, at the time of the node's answer. */
function lagOf({ last }: Track, head: Track | undefined): number {
  if (!last) return 0
  const elapsed = head?.last ? (head.last.at - last.at) / 1000 : 0
  const headHeight = head ? heightOf(head) - elapsed * (paceOf(head)?.own ?? 0) : 0
  // Any peer may claim any height. It counts in block sync, where seid relies on it, and where no other node is known.
  const peerHeight = last.isCatchingUp || !head || head.last === last ? last.maxPeerHeight : 0
  return Math.max(peerHeight, Math.round(headHeight)) - last.height
}

function catchingUp(track: Track, lag: number, head: Track | undefined): ChainHealth {
  const height = heightOf(track)
  if (lag <= LAG_BLOCKS) return { kind: 'CatchingUp', height }
  const pace = paceOf(track)
  const closing = pace && pace.own - Math.max(pace.peers, (head && head !== track && paceOf(head)?.own) || 0)
  return { kind: 'CatchingUp', height, blocksLeft: lag, ...(closing !== undefined && closing > 0 && { closing }) }
}

/** A validator that does not sign has to sign much more than half of it before it counts as signing again. */
function missing(
  { last, signed }: Track,
  before: ChainHealth['kind'] | undefined,
  { missedShare }: HealthSettings,
): SigningRecord | undefined {
  if (!last?.votingPower || signed.length < MIN_SAMPLES) return undefined
  const missed = signed.filter(hasSigned => !hasSigned).length
  const limit = before === 'NotSigning' ? missedShare / 2 : missedShare
  return missed > limit * signed.length ? { missed, sampled: signed.length } : undefined
}

function hasPower({ last }: Track): boolean {
  return (last?.votingPower ?? 0) > 0
}

function heightOf(track: Track | undefined): number {
  return track?.last?.height ?? -1
}

/** Whether what the node said is still worth something. */
function isRecent({ last }: Track, now: number, { silentMs }: HealthSettings): boolean {
  return last !== undefined && now - last.at < silentMs
}

function isOfChain({ last }: Track, chainID: string): boolean {
  return last?.network === undefined || last.network === chainID
}

/** When it answered last, it had a new block a short while before, by its answers or by the time of the block itself. */
function isMoving({ last, movedAt, movingSince }: Track, { stallMs }: HealthSettings): boolean {
  if (!last || last.at - movedAt >= stallMs) return false
  if (movingSince !== undefined) return true
  return last.blockTime !== undefined && Math.abs(last.wall - last.blockTime) < stallMs
}

/**
 * Whether that start of seid answers, is not catching up, had a new block a short while ago, and signed the last block that
 * was sampled if it is a validator.
 */
export function follows(track: Track | undefined, start: string, now: number): boolean {
  if (track?.start !== start || track.movingSince === undefined || track.last?.isCatchingUp === true) return false
  return track.silence === undefined && now - track.movedAt < ROLLOUT_STALL_MS && isSigning(track, now)
}

/** Where no node serves commits, nobody can tell: the validator counts as signing after a while. */
function isSigning(track: Track, now: number): boolean {
  return track.signed.at(-1) ?? isUnsampledForLong(track, now)
}

function isUnsampledForLong(track: Track, now: number): boolean {
  return !hasPower(track) || now - (track.movingSince ?? now) >= UNSAMPLED_MS
}

/**
 * Whether a node was asked often enough to tell one that does not follow the chain from one that was not yet seen to. It
 * takes a second block, and a sampled signature of a validator; or a pause that is a stall.
 */
export function isEvaluable(track: Track | undefined, now: number, { stallMs }: HealthSettings): boolean {
  if (!track) return false
  if (track.silence !== undefined || track.last?.isCatchingUp === true || now - track.movedAt >= stallMs) return true
  return track.movingSince !== undefined && (track.signed.length > 0 || isUnsampledForLong(track, now))
}

/**
 * Since when a network of validators stands still, milliseconds since the epoch: enough of them answer, and none had a new
 * block for a while. Undefined if it does not. One that is ready and does not answer may make blocks. So may more than two
 * thirds that do not answer.
 */
export function haltedSince(
  validators: readonly { readonly track: Track | undefined; readonly isReady: boolean }[],
  now: number,
  settings: HealthSettings,
): number | undefined {
  const silent = validators.filter(
    ({ track }) => track?.silence !== undefined || !track || !isRecent(track, now, settings),
  )
  if (silent.length === validators.length || 3 * silent.length > 2 * validators.length) return undefined
  if (silent.some(({ isReady }) => isReady)) return undefined
  const answering = validators.filter(each => !silent.includes(each))
  const since = answering.map(({ track }) => track && standingSince(track, settings))
  return since.every(each => each !== undefined) ? Math.max(...since) : undefined
}

/** Since when the node has had no new block, by its answers or by the time of the block, whichever is earlier. */
function standingSince({ last, movedAt }: Track, { stallMs }: HealthSettings): number | undefined {
  if (!last || last.at - movedAt < stallMs) return undefined
  return Math.min(last.wall - (last.at - movedAt), last.blockTime ?? Number.POSITIVE_INFINITY)
}
