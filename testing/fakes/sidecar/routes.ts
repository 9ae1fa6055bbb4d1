/** The HTTP surface of seictl: `answer` turns one request into status, headers and body, as Go's mux and the handlers would. */
import type { IncomingHttpHeaders } from 'node:http'

import type { Engine } from './engine.ts'
import type { SidecarEnvironment } from './environment.ts'
import { goJson } from './go-json.ts'
import type { Home } from './home.ts'
import type { Profile } from './profile.ts'
import { BadRequest } from './submission.ts'
import { toWire } from './task-record.ts'
import { messageOf } from './tasks/context.ts'
import { nodeIdOf } from './tasks/identity.ts'

export interface SidecarRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Values of X-Remote-User, one per header line. */
  readonly remoteUsers: readonly string[]
  readonly body: string
}

export interface SidecarResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Backend {
  readonly profile: Profile
  readonly environment: SidecarEnvironment
  readonly home: Home
  readonly engine: Engine
}

const OPEN_PATHS: ReadonlySet<string> = new Set(['/v0/healthz', '/v0/startupz', '/v0/livez', '/v0/metrics'])
const TASK_PATH = /^\/v0\/tasks\/([^/]+)$/

export function answer(request: SidecarRequest, backend: Backend): SidecarResponse {
  const { profile, environment } = backend
  const path = request.path.split('?')[0] ?? ''
  if (/%(?![0-9a-f]{2})/i.test(path)) return BAD_REQUEST
  if (environment.trustedHeader && !OPEN_PATHS.has(path)) {
    const refused = checkRemoteUser(request.remoteUsers)
    if (refused !== undefined) return problem(401, refused)
  }
  const taskId = TASK_PATH.exec(path)?.[1]
  if (taskId === undefined && !profile.paths.includes(path)) return plain(404, '404 page not found\n')
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const methods = taskId !== undefined ? ['DELETE', 'GET'] : path === '/v0/tasks' ? ['GET', 'POST'] : ['GET']
  if (!methods.includes(method)) {
    const allow = [...methods, 'HEAD'].toSorted().join(', ')
    return { ...plain(405, 'Method Not Allowed\n'), headers: { ...PLAIN, Allow: allow } }
  }
  if (taskId !== undefined) return oneTask(decoded(taskId), method, backend)
  return path === '/v0/tasks' ? allTasks(method, request.body, backend) : probe(path, backend)
}

/** Go takes any bytes; those that are no text are no id either. */
function decoded(taskId: string): string {
  try {
    return decodeURIComponent(taskId)
  } catch {
    return taskId
  }
}

function oneTask(id: string, method: string, { engine, profile }: Backend): SidecarResponse {
  if (method === 'DELETE') return engine.delete(id) ? empty(204) : problem(404, 'task not found')
  const task = engine.get(id)
  return task === undefined ? problem(404, 'task not found') : json(200, toWire(task, profile))
}

function allTasks(method: string, body: string, { engine, profile }: Backend): SidecarResponse {
  if (method === 'GET')
    return json(
      200,
      engine.list().map(task => toWire(task, profile)),
    )
  try {
    const accepted = engine.submit(body)
    return accepted === 'busy' ? problem(409, 'a task is already running') : json(accepted.status, { id: accepted.id })
  } catch (error) {
    if (error instanceof BadRequest) return problem(400, error.message)
    // What remains is the volume: seictl answers a failed insert so.
    return problem(400, `persist task: ${messageOf(error)}`)
  }
}

function probe(path: string, { engine, home }: Backend): SidecarResponse {
  switch (path) {
    case '/v0/healthz':
    case '/v0/startupz':
      return empty(engine.ready ? 200 : 503)
    case '/v0/livez':
      return empty(200)
    case '/v0/status':
      return json(200, { status: engine.status })
    case '/v0/node-id':
      return nodeIdentity(home)
    default:
      return metrics(engine)
  }
}

function nodeIdentity(home: Home): SidecarResponse {
  try {
    const nodeId = nodeIdOf(home)
    if (nodeId !== undefined) return json(200, { nodeId })
    return problem(500, 'node_key.json not found — generate-identity may not have run yet')
  } catch (error) {
    return problem(500, messageOf(error))
  }
}

function metrics(engine: Engine): SidecarResponse {
  const lines = [
    '# HELP seictl_sidecar_ready Whether mark-ready has run since the process started.',
    '# TYPE seictl_sidecar_ready gauge',
    `seictl_sidecar_ready ${engine.ready ? 1 : 0}`,
  ]
  const headers = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }
  return { status: 200, headers, body: `${lines.join('\n')}\n` }
}

function checkRemoteUser(users: readonly string[]): string | undefined {
  if (users.length === 0) return 'missing X-Remote-User header'
  if (users.length > 1) return 'expected exactly one X-Remote-User header — proxy must overwrite, not append'
  return users[0] === '' ? 'empty X-Remote-User header' : undefined
}

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }

/** Go's server answers so before any handler is asked. */
const BAD_REQUEST: SidecarResponse = {
  status: 400,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  body: '400 Bad Request',
}

function plain(status: number, body: string): SidecarResponse {
  return { status, headers: PLAIN, body }
}

function empty(status: number): SidecarResponse {
  return { status, headers: {}, body: '' }
}

/** A line feed follows, as from Go's encoder. */
function json(status: number, body: unknown): SidecarResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${goJson(body)}\n` }
}

function problem(status: number, error: string): SidecarResponse {
  return json(status, { error })
}
