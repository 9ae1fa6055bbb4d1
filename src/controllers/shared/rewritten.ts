/** What a condition says of children that admission rewrote: `rewrittenMessage`. Pure. */
import { clip } from '../../lib/clip.ts'
import type { RewrittenChild } from './verified-children.ts'

const SHOWN_OBJECTS = 10
const SHOWN_VALUE = 200

/** Undefined where every child is as it was applied. */
export function rewrittenMessage(children: readonly RewrittenChild[]): string | undefined {
  if (children.length === 0) return undefined
  const shown = children.slice(0, SHOWN_OBJECTS).map(spell)
  const rest = children.length > shown.length ? `; and ${children.length - shown.length} more objects` : ''
  return `admission changes what the operator applies, and the cluster runs with the result: ${shown.join('; ')}${rest}. If that is not intended, correct the mutating admission policy or webhook, then restart the operator: it applies its objects again`
}

function spell({ kind, name, differences }: RewrittenChild): string {
  const [first] = differences
  if (!first) return `${kind} ${name}`
  const rest = differences.length > 1 ? `, and ${differences.length - 1} more` : ''
  return `${kind} ${name} (${first.path}: wanted ${value(first.wanted)}, found ${value(first.found)}${rest})`
}

function value(of: unknown): string {
  return of === undefined ? 'nothing' : clip(JSON.stringify(of), SHOWN_VALUE)
}
