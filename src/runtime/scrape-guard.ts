/** Authorizes readers of metrics by the API server, with a short-lived cache: `ScrapeGuard`. */
import { createHash } from 'node:crypto'
import type { TokenReview } from 'kubernetes-types/authentication/v1.d.ts'
import type { SubjectAccessReview } from 'kubernetes-types/authorization/v1.d.ts'
import { subjectAccessReviews, tokenReviews } from '../kube/resources.ts'
import type { Clock } from './clock.ts'
import type { Logger } from './log.ts'
import type { ReviewClient } from './may-read.ts'

/** The path of the metrics. Readers need the permission to get this non-resource URL. */
export const METRICS_PATH = '/metrics'

/**
 * - `unauthenticated`: the API server does not know the token;
 * - `forbidden`: its owner may not get `/metrics`;
 * - `unknown`: the API server does not answer, or does not let this process ask.
 */
export type ScrapeDecision = 'allowed' | 'unauthenticated' | 'forbidden' | 'unknown'

export interface ScrapeGuardOptions {
  readonly client: ReviewClient
  readonly clock: Clock
  readonly log: Logger
}

interface Remembered {
  readonly decision: Promise<ScrapeDecision>
  /** Monotonic, milliseconds. */
  readonly until: number
}

/** Cache time of allowed readers: for so long a revoked permission still works. */
const ALLOWED_FOR_MS = 60_000
/** Cache time of denied readers: for so long a new permission does not work. */
const REFUSED_FOR_MS = 10_000
/** Size of the cache, tokens. */
const MAX_REMEMBERED = 128
/** Concurrent reviews, limited so that made-up tokens do not overload the API server. */
const MAX_ASKING = 8
/** Below Prometheus' default timeout of 10 s. */
const ANSWER_WITHIN_MS = 5000

export class ScrapeGuard {
  readonly #options: ScrapeGuardOptions
  /** Keyed by the token's hash, so that no token is cached; oldest first. */
  readonly #remembered = new Map<string, Remembered>()
  #asking = 0

  constructor(options: ScrapeGuardOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async authorize(token: string): Promise<ScrapeDecision> {
    const { clock, log } = this.#options
    const id = createHash('sha256').update(token).digest('base64')
    const known = this.#remembered.get(id)
    if (known !== undefined && clock.monotonic() < known.until) return known.decision
    if (this.#asking >= MAX_ASKING) {
      log.debug({ asking: this.#asking }, 'metrics not served: too many tokens are being asked about')
      return 'unknown'
    }
    const decision = this.#ask(token)
    this.#remember(id, decision, ALLOWED_FOR_MS)
    const found = await decision
    if (found === 'unknown') this.#remembered.delete(id)
    else if (found !== 'allowed') this.#remember(id, decision, REFUSED_FOR_MS)
    return found
  }

  #remember(id: string, decision: Promise<ScrapeDecision>, forMs: number): void {
    this.#remembered.delete(id)
    this.#remembered.set(id, { decision, until: this.#options.clock.monotonic() + forMs })
    if (this.#remembered.size <= MAX_REMEMBERED) return
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }

  async #ask(token: string): Promise<ScrapeDecision> {
    const { client, log } = this.#options
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    this.#asking += 1
    try {
      const { status: who } = await client.create<TokenReview>(tokenReviews, { spec: { token } }, { signal })
      if (who?.authenticated !== true) return 'unauthenticated'
      const { username: user, uid, groups, extra } = who.user ?? {}
      const spec = {
        nonResourceAttributes: { path: METRICS_PATH, verb: 'get' },
        ...(user !== undefined && { user }),
        ...(uid !== undefined && { uid }),
        ...(groups !== undefined && { groups }),
        ...(extra !== undefined && { extra }),
      }
      const { status: may } = await client.create<SubjectAccessReview>(subjectAccessReviews, { spec }, { signal })
      return may?.allowed === true ? 'allowed' : 'forbidden'
    } catch (error) {
      log.warn({ err: error }, 'metrics not served: it is not known who asks for them, or whether they may have them')
      return 'unknown'
    } finally {
      this.#asking -= 1
    }
  }
}
