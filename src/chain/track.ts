/** What the seid of one pod has said of its chain so far: `Track`, carried on by `answered`, `unanswered` and `sampled`. Pure. */

/** One answer of a seid. */
export interface ChainAnswer {
  /** 40 hex digits. */
  readonly nodeID: string | undefined
  /** The chain id that seid itself has. */
  readonly network: string | undefined
  /** Of the last block that the node has; 0 before the first. */
  readonly height: number
  /** Of that block, milliseconds since the epoch. */
  readonly blockTime: number | undefined
  readonly isCatchingUp: boolean
  /** What its peers told in block sync; 0 where seid does not say. */
  readonly maxPeerHeight: number
  /** Consensus address of its key, in hex. */
  readonly validatorAddress: string | undefined
  /** 0 where the key is not in the validator set. */
  readonly votingPower: number
  /** Connected peers; undefined where it was never asked. */
  readonly peers: number | undefined
}

interface HeightAt {
  readonly height: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface Track {
  readonly podUID: string
  /** When the pod was first asked, milliseconds since the epoch. */
  readonly askedSince: number
  /** The last answer, with its time; undefined until there is one. */
  readonly last: (ChainAnswer & { readonly at: number }) | undefined
  /** Why the last question was not answered; undefined where it was. */
  readonly silence: string | undefined
  /** When a higher block was last heard of, or the first block; milliseconds since the epoch. */
  readonly movedAt: number
  /** This pod was heard of a lower height before. */
  readonly hasMoved: boolean
  /** Earlier heights, oldest first: what the pace is measured against. */
  readonly earlier: readonly HeightAt[]
  /** Whether the validator signed the blocks that were sampled, newest last. */
  readonly signed: readonly boolean[]
}

/** Between the heights that are kept for the pace. Milliseconds. */
const PACE_STEP_MS = 60_000
const PACE_STEPS = 4
/** Samples of signatures that are kept. */
const SIGNED_SAMPLES = 8

/** @param now milliseconds since the epoch */
export function answered(before: Track | undefined, podUID: string, answer: ChainAnswer, now: number): Track {
  const known = before?.podUID === podUID ? before : undefined
  const last = { ...answer, peers: answer.peers ?? known?.last?.peers, at: now }
  if (!known?.last) {
    const earlier = [{ height: answer.height, at: now }]
    const { askedSince = now, signed = [] } = known ?? {}
    return { podUID, askedSince, last, silence: undefined, movedAt: now, hasMoved: false, earlier, signed }
  }
  const isHigher = answer.height > known.last.height
  return {
    ...known,
    last,
    silence: undefined,
    movedAt: isHigher ? now : known.movedAt,
    hasMoved: known.hasMoved || isHigher,
    earlier: withStep(known.earlier, { height: answer.height, at: now }),
  }
}

export function unanswered(before: Track | undefined, podUID: string, silence: string, now: number): Track {
  if (before?.podUID === podUID) return { ...before, silence }
  return { podUID, askedSince: now, last: undefined, silence, movedAt: now, hasMoved: false, earlier: [], signed: [] }
}

/** @param hasSigned whether the node's validator signed a block of the chain that another sample did not cover */
export function sampled(track: Track, hasSigned: boolean): Track {
  return { ...track, signed: [...track.signed, hasSigned].slice(-SIGNED_SAMPLES) }
}

/** Blocks a second over the last minutes; undefined until there is enough to tell. */
export function paceOf({ last, earlier }: Track): number | undefined {
  const [oldest] = earlier
  if (!last || !oldest || last.at <= oldest.at) return undefined
  return (last.height - oldest.height) / ((last.at - oldest.at) / 1000)
}

function withStep(earlier: readonly HeightAt[], next: HeightAt): readonly HeightAt[] {
  const newest = earlier.at(-1)
  if (newest && next.at - newest.at < PACE_STEP_MS) return earlier
  return [...earlier, next].slice(-PACE_STEPS)
}
