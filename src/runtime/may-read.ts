/** Whether this process may list and watch a kind in the whole cluster: `mayRead`. */
import type { SelfSubjectAccessReview } from 'kubernetes-types/authorization/v1.d.ts'
import type { CallOptions } from '../kube/client.ts'
import { selfSubjectAccessReviews } from '../kube/resources.ts'
import type { KubeObject, Resource } from '../kube/types.ts'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from './clock.ts'
import { sleep } from './clock.ts'
import type { Logger } from './log.ts'

/** The method of a `KubeClient` that creates reviews. */
export interface ReviewClient {
  create<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions): Promise<T>
}

export interface MayReadOptions {
  readonly client: ReviewClient
  readonly log: Logger
  readonly clock: Clock
}

const AGAIN = { initialMs: 1000, maxMs: 30_000 }

/** Retries until there is an answer; every user may create this review. False if the signal is aborted before. */
export async function mayRead(
  { group, plural }: Pick<Resource, 'group' | 'plural'>,
  { client, log, clock }: MayReadOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const review = async (verb: string): Promise<boolean> => {
    const spec = { resourceAttributes: { group, resource: plural, verb } }
    const { status } = await client.create<SelfSubjectAccessReview>(selfSubjectAccessReviews, { spec }, { signal })
    return status?.allowed === true
  }
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const answers = await Promise.all([review('list'), review('watch')])
      return answers.every(Boolean)
    } catch (error) {
      if (signal.aborted) break
      log.warn({ err: error, resource: plural }, 'not known whether it may be read: asked again')
      await sleep(backoffMs(attempt, AGAIN, 0), signal, clock).catch(() => {})
    }
  }
  return false
}
