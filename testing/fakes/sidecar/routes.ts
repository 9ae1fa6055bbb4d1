/** The endpoints of seictl that the operator and the kubelet use: `answer` turns one request into status and body. */
import { BadRequest } from './submission.ts'
import type { Engine } from './engine.ts'
import type { Profile } from './profile.ts'
import type { TaskRecord } from './task-table.ts'
import { messageOf } from './tasks/task.ts'

export interface SidecarResponse {
  readonly status: number
  readonly contentType?: string
  readonly body: string
}

/** What a probe may ask. */
export const PROBE_PATHS: readonly string[] = ['/v0/healthz', '/v0/status']
const TASK_PATH = /^\/v0\/tasks\/([^/]+)$/

export function answer(method: string, path: string, body: string, engine: Engine, profile: Profile): SidecarResponse {
  const id = TASK_PATH.exec(path)?.[1]
  switch (id === undefined ? `${method} ${path}` : `${method} ID`) {
    case 'GET /v0/healthz':
      return { status: engine.ready ? 200 : 503, body: '' }
    case 'GET /v0/status':
      return json(200, { status: engine.ready ? 'Ready' : 'Initializing' })
    case 'POST /v0/tasks':
      return submit(engine, body)
    case 'GET /v0/tasks':
      return json(
        200,
        engine.list().map(task => toWire(task, profile)),
      )
    case 'GET ID': {
      const task = engine.get(id ?? '')
      return task === undefined ? problem(404, 'task not found') : json(200, toWire(task, profile))
    }
    case 'DELETE ID':
      return engine.delete(id ?? '') ? { status: 204, body: '' } : problem(404, 'task not found')
    default:
      return { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' }
  }
}

function submit(engine: Engine, body: string): SidecarResponse {
  try {
    const accepted = engine.submit(body)
    return accepted === 'busy' ? problem(409, 'a task is already running') : json(accepted.status, { id: accepted.id })
  } catch (error) {
    if (error instanceof BadRequest) return problem(400, error.message)
    // What remains is the volume: seictl answers a failed insert so.
    return problem(400, `persist task: ${messageOf(error)}`)
  }
}

function toWire({ run, ...task }: TaskRecord, { repeatsFailed }: Profile): object {
  return repeatsFailed ? { ...task, run } : task
}

function json(status: number, body: unknown): SidecarResponse {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` }
}

function problem(status: number, error: string): SidecarResponse {
  return json(status, { error })
}
