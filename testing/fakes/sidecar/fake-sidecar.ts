/** A fake for `seictl serve`: `createFakeSidecar` speaks the protocol of any release over HTTP, on a volume of its own. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

import { systemClock } from '../../../src/runtime/clock.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { Engine } from './engine.ts'
import type { Execution, TaskBehaviour } from './engine.ts'
import { readEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'
import type { Fault, SeenRequest } from './fault.ts'
import type { Home } from './home.ts'
import { seictlServer } from './http-server.ts'
import { profileOf } from './profile.ts'
import type { Profile } from './profile.ts'
import { answer } from './routes.ts'
import type { Backend, SidecarResponse } from './routes.ts'
import { printToml } from './config/toml.ts'
import { helpfulWorld } from './world.ts'
import type { World } from './world.ts'

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
  /** The moniker where no override names one. */
  readonly hostname?: string
  readonly onRequest?: (request: SeenRequest) => void
  readonly onExecution?: (execution: Execution) => void
  readonly onReadyChange?: (ready: boolean) => void
}

export interface FakeSidecar {
  readonly profile: Profile
  readonly ready: boolean
  /** Everything that was executed by this process, in order. */
  readonly history: readonly Execution[]
  readonly requests: readonly SeenRequest[]
  /** A `trusted-header` sidecar listens on 127.0.0.1 alone: nothing reaches it from outside its pod. */
  readonly loopbackOnly: boolean
  /** Answers for this sidecar wherever the caller lets it listen. */
  createServer(): Server
  /** Port 0 takes any. One that is `loopbackOnly` listens on 127.0.0.1 whatever `host` says. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>
  /** SIGTERM. With `failRunning`, running tasks are saved as failed (`context canceled`), else they stay running. */
  close(options?: { readonly failRunning?: boolean }): Promise<void>
  /** By SIGKILL. */
  kill(): Promise<void>
}

/** Requests and executions kept for tests; a pod in a long demo must not grow without end. */
const KEPT = 1000

/** Throws what seictl prints before it exits: a missing variable, an unknown authentication mode. */
export function createFakeSidecar(options: FakeSidecarOptions): FakeSidecar {
  return new Sidecar(options)
}

class Sidecar implements FakeSidecar {
  readonly #options: FakeSidecarOptions
  readonly #clock: Clock
  readonly #backend: Backend
  readonly #history: Execution[] = []
  readonly #requests: SeenRequest[] = []
  #server: Server | undefined

  constructor(options: FakeSidecarOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const profile = profileOf(options.profile)
    const environment = readEnvironment(options.env ?? {}, profile)
    const { home } = options
    prepareHome(home)
    const engine = new Engine({
      profile,
      home,
      environment,
      world: { ...helpfulWorld(), ...options.world },
      clock: this.#clock,
      hostname: options.hostname ?? 'localhost',
      lockWindowMs: options.lockWindowMs ?? 0,
      behaviour: options.tasks ?? (() => undefined),
      onExecution: execution => {
        keep(this.#history, execution)
        options.onExecution?.(execution)
      },
      onReadyChange: ready => options.onReadyChange?.(ready),
    })
    this.#backend = { profile, environment, home, engine }
  }

  get profile(): Profile {
    return this.#backend.profile
  }

  get ready(): boolean {
    return this.#backend.engine.ready
  }

  get history(): readonly Execution[] {
    return this.#history
  }

  get requests(): readonly SeenRequest[] {
    return this.#requests
  }

  get loopbackOnly(): boolean {
    return this.#backend.environment.trustedHeader
  }

  createServer(): Server {
    return seictlServer(this.profile, (request, response) => this.#handle(request, response))
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A client that gives up halfway leaves nothing to do.
    request.on('error', () => {})
    request.on('end', () => this.#respond(request, response, Buffer.concat(chunks).toString('utf8')))
  }

  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    const server = this.createServer()
    this.#server = server
    const bound = this.loopbackOnly ? '127.0.0.1' : host
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: bound, port }, () => {
        server.off('error', reject)
        const address = server.address()
        resolve({ host: bound, port: typeof address === 'object' && address !== null ? address.port : port })
      })
    })
  }

  async close(options: { readonly failRunning?: boolean } = {}): Promise<void> {
    if (options.failRunning === true) this.#backend.engine.failRunning()
    await this.kill()
  }

  async kill(): Promise<void> {
    this.#backend.engine.stop()
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
    const handle = (): SidecarResponse => {
      const remoteUsers = request.headersDistinct['x-remote-user'] ?? []
      return answer({ method, path: url, headers: request.headers, remoteUsers, body }, this.#backend)
    }
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

function send(response: ServerResponse, { status, headers, body }: SidecarResponse): void {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

function payload(body: string | object): Pick<SidecarResponse, 'headers' | 'body'> {
  if (typeof body === 'string') return { headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body }
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

/** seictl makes its two directories, and a small config.toml where there is none: `seid init` refuses after that. */
function prepareHome(home: Home): void {
  home.makeDirectory('config')
  home.makeDirectory('data')
  if (home.read('config/config.toml') !== undefined) return
  home.write(
    'config/config.toml',
    printToml(
      new Map([
        ['mode', 'full'],
        ['p2p.persistent-peers', ''],
      ]),
    ),
  )
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
