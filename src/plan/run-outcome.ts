/** Reads the outcome of a recurring task's run from its result: `runOutcome`. Pure. */

export interface RunOutcome {
  /** Present where the run failed. */
  readonly error?: string
  /** What a successful run did, where the sidecar reports it. */
  readonly message?: string
}

interface EndedTask {
  readonly status: 'completed' | 'failed'
  readonly error?: string
  readonly result?: Readonly<Record<string, unknown>>
}

const NO_REASON = 'the sidecar gave no reason'

/** Only `snapshot-upload-once` has a result. Any other task that completed succeeded. */
export function runOutcome({ status, error, result = {} }: EndedTask): RunOutcome {
  if (status === 'failed') return { error: error ?? NO_REASON }
  const { outcome } = result
  if (outcome === 'error') return { error: text(result['error']) ?? NO_REASON }
  if (outcome === 'uploaded') {
    const place = text(result['key'])
    const what = `uploaded the snapshot of height ${text(result['height']) ?? 'unknown'}`
    return { message: place === undefined ? what : `${what} to ${place}` }
  }
  if (outcome === 'noop') {
    const why = text(result['noopReason'])
    return { message: why === undefined ? 'there was nothing to upload' : `there was nothing to upload: ${why}` }
  }
  return {}
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
