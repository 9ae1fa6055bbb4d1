/** A fake for `seictl serve`: `FakeSidecar` speaks the protocol of any release over HTTP, on a volume of its own. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

import { systemClock } from '../../../src/runtime/clock.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { prepareHome } from './config.ts'
import { Engine } from './engine.ts'
import type { Execution, TaskBehaviour } from './engine.ts'
import { readEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'
import type { Home } from './home.ts'
import { profileOf } from './profile.ts'
import type { Profile } from './profile.ts'
import { answer } from './routes.ts'
import type { SidecarResponse } from './routes.ts'
import { helpfulWorld } from './world.ts'
import type { World } from './world.ts'

/**
 * What goes wrong between the operator and a sidecar, for tests to order per request.
 * - `drop-before`: the connection is cut and nothing was carried out;
 * - `drop-after`: carried out, then the connection is cut without an answer;
 * - `swallow`: nothing is carried out, and nothing ever comes back;
 * - `delay`: carried out at once, answered `ms` later;
 * - `respond`: another answer instead of the real one; carried out only with `handled`.
 */
export type Fault =
  | { readonly kind: 'drop-before' }
  | { readonly kind: 'drop-after' }
  | { readonly kind: 'swallow' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'respond'; readonly status: number; readonly body?: string | object; readonly handled?: boolean }

/** A request as it reached the sidecar. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** Parsed where it is JSON. */
  readonly body?: unknown
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

export interface FakeSidecarOptions {
  /** `v0.0.16` to `v0.0.70`, or `latest`. */
  readonly profile: string
  /** The volume; give the same one again to restart on it. */
  readonly home: Home
  /** The container's environment; only the variables of seictl are read. */
  readonly env?: Environment
  readonly tasks?: TaskBehaviour
  readonly faults?: (request: SeenRequest) => Fault | undefined
  readonly world?: Partial<World>
  readonly clock?: Clock
  /** v0.0.16 and v0.0.17: how long the lock outlives a task that reads completed. Default 0. */
  readonly lockWindowMs?: number
  readonly onRequest?: (request: SeenRequest) => void
  readonly onExecution?: (execution: Execution) => void
  readonly onReadyChange?: (ready: boolean) => void
}

/** As seictl's own. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 60_000 }
/** Requests and executions kept for tests; a pod in a long demo must not grow without end. */
const KEPT = 1000

export class FakeSidecar {
  readonly profile: Profile
  readonly #options: FakeSidecarOptions
  readonly #clock: Clock
  readonly #engine: Engine
  readonly #history: Execution[] = []
  readonly #requests: SeenRequest[] = []
  #server: Server | undefined

  /** Throws what seictl prints before it exits: the name of a missing variable. */
  constructor(options: FakeSidecarOptions) {
    const { home } = options
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.profile = profileOf(options.profile)
    const environment = readEnvironment(options.env ?? {}, this.profile)
    prepareHome(home)
    this.#engine = new Engine({
      profile: this.profile,
      home,
      environment,
      world: { ...helpfulWorld(environment.chainId), ...options.world },
      clock: this.#clock,
      lockWindowMs: options.lockWindowMs ?? 0,
      behaviour: options.tasks ?? (() => undefined),
      onExecution: execution => {
        keep(this.#history, execution)
        options.onExecution?.(execution)
      },
      onReadyChange: ready => options.onReadyChange?.(ready),
    })
  }

  get ready(): boolean {
    return this.#engine.ready
  }

  /** Everything that was executed by this process, in order. */
  get history(): readonly Execution[] {
    return this.#history
  }

  get requests(): readonly SeenRequest[] {
    return this.#requests
  }

  /** Answers for this sidecar wherever the caller lets it listen. */
  createServer(): Server {
    return createServer(LIMITS, (request, response) => {
      // Go keeps connections without a word; a client must not learn here how long.
      response.removeHeader('connection')
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      // A client that gives up halfway leaves nothing to do.
      request.on('error', () => {})
      request.on('end', () => this.#respond(request, response, Buffer.concat(chunks).toString('utf8')))
    })
  }

  /** Port 0 takes any. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    const server = this.createServer()
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        const address = server.address()
        resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port })
      })
    })
  }

  /** SIGTERM and SIGKILL alike: what runs stays running on the volume. */
  async close(): Promise<void> {
    this.#engine.stop()
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    await new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  #respond(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { method = 'GET', url = '/' } = request
    const parsed = body === '' ? {} : { body: parse(body) }
    const seen: SeenRequest = { method, path: url, ...parsed, receivedAt: this.#clock.now() }
    keep(this.#requests, seen)
    this.#options.onRequest?.(seen)
    const fault = this.#options.faults?.(seen)
    const handle = (): SidecarResponse => answer(method, url, body, this.#engine, this.profile)
    switch (fault?.kind) {
      case undefined:
        send(response, handle())
        return
      case 'drop-before':
        request.socket.destroy()
        return
      case 'swallow':
        return
      case 'drop-after':
        handle()
        request.socket.destroy()
        return
      case 'delay': {
        const late = handle()
        this.#clock.setTimeout(() => send(response, late), fault.ms)
        return
      }
      case 'respond':
        if (fault.handled === true) handle()
        send(response, { status: fault.status, ...payload(fault.body ?? '') })
    }
  }
}

function send(response: ServerResponse, { status, contentType, body }: SidecarResponse): void {
  if (response.destroyed) return
  if (contentType !== undefined) response.setHeader('Content-Type', contentType)
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

function payload(body: string | object): Pick<SidecarResponse, 'contentType' | 'body'> {
  if (typeof body === 'string') return { contentType: 'text/plain; charset=utf-8', body }
  return { contentType: 'application/json', body: JSON.stringify(body) }
}

function keep<T>(list: T[], item: T): void {
  if (list.push(item) > KEPT) list.shift()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
