/** What happens to the requests that one node's sidecar gets, each thing once: `Troubles`. */
import type { Execution, Fault, SeenRequest } from '../../testing/fakes/sidecar/index.ts'

/** Which request: the submission of a task of the type, the first query of such a task, or the search for a lost one. */
export type Target =
  | { readonly kind: 'submit' | 'ask'; readonly type: string }
  /** By an id that the sidecar does not know. */
  | { readonly kind: 'look-up' }
  | { readonly kind: 'list' }

export interface Trouble {
  readonly target: Target
  readonly fault: Fault
  /** The sidecar is killed as this happens. */
  readonly kills?: boolean
}

export class Troubles {
  readonly #waiting: Set<Trouble>
  readonly #types = new Map<string, string>()
  readonly #kill: () => void

  constructor(troubles: readonly Trouble[], kill: () => void) {
    this.#waiting = new Set(troubles)
    this.#kill = kill
  }

  /** Those that have not happened. */
  get waiting(): readonly Trouble[] {
    return [...this.#waiting]
  }

  readonly onExecution = ({ id, type }: Execution): void => {
    this.#types.set(id, type)
  }

  readonly faults = (request: SeenRequest): Fault | undefined => {
    const next = this.waiting.find(({ target }) => this.#isHit(target, request))
    if (!next) return undefined
    this.#waiting.delete(next)
    if (next.kills === true) this.#kill()
    return next.fault
  }

  #isHit(target: Target, { method, path, body }: SeenRequest): boolean {
    const id = /^\/v0\/tasks\/([^/]+)$/.exec(path)?.[1]
    switch (target.kind) {
      case 'submit':
        return method === 'POST' && typeOf(body) === target.type
      case 'ask':
        return id !== undefined && this.#types.get(id) === target.type
      case 'look-up':
        return id !== undefined && !this.#types.has(id)
      case 'list':
        return method === 'GET' && path === '/v0/tasks'
    }
  }
}

function typeOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'type' in body ? String(body.type) : undefined
}
