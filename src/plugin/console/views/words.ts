/** States of nodes and pools as a badge and a few words: `badge`, `stateOf`; links, and numbers as people read them. Pure. */
import type { TargetKind } from '../../cluster/find.ts'
import type { Readiness } from '../../status/readiness.ts'
import { html, type Html } from '../markup.ts'
import type { Sample } from '../history.ts'
import type { ObjectName } from '../scene.ts'
import type { Tone } from './sparkline.ts'

export interface State {
  readonly tone: Tone
  readonly text: string
  /** Why, as one word of the API; undefined if the text says it. */
  readonly reason: string | undefined
}

export function stateOf(phase: string, { status, reason, isStalled }: Readiness): State {
  if (isStalled) return { tone: 'bad', text: 'Stalled', reason }
  if (status === 'True') return { tone: 'good', text: 'Ready', reason: undefined }
  if (phase === 'Running') return { tone: 'warn', text: 'Not ready', reason }
  return { tone: phase === 'Failed' ? 'bad' : 'busy', text: phase, reason: reason === phase ? undefined : reason }
}

export function badge({ tone, text, reason }: State): Html {
  return html`<span class="badge ${tone}">${text}</span
    >${reason !== undefined && html` <span class="reason">${reason}</span>`}`
}

export function linkTo(kind: TargetKind, { namespace = '', name }: ObjectName): Html {
  return html`<a href="/${kind}s/${namespace}/${name}">${name}</a>`
}

/** `12 345 678`, with spaces that do not break. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u202F')
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Blocks a second over all samples; undefined for less than two. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at <= first.at) return undefined
  return (1000 * Math.max(0, last.height - first.height)) / (last.at - first.at)
}
