/** Which children were found to be as they should be, so that they are built and compared anew only when a side changes: `VerifiedChildren`. */
import type { KubeObject } from '../../kube/types.ts'
import { isEqualJson } from '../../lib/equal-json.ts'

interface Verified {
  readonly live: Readonly<KubeObject>
  readonly inputs: unknown
}

/** Of one owner. A live object whose desired part changed in any way is never taken for verified. */
export class VerifiedChildren {
  readonly #byKind = new Map<string, Verified>()

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
