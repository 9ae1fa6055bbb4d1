/** Waits for a promise no longer than its reader wants to: `withDeadline`. */

/** The deadline passed. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** Settles as the promise does, or rejects with a DeadlineError after `ms`, or with the signal's reason when it is aborted. */
export async function withDeadline<T>(promise: Promise<T>, ms: number, signal: AbortSignal | undefined): Promise<T> {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal?.reason)
  const timer = setTimeout(() => reject(new DeadlineError(`none within ${ms} ms`)), ms)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal?.aborted) onAbort()
    return await Promise.race([promise, cut])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
