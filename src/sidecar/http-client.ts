/** The HTTP client of sidecars: `createSidecarDialer` creates a client per address, and all share one connection pool. */
import type { Answer } from '../kube/exchange.ts'
import { HttpError } from '../kube/http-error.ts'
import { addressText } from './client.ts'
import type { Health, SidecarAddress, SidecarClient, SidecarDialer, TaskRequest, TaskResult } from './client.ts'
import { SidecarError } from './errors.ts'
import type { SidecarErrorKind } from './errors.ts'
import { isRecord, readTaskResult } from './task-result.ts'
import { createTransport, type SidecarRequest, type Transport } from './transport.ts'

export type SidecarOperation = 'health' | 'task' | 'tasks' | 'submit' | 'forget'

/** A finished call, for metrics. */
export interface SidecarCall {
  readonly operation: SidecarOperation
  readonly outcome: 'ok' | SidecarErrorKind
  readonly durationMs: number
}

export interface SidecarDialerOptions {
  /** Timeout of a call, including the connection. Default 10 000, as in the reference client. */
  readonly timeoutMs?: number
  /** Timeout of the connection. Default 2000, because a lost packet is retransmitted after a second. */
  readonly connectTimeoutMs?: number
  readonly onCall?: (call: SidecarCall) => void
}

/** The clients of a dialer share its connections; `close` closes them. */
export function createSidecarDialer(options: SidecarDialerOptions = {}): SidecarDialer & { close(): void } {
  const transport = createTransport(options.timeoutMs ?? 10_000, options.connectTimeoutMs ?? 2_000)
  const dial: SidecarDialer = address => new HttpSidecarClient(address, transport, options.onCall)
  return Object.assign(dial, { close: () => transport.close() })
}

/** A request and how to read its answer. `read` returns undefined for an invalid answer. */
interface Call<T> extends SidecarRequest {
  readonly operation: SidecarOperation
  /** The operation in error messages: `submit config-apply`. */
  readonly title: string
  readonly expected: string
  readonly read: (answer: Answer) => { readonly value: T } | undefined
}

class HttpSidecarClient implements SidecarClient {
  readonly #address: SidecarAddress
  readonly #transport: Transport
  readonly #onCall: ((call: SidecarCall) => void) | undefined

  constructor(address: SidecarAddress, transport: Transport, onCall: ((call: SidecarCall) => void) | undefined) {
    this.#address = address
    this.#transport = transport
    this.#onCall = onCall
  }

  health(signal?: AbortSignal): Promise<Health> {
    return this.#call(
      {
        operation: 'health',
        title: 'read readiness',
        method: 'GET',
        path: '/v0/healthz',
        expected: '200 or 503',
        read: ({ status }) =>
          status === 200 ? { value: 'ready' } : status === 503 ? { value: 'not-ready' } : undefined,
      },
      signal,
    )
  }

  task(id: string, signal?: AbortSignal): Promise<TaskResult | undefined> {
    return this.#call(
      {
        operation: 'task',
        title: `read task ${id}`,
        method: 'GET',
        path: `/v0/tasks/${encodeURIComponent(id)}`,
        expected: '200 with a task, or 404 with a JSON error',
        read: answer => {
          if (answer.status === 404 && errorText(answer) !== undefined) return { value: undefined }
          const task = answer.status === 200 ? readTaskResult(parse(answer)) : undefined
          return task && { value: task }
        },
      },
      signal,
    )
  }

  tasks(signal?: AbortSignal): Promise<readonly TaskResult[]> {
    return this.#call(
      {
        operation: 'tasks',
        title: 'list tasks',
        method: 'GET',
        path: '/v0/tasks',
        expected: '200 with an array of tasks',
        read: answer => {
          const list = answer.status === 200 ? parse(answer) : undefined
          return Array.isArray(list)
            ? { value: list.map(readTaskResult).filter(task => task !== undefined) }
            : undefined
        },
      },
      signal,
    )
  }

  submit(request: TaskRequest, signal?: AbortSignal): Promise<string> {
    return this.#call(
      {
        operation: 'submit',
        title: `submit ${request.type}`,
        method: 'POST',
        path: '/v0/tasks',
        body: JSON.stringify({ id: request.id, type: request.type, params: request.params }),
        expected: '200, 201 or 202 with an id',
        read: answer => {
          const accepted = answer.status === 200 || answer.status === 201 || answer.status === 202
          const body = accepted ? parse(answer) : undefined
          return isRecord(body) && typeof body['id'] === 'string' && body['id'] !== ''
            ? { value: body['id'] }
            : undefined
        },
      },
      signal,
    )
  }

  forget(id: string, signal?: AbortSignal): Promise<'gone' | 'unknown'> {
    return this.#call(
      {
        operation: 'forget',
        title: `delete task ${id}`,
        method: 'DELETE',
        path: `/v0/tasks/${encodeURIComponent(id)}`,
        expected: '204, or 404 with a JSON error',
        read: answer => {
          if (answer.status === 404 && errorText(answer) !== undefined) return { value: 'unknown' }
          return answer.status === 204 || answer.status === 200 ? { value: 'gone' } : undefined
        },
      },
      signal,
    )
  }

  async #call<T>(call: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    const started = performance.now()
    const report = (outcome: SidecarCall['outcome']): void =>
      this.#onCall?.({ operation: call.operation, outcome, durationMs: performance.now() - started })
    const { method, path, body } = call
    let error: SidecarError
    try {
      const answer = await this.#transport.send(this.#address, { method, path, body, signal })
      const read = call.read(answer)
      if (read !== undefined) {
        report('ok')
        return read.value
      }
      error = this.#unexpected(call, answer)
    } catch (thrown) {
      if (!(thrown instanceof HttpError)) throw thrown
      const { message, kind, isSent, cause = thrown } = thrown
      error = new SidecarError(`${this.#title(call)}: expected ${call.expected}, found: ${message}`, {
        kind: 'unavailable',
        sent: isSent ? 'unknown' : 'no',
        detail: message,
        isSilent: kind === 'timeout',
        cause,
      })
    }
    report(error.kind)
    throw error
  }

  #unexpected(call: Call<unknown>, answer: Answer): SidecarError {
    const said = errorText(answer)
    const detail = said ?? summary(answer)
    const kind = kindOf(answer.status, said)
    const refused = kind !== 'unavailable'
    const found = `found ${answer.status}: ${detail}${advice(kind, answer, said)}`
    return new SidecarError(`${this.#title(call)}: expected ${call.expected}, ${found}`, {
      kind,
      // A 404 or 405 of another server is a refusal too: the request was not processed.
      sent: refused || answer.status === 404 || answer.status === 405 ? 'no' : 'unknown',
      status: answer.status,
      detail,
    })
  }

  #title(call: Call<unknown>): string {
    return `sidecar ${addressText(this.#address)}: ${call.title} (${call.method} ${call.path})`
  }
}

function kindOf(status: number, said: string | undefined): SidecarErrorKind {
  if (status === 409) return 'busy'
  if (status === 401 || status === 403) return 'unauthorized'
  // A full disk or a locked database is a 400 too, but a retry may succeed.
  if (status === 400 && said !== undefined && !said.startsWith('persist task:')) return 'rejected'
  return 'unavailable'
}

function advice(kind: SidecarErrorKind, answer: Answer, said: string | undefined): string {
  if (kind === 'unauthorized') {
    return '; the sidecar wants an authenticated caller: unset SEI_SIDECAR_AUTHN_MODE on its container'
  }
  if (answer.status === 404 && said === undefined)
    return '; nothing serves this path: is this the port of seictl serve?'
  return ''
}

/** The message in seictl's error body; undefined for any other body. */
function errorText(answer: Answer): string | undefined {
  const isJson = answer.headers['content-type']?.startsWith('application/json') === true
  const body = isJson ? parse(answer) : undefined
  return isRecord(body) && typeof body['error'] === 'string' ? body['error'] : undefined
}

function parse(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch {
    return undefined
  }
}

function summary(answer: Answer): string {
  const line = answer.text.trim().replaceAll(/\s+/g, ' ')
  if (line === '') return 'an empty body'
  return line.length > 200 ? `${line.slice(0, 200)}...` : line
}
