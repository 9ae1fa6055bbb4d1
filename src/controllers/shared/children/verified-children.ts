/** Which children of an owner need no write, because they are verified or because admission rewrites them: `VerifiedChildren`, `rewrittenMessage`. */
import type { KubeObject } from '../../../kube/types.ts'
import { clip } from '../../../lib/clip.ts'
import { isEqualJson } from '../../../lib/equal-json.ts'
import type { Difference } from '../../../lib/subset.ts'
import { RefusedSizes } from '../claims/refused-sizes.ts'

interface Verified {
  readonly live: Readonly<KubeObject>
  readonly inputs: unknown
}

/** A child that differs from what was applied, since admission changed the request. */
export interface RewrittenChild {
  readonly kind: string
  readonly name: string
  readonly differences: readonly Difference[]
}

/** Of one owner. A live object whose desired part changed in any way is never taken for verified. */
export class VerifiedChildren {
  readonly #byKind = new Map<string, Verified>()
  readonly #answers = new Map<string, RewrittenChild>()
  readonly refusedSizes = new RefusedSizes()

  /**
   * Whether this object was found to hold all that is wanted.
   * @param inputs everything but the live object and the platform that decides what is wanted
   */
  has(kind: string, live: Readonly<KubeObject>, inputs: unknown): boolean {
    const known = this.#byKind.get(kind)
    if (!known || !isUnchanged(known.live, live) || !isEqualJson(known.inputs, inputs)) return false
    // The same in content; the older ones would keep an older owner in memory.
    this.#byKind.set(kind, { live, inputs })
    return true
  }

  note(kind: string, live: Readonly<KubeObject>, inputs: unknown): void {
    this.#byKind.set(kind, { live, inputs })
  }

  /** @param differences between what is wanted of the child and the answer to its last apply */
  noteAnswer(kind: string, name: string, differences: readonly Difference[]): void {
    this.#answers.set(`${kind}/${name}`, { kind, name, differences })
  }

  /** Nothing is wanted of the child any more. */
  forgetAnswer(kind: string, name: string): void {
    this.#answers.delete(`${kind}/${name}`)
  }

  /** Undefined where this process has not applied the child. */
  answerOf(kind: string, name: string): readonly Difference[] | undefined {
    return this.#answers.get(`${kind}/${name}`)?.differences
  }

  /** Whether another apply would change nothing: the child differs as the answer to its last apply did. */
  isAsAnswered(kind: string, name: string, differences: readonly Difference[]): boolean {
    return isEqualJson(this.answerOf(kind, name), differences)
  }

  /** In the order of kind and name. */
  get rewritten(): readonly RewrittenChild[] {
    const found = [...this.#answers].filter(([, { differences }]) => differences.length > 0)
    return found.toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([, child]) => child)
  }
}

/** An object in a cache is another one whenever it changes. Where it has a generation, a new status leaves that as it is. */
function isUnchanged(before: Readonly<KubeObject>, now: Readonly<KubeObject>): boolean {
  if (before === now) return true
  const [was, is] = [before.metadata, now.metadata]
  if (is?.generation === undefined || is.uid !== was?.uid || is.generation !== was?.generation) return false
  const { resourceVersion: _, managedFields: __, ...rest } = is
  const { resourceVersion: ___, managedFields: ____, ...known } = was
  return isEqualJson(known, rest)
}

const SHOWN_OBJECTS = 10
const SHOWN_VALUE = 200

/** Undefined where every child is as it was applied. */
export function rewrittenMessage(children: readonly RewrittenChild[]): string | undefined {
  if (children.length === 0) return undefined
  const shown = children.slice(0, SHOWN_OBJECTS).map(spell)
  const rest = children.length > shown.length ? `; and ${children.length - shown.length} more objects` : ''
  return `admission changes what the operator applies, and the cluster uses the result: ${shown.join('; ')}${rest}. If that is not intended, correct the mutating admission policy or webhook, then restart the operator, which reapplies its objects`
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
