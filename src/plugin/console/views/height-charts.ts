/** Height and lag of one node over time, with their numbers: `heightCharts`. Pure. */
import { humanDuration } from '../../output/duration.ts'
import type { Sample } from '../history.ts'
import { html, type Html, NOTHING } from '../markup.ts'
import { lagPoints } from './fleet-rows.ts'
import { sparkline } from './sparkline.ts'
import { grouped, plural, rateOf } from './words.ts'

export function heightCharts(samples: readonly Sample[], now: number): Html {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) return NOTHING
  const since = `observed for ${humanDuration(now - first.at)}`
  const rate = rateOf(samples)
  const pace = rate === undefined ? since : `${rate.toFixed(1)} blocks/s, ${since}`
  const lag = last.lag === undefined ? 'no node to compare with' : `${plural(last.lag, 'block')} behind`
  const lags = lagPoints(samples)
  const most = Math.max(0, ...lags.map(({ value }) => value))
  return html`<section>
    <h2>Chain</h2>
    ${figure(`Height ${grouped(last.height)}`, pace, heights(samples))}${figure(lag[0]?.toUpperCase() + lag.slice(1), lags.length === 0 ? '' : `at most ${grouped(most)} since then`, sparkline({ label: 'blocks behind over time', points: lags, minRange: 20, kind: 'lag', isLarge: true }))}
  </section>`
}

function heights(samples: readonly Sample[]): Html {
  const points = samples.map(({ at, height }) => ({ at, value: height }))
  return sparkline({ label: 'height over time', points, minRange: 10, kind: 'height', isLarge: true })
}

function figure(title: string, text: string, drawing: Html): Html {
  return html`<figure>
    <figcaption><strong>${title}</strong> <span class="dim">${text}</span></figcaption>
    ${drawing}
  </figure>`
}
