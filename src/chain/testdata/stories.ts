/** What nodes were heard to say, as stories for tests: `trackOf` makes a track of one, `evaluate` evaluates several together. */
import { type ChainHealth, evaluateChain, type HealthSettings } from '../health.ts'
import { answered, type ChainAnswer, type Moment, sampled, type Track, unanswered } from '../track.ts'

export const NOW = Date.UTC(2026, 0, 1)
export const SETTINGS: HealthSettings = { stallMs: 30_000, silentMs: 40_000, missedShare: 0.5 }
const CHAIN = 'devnet-1'
export const S = 1000
/** NOW on the monotonic clock. */
export const AT = 1_000_000

export function ago(seconds: number): Moment {
  return { at: AT - seconds * S, wall: NOW - seconds * S }
}

/** What a node says: a height at each time before now, in seconds; `silentFor` if it did not answer. */
export interface Story {
  /** Seconds ago and height, oldest first. */
  readonly heard?: readonly (readonly [ago: number, height: number])[]
  readonly silentFor?: readonly number[]
  readonly answer?: Partial<ChainAnswer>
  /** Seconds between a block and the answer that reports it. */
  readonly blockAge?: number
  readonly signed?: readonly boolean[]
  /** What was evaluated before. */
  readonly before?: ChainHealth['kind']
}

export function trackOf({
  heard = [],
  silentFor = [],
  answer = {},
  blockAge = 1,
  signed = [],
}: Story): Track | undefined {
  let track: Track | undefined
  let blockTime = 0
  let before = -1
  for (const [seconds, height] of heard) {
    const when = ago(seconds)
    if (height > before) blockTime = when.wall - blockAge * S
    before = height
    track = answered(track, 'seid-1', { ...base(height, blockTime), ...answer }, when, SETTINGS.stallMs)
  }
  for (const seconds of silentFor) track = unanswered(track, 'seid-1', 'connect ECONNREFUSED', ago(seconds))
  return signed.reduce<Track | undefined>((one, has) => one && sampled(one, has), track)
}

export function base(height: number, blockTime: number): ChainAnswer {
  return {
    nodeID: 'ab'.repeat(20),
    network: CHAIN,
    height,
    blockTime: height === 0 ? undefined : blockTime,
    isCatchingUp: false,
    maxPeerHeight: 0,
    validatorAddress: 'AA',
    votingPower: 0,
    peers: 3,
  }
}

export function evaluate(...stories: readonly Story[]): readonly (ChainHealth | undefined)[] {
  const members = stories.flatMap((story, i) => {
    const track = trackOf(story)
    return track ? [{ key: String(i), track, before: story.before }] : []
  })
  const { healths } = evaluateChain(CHAIN, members, AT, SETTINGS)
  return stories.map((_, i) => healths.get(String(i)))
}

export const moves: Story = {
  heard: [
    [75, 900],
    [60, 920],
    [45, 940],
    [30, 960],
    [15, 980],
    [0, 1000],
  ],
}
export const stands: Story = {
  heard: [
    [60, 900],
    [45, 900],
    [30, 900],
    [15, 900],
    [0, 900],
  ],
}
export const justStopped: Story = {
  heard: [
    [35, 880],
    [20, 900],
    [5, 900],
  ],
}
export const away: Story = {
  heard: [
    [75, 900],
    [60, 950],
  ],
  silentFor: [45, 30, 15, 0],
}
export const missedOne: Story = {
  heard: [
    [30, 960],
    [15, 980],
  ],
  silentFor: [0],
}
export const neverAnswered: Story = { silentFor: [60, 45, 30, 15, 0] }
export const young: Story = { silentFor: [20, 5] }
export const syncing: Story = {
  heard: [
    [60, 100],
    [30, 400],
    [0, 700],
  ],
  answer: { isCatchingUp: true, maxPeerHeight: 1000 },
  blockAge: 1e6,
}
export const syncingNoPeers: Story = { ...syncing, answer: { isCatchingUp: true, maxPeerHeight: 0 } }
export const syncPause: Story = {
  heard: [
    [100, 100],
    [60, 100],
    [0, 100],
  ],
  answer: { isCatchingUp: true, maxPeerHeight: 1000 },
}
export const syncStuck: Story = {
  ...syncPause,
  heard: [
    [150, 100],
    [60, 100],
    [0, 100],
  ],
}
export const validator = { votingPower: 10 }
export const signs = Array.from({ length: 8 }, () => true)
export const misses = signs.map(() => false)
