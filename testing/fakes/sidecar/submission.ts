/** Reads the body of POST /v0/tasks in the order in which seictl checks it: JSON, type, schedule, handler, id. */
import { isObject } from './params.ts'
import type { Profile } from './profile.ts'
import { readSchedule } from './schedule.ts'
import type { Params, Schedule } from './task-record.ts'
import { handlerOf } from './tasks/registry.ts'

export interface Submission {
  /** As sent; undefined where the sidecar makes one. */
  readonly id?: string
  readonly type: string
  readonly params?: Params
  readonly schedule?: Schedule
}

/** The text of a 400. */
export class BadRequest extends Error {}

const INVALID = 'invalid request body'

export function readSubmission(text: string, profile: Profile, now: number): Submission {
  const body = firstValue(text)
  if (!isObject(body)) throw new BadRequest(INVALID)
  const { id, type, params } = body
  if (!isAbsentOr(type, 'string') || (params !== undefined && params !== null && !isObject(params))) {
    throw new BadRequest(INVALID)
  }
  if (profile.clientIds && !isAbsentOr(id, 'string')) throw new BadRequest(INVALID)
  if (typeof type !== 'string' || type === '') throw new BadRequest('type is required')
  const schedule = orBadRequest(() => readSchedule(body, profile, now))
  if (handlerOf(type, profile) === undefined) throw new BadRequest(`unknown task type: ${type}`)
  const sentId = profile.clientIds && typeof id === 'string' && id !== '' ? id : undefined
  if (sentId !== undefined && !isUuid(sentId)) {
    throw new BadRequest(`task ID must be a valid UUID: ${JSON.stringify(sentId)}`)
  }
  return {
    type,
    ...(sentId !== undefined && { id: sentId }),
    ...(isObject(params) && { params }),
    ...(schedule && { schedule }),
  }
}

/** Only the first JSON value counts; `null` is an empty request; undefined where there is none. */
function firstValue(text: string): unknown {
  const trimmed = text.trimStart()
  try {
    return JSON.parse(trimmed.startsWith('{') ? firstObject(trimmed) : trimmed) ?? {}
  } catch {
    return undefined
  }
}

/** Up to the brace that closes the first one. */
function firstObject(text: string): string {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') depth++
    else if (char === '}' && --depth === 0) return text.slice(0, at + 1)
  }
  return text
}

function isAbsentOr(value: unknown, type: 'string'): boolean {
  return value === undefined || value === null || typeof value === type
}

/** The four spellings that Go's uuid package takes. */
function isUuid(text: string): boolean {
  const plain = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
  return new RegExp(`^(${plain}|urn:uuid:${plain}|\\{${plain}\\}|[0-9a-f]{32})$`, 'i').test(text)
}

function orBadRequest<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new BadRequest(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
