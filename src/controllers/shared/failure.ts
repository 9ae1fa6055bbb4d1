/** What an error means for the conditions of the object whose reconcile met it: `failureOf`, `deletionFailure`. Pure. */
import { ApiError, isPassing, TransportError } from '../../kube/errors.ts'
import { unended } from '../../lib/unended.ts'

/** Of the condition Progressing. */
export interface Failure {
  readonly reason: 'ApplyRefused' | 'OperatorError'
  readonly message: string
}

/** @param words of the error, with the step in which it came where that is known */
export function failureOf(error: Error, words = error.message): Failure {
  return error instanceof ApiError || error instanceof TransportError
    ? {
        reason: 'ApplyRefused',
        message: isPassing(error) ? `${unended(words)}. The operator tries again` : refusal(words),
      }
    : {
        reason: 'OperatorError',
        message: `the operator failed: ${unended(words)}. It tries again; correct the value that this is about, or report the error`,
      }
}

/** Of an object that is being deleted. */
export function deletionFailure({ reason, message }: Failure): {
  readonly reason: 'DeleteRefused' | 'OperatorError'
  readonly message: string
} {
  return { reason: reason === 'ApplyRefused' ? 'DeleteRefused' : reason, message }
}

/** @param words of the API server */
export function refusal(words: string): string {
  return `${unended(words)}. Correct what refuses the request; the operator tries again, at most 30 s apart`
}
