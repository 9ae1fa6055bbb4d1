/** Keeps connections to one API server, and replaces them when its certificates change: `Connections`. */
import { Agent } from 'node:http'
import { Agent as SecureAgent, type AgentOptions as SecureAgentOptions } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'
import { type Answer, exchange, type ExchangeRequest, type Target } from './exchange.ts'
import { HttpError, httpErrorOf } from './http-error.ts'
import { RenewedTls } from './renewed-tls.ts'

/** Idle connections are closed before a server, or a load balancer in between, closes them. */
const IDLE_SOCKET_MS = 55_000
/** The kernel probes a silent peer, so that a broken path is noticed. */
const PROBE_MS = 30_000

export class Connections {
  readonly #tls: RenewedTls
  readonly #maxSockets: number
  readonly #target: Target
  readonly #pathPrefix: string
  /** The agent of the context's proxy, which replaces the client's own agents and keeps its first certificates. */
  readonly #proxy: Agent | undefined
  /** The last is in use for new requests; earlier ones may still have requests in progress. */
  readonly #created: Agents[] = []
  #isClosed = false

  /** `maxSockets` limits the connections for requests; each stream has an additional one. */
  constructor(config: ClusterConfig, maxSockets: number, monotonic: () => number) {
    const { protocol, hostname, port, pathname } = new URL(config.server)
    const isSecure = protocol === 'https:'
    // A URL keeps the brackets of an IPv6 address; a socket does not accept them.
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    this.#target = { isSecure, host, port: Number(port) || (isSecure ? 443 : 80) }
    this.#pathPrefix = pathname.replace(/\/$/, '')
    this.#tls = new RenewedTls(config, monotonic)
    this.#maxSockets = maxSockets
    this.#proxy = config.agent
  }

  /** Rejects with an HttpError. Resends a request only if the server did not process it and the certificates have changed. */
  async exchange(request: ExchangeRequest): Promise<Answer> {
    const sent = this.#pathPrefix === '' ? request : { ...request, path: this.#pathPrefix + request.path }
    if (this.#proxy) return exchange(this.#proxy, this.#target, sent)
    const used = await this.#tls.current()
    let failure: HttpError | undefined
    const answer = await this.#send(used, sent).catch((error: unknown) => {
      if (!(error instanceof HttpError) || error.kind !== 'connect') throw error
      failure = error
      return undefined
    })
    if (answer && answer.status !== 401) return answer
    // The server's certificate, or those that it accepts, may have changed since the files were read.
    this.#tls.doubt()
    const renewed = await this.#tls.current()
    if (renewed !== used) return this.#send(renewed, sent)
    if (!answer) throw failure
    return answer
  }

  /** Closes all connections. Requests in progress, and those that wait for a connection, fail. */
  close(): void {
    this.#isClosed = true
    this.#proxy?.destroy()
    for (const { requests, streams } of this.#created) {
      closeAgent(requests)
      closeAgent(streams)
    }
  }

  async #send(tls: TlsConfig, request: ExchangeRequest): Promise<Answer> {
    if (this.#isClosed) throw closedError()
    const { requests, streams } = this.#agentsFor(tls)
    return exchange(request.isStream ? streams : requests, this.#target, request)
  }

  /** Connections with earlier certificates end with their requests. */
  #agentsFor(tls: TlsConfig): Agents {
    const current = this.#created.at(-1)
    if (current?.tls === tls) return current
    const options = { keepAlive: true, keepAliveMsecs: PROBE_MS, timeout: IDLE_SOCKET_MS, ...this.#secure(tls) }
    const create = (maxSockets: number): Agent => {
      const all = { ...options, maxSockets, maxFreeSockets: maxSockets }
      return this.#target.isSecure ? new SecureAgent(all) : new Agent(all)
    }
    const created = { tls, requests: create(this.#maxSockets), streams: create(Infinity) }
    if (current) {
      retireAgent(current.requests)
      retireAgent(current.streams)
    }
    this.#created.push(created)
    return created
  }

  /** Certificates are parsed once, not for each connection. */
  #secure({ servername, rejectUnauthorized = true, ...certificates }: TlsConfig): SecureAgentOptions {
    if (!this.#target.isSecure) return {}
    try {
      const secureContext = createSecureContext(certificates)
      return {
        secureContext,
        rejectUnauthorized,
        ALPNProtocols: ['http/1.1'],
        ...(servername !== undefined && { servername }),
      }
    } catch (cause) {
      throw httpErrorOf(cause, false)
    }
  }
}

/** The agents that use the same certificates. */
interface Agents {
  readonly tls: TlsConfig
  readonly requests: Agent
  readonly streams: Agent
}

/** Connections that are idle, or become idle, are closed. */
function retireAgent(agent: Agent): void {
  agent.maxFreeSockets = 0
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}

/** Otherwise the agent would open new connections for waiting requests when others close. */
function closeAgent(agent: Agent): void {
  retireAgent(agent)
  const waiting = Object.values(agent.requests).flatMap(requests => requests ?? [])
  for (const name of Object.keys(agent.requests)) Reflect.deleteProperty(agent.requests, name)
  for (const request of waiting) {
    request.destroy()
    request.emit('error', closedError())
  }
  agent.destroy()
}

function closedError(): HttpError {
  return new HttpError('closed', 'the client is closed', { isSent: false })
}
