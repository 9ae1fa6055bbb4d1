/** Small drawings without text, as SVG: `sparkline`, `bar` and `segments`. Pure. */
import { html, type Html, NOTHING } from '../markup.ts'

export interface Point {
  readonly at: number
  readonly value: number
}

export interface SparklineOptions {
  /** For those who do not see it. */
  readonly label: string
  readonly points: readonly Point[]
  /** The range of values is at least this, so that small changes look small. */
  readonly minRange: number
  /** `lag`: the area below the line is filled, from 0. */
  readonly kind: 'height' | 'lag'
  readonly isLarge?: boolean
}

const WIDTH = 100
const HEIGHT = 24
/** What the width of a small one can show. */
const MAX_POINTS = 30

/** Time from left to right; a small one has fewer points of the same time. Nothing for less than two points. */
export function sparkline({ label, points, minRange, kind, isLarge = false }: SparklineOptions): Html {
  const shown = isLarge ? points : thinned(points)
  const [first, last] = [shown[0], shown.at(-1)]
  if (!first || !last || first === last) return NOTHING
  const values = shown.map(({ value }) => value)
  const bottom = kind === 'lag' ? 0 : Math.min(...values)
  const range = Math.max(minRange, Math.max(...values) - bottom)
  const digits = isLarge ? 10 : 1
  const x = (at: number): number => round((WIDTH * (at - first.at)) / Math.max(1, last.at - first.at), digits)
  const y = (value: number): number => round(HEIGHT - 1 - ((HEIGHT - 2) * (value - bottom)) / range, digits)
  const line = bends(shown.map(({ at, value }) => [x(at), y(value)]))
    .map(point => point.join())
    .join(' ')
  return html`<svg
    class="spark ${kind}${isLarge ? ' large' : ''}"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${kind === 'lag' && html`<polygon points="0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}" />`}
    <polyline points="${line}" vector-effect="non-scaling-stroke" />
  </svg>`
}

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle'

/** @param share from 0 to 1 */
export function bar(share: number, tone: Tone, label: string): Html {
  const width = round(WIDTH * Math.min(1, Math.max(0, share)))
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" role="img" aria-label="${label}">
    <rect class="track" width="${WIDTH}" height="8" />
    <rect class="${tone}" width="${width}" height="8" />
  </svg>`
}

/** One piece for each step. */
export function segments(tones: readonly Tone[], label: string): Html {
  const width = WIDTH / Math.max(1, tones.length)
  const gap = Math.min(1.5, width / 4)
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" role="img" aria-label="${label}">
    ${tones.map((tone, at) => html`<rect class="${tone}" x="${round(at * width)}" width="${round(width - gap)}" height="8" />`)}
  </svg>`
}

/** At most `MAX_POINTS`, the last one included. */
function thinned(points: readonly Point[]): readonly Point[] {
  const every = Math.ceil(points.length / MAX_POINTS)
  return points.filter((_, at) => (points.length - 1 - at) % every === 0)
}

/** Without the points in the middle of level pieces. */
function bends(points: readonly (readonly [x: number, y: number])[]): readonly (readonly [x: number, y: number])[] {
  return points.filter(([, y], at) => y !== points[at - 1]?.[1] || y !== points[at + 1]?.[1])
}

function round(value: number, digits = 10): number {
  return Math.round(value * digits) / digits
}
