/** What one start of seid has said of its chain so far: `Track`, extended by `answered`, `unanswered` and `sampled`. Pure. */

/** One answer of a seid. */
export interface ChainAnswer {
  /** 40 hex digits. */
  readonly nodeID: string | undefined
  /** The chain id that seid itself has. */
  readonly network: string | undefined
  /** Height of the last block that the node has; 0 before the first. */
  readonly height: number
  /** Time of that block, milliseconds since the epoch; undefined before the first. */
  readonly blockTime: number | undefined
  readonly isCatchingUp: boolean
  /** The highest block that its peers reported in block sync; 0 if seid does not say. */
  readonly maxPeerHeight: number
  /** Consensus address of its key, in hex. */
  readonly validatorAddress: string | undefined
  /** 0 if the key is not in the validator set; undefined if seid does not say. */
  readonly votingPower: number | undefined
  /** Connected peers; undefined if they were never queried. */
  readonly peers: number | undefined
}

/** A time on two clocks: durations are measured on the first, people read the second. */
export interface Moment {
  /** Monotonic, milliseconds. */
  readonly at: number
  /** Milliseconds since the epoch. */
  readonly wall: number
}

interface Heights {
  readonly height: number
  readonly maxPeerHeight: number
  /** Monotonic, milliseconds. */
  readonly at: number
}

export interface Track {
  /** The start of seid's container that the track is about. */
  readonly start: string
  /** The first query. */
  readonly askedSince: Moment
  /** The last answer, with its time; undefined until there is one. */
  readonly last: (ChainAnswer & Moment) | undefined
  /** Why the last query had no answer; undefined if it had one. */
  readonly silence: string | undefined
  /** When a higher block was last reported, or the first block. Monotonic, milliseconds. */
  readonly movedAt: number
  /** Since when it has had new blocks without a stall; undefined if it never had a new block. Monotonic, milliseconds. */
  readonly movingSince: number | undefined
  /** The height that it had first, or after the last stall: it cannot have signed what is below. */
  readonly movingFrom: number
  /** Earlier heights, oldest first, to measure the pace. */
  readonly earlier: readonly Heights[]
  /** Whether the validator signed the blocks that were sampled, newest last. */
  readonly signed: readonly boolean[]
}

/** Interval between the heights that are kept for the pace. Milliseconds. */
const PACE_STEP_MS = 60_000
const PACE_STEPS = 4
/** Samples of signatures that are kept. */
const SIGNED_SAMPLES = 12

/** @param stallMs a new block after a longer pause begins a new `movingSince` */
export function answered(
  before: Track | undefined,
  start: string,
  answer: ChainAnswer,
  now: Moment,
  stallMs: number,
): Track {
  const known = before?.start === start ? before : undefined
  const last = { ...answer, ...now, peers: answer.peers ?? known?.last?.peers }
  const heights = { height: answer.height, maxPeerHeight: answer.maxPeerHeight, at: now.at }
  if (!known?.last) {
    const { askedSince = now, signed = [] } = known ?? {}
    const movedAt = now.at
    const { height: movingFrom } = answer
    const moves = { movedAt, movingSince: undefined, movingFrom }
    return { start, askedSince, last, silence: undefined, ...moves, earlier: [heights], signed }
  }
  const isHigher = answer.height > known.last.height
  const hasPaused = now.at - known.movedAt >= stallMs
  const resumedAt = hasPaused ? now.at : (known.movingSince ?? known.movedAt)
  return {
    ...known,
    last,
    silence: undefined,
    movedAt: isHigher ? now.at : known.movedAt,
    movingSince: isHigher ? resumedAt : known.movingSince,
    movingFrom: isHigher && hasPaused ? answer.height : known.movingFrom,
    earlier: withStep(known.earlier, heights),
  }
}

export function unanswered(before: Track | undefined, start: string, silence: string, now: Moment): Track {
  if (before?.start === start) return { ...before, silence }
  return {
    start,
    askedSince: now,
    last: undefined,
    silence,
    movedAt: now.at,
    movingSince: undefined,
    movingFrom: 0,
    earlier: [],
    signed: [],
  }
}

/** @param hasSigned whether the node's validator signed a block; undefined forgets the earlier samples */
export function sampled(track: Track, hasSigned: boolean | undefined): Track {
  if (hasSigned === undefined) return track.signed.length === 0 ? track : { ...track, signed: [] }
  return { ...track, signed: [...track.signed, hasSigned].slice(-SIGNED_SAMPLES) }
}

/** Blocks per second of the node over the last minutes, and of the highest peer; undefined until they are known. */
export function paceOf({ last, earlier }: Track): { readonly own: number; readonly peers: number } | undefined {
  const [oldest] = earlier
  if (!last || !oldest || last.at <= oldest.at) return undefined
  const seconds = (last.at - oldest.at) / 1000
  const isReported = oldest.maxPeerHeight > 0 && last.maxPeerHeight > 0
  return {
    own: (last.height - oldest.height) / seconds,
    peers: isReported ? (last.maxPeerHeight - oldest.maxPeerHeight) / seconds : 0,
  }
}

function withStep(earlier: readonly Heights[], next: Heights): readonly Heights[] {
  const newest = earlier.at(-1)
  if (newest && next.at - newest.at < PACE_STEP_MS) return earlier
  return [...earlier, next].slice(-PACE_STEPS)
}
