/** Reads the body of POST /v0/tasks in the order in which seictl checks it: JSON, type, handler, id. */
import { isRecord } from '../../../src/sidecar/task-result.ts'
import type { Profile } from './profile.ts'
import type { Params } from './task-table.ts'
import { handlerOf } from './tasks/index.ts'

export interface Submission {
  /** As sent; undefined where the sidecar makes one. */
  readonly id?: string
  readonly type: string
  readonly params?: Params
}

/** The text of a 400. */
export class BadRequest extends Error {}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function readSubmission(text: string, profile: Profile): Submission {
  const { id, type, params } = parse(text)
  if (params !== undefined && !isRecord(params)) throw new BadRequest('invalid request body')
  if (typeof type !== 'string' || type === '') throw new BadRequest('type is required')
  if (handlerOf(type, profile) === undefined) throw new BadRequest(`unknown task type: ${type}`)
  const task = { type, ...(params && { params }) }
  if (!profile.clientIds || id === undefined) return task
  if (typeof id !== 'string' || !UUID.test(id)) {
    throw new BadRequest(`task ID must be a valid UUID: ${JSON.stringify(id)}`)
  }
  return { id, ...task }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text)
    if (isRecord(body)) return body
  } catch {
    // No JSON at all is answered as JSON of another kind is.
  }
  throw new BadRequest('invalid request body')
}
