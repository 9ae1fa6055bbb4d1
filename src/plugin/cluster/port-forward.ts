/** Connections to a port of a pod through the API server, as `kubectl port-forward` makes them: `portForwardAgent`. */
import { Agent, type ClientRequestArgs } from 'node:http'
import type { RequestOptions } from 'node:https'
import { Duplex } from 'node:stream'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js'
import type { ClusterConfig } from '../../kube/cluster-config.ts'
import { pods } from '../../kube/resources.ts'
import { resourcePath } from '../../kube/resource-path.ts'
import type { ObjectKey } from '../../kube/types.ts'

/** Each message begins with its channel. */
const DATA = 0
/** The first message of each channel is the number of the port. */
const PORT_BYTES = 2

/** Why no connection came about, in a few words. */
class PortForwardError extends Error {
  override readonly name = 'PortForwardError'
}

/** An agent of node:http whose connections end at that port of that pod, whatever host a request names. */
export function portForwardAgent(config: ClusterConfig, pod: ObjectKey, port: number): Agent {
  return new PortForwardAgent(() => openPort(config, pod, port))
}

class PortForwardAgent extends Agent {
  readonly #open: () => Promise<Duplex>

  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 1 })
    this.#open = open
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void this.#connect(callback)
  }

  async #connect(callback: (error: Error | null, stream: Duplex) => void): Promise<void> {
    // Node reads no stream beside an error.
    const { error, stream } = await this.#open().then(
      opened => ({ error: null, stream: opened }),
      (cause: Error) => ({ error: cause, stream: new Duplex() }),
    )
    callback(error, stream)
  }

  // Those of the base class are for sockets of node:net.
  override keepSocketAlive(): boolean {
    return true
  }

  override reuseSocket(): void {}
}

/** The library's configuration, for a cluster whose settings are loaded already. */
class LoadedConfig extends KubeConfig {
  readonly #config: ClusterConfig

  constructor(config: ClusterConfig) {
    super()
    this.#config = config
    const server = config.server.replace(/\/+$/, '')
    // `applyToHTTPSOptions` below decides how the server is verified.
    this.loadFromClusterAndUser({ name: 'cluster', server, skipTLSVerify: true }, { name: 'user' })
  }

  override async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    const { tls, readTls, credentials, agent } = this.#config
    const [current, headers] = await Promise.all([readTls?.() ?? tls, credentials.headers()])
    Object.assign(options, current, { headers: { ...headers } }, agent && { agent })
  }
}

async function openPort(config: ClusterConfig, pod: ObjectKey, port: number): Promise<Duplex> {
  const path = resourcePath(pods, { ...pod, subresource: 'portforward' }, { ports: port })
  const awaitsPort = new Set([0, 1])
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => socket.send(Buffer.concat([Buffer.of(DATA), chunk]), done),
    final: done => {
      socket.close()
      done()
    },
    destroy: (error, done) => {
      socket.close()
      done(error)
    },
  })
  const receive = (channel: number, message: Buffer): boolean => {
    const bytes = awaitsPort.delete(channel) ? message.subarray(PORT_BYTES) : message
    if (bytes.length === 0) return true
    if (channel === DATA) stream.push(bytes)
    else stream.destroy(new PortForwardError(`no connection to port ${port}: ${bytes.toString().trim()}`))
    return true
  }
  const socket = await new WebSocketHandler(new LoadedConfig(config)).connect(path, null, receive).catch(refused)
  socket.addEventListener('close', () => stream.push(null))
  return stream

  function refused(cause: { readonly message?: string }): never {
    const status = /response: (\d+)/.exec(cause.message ?? '')?.[1]
    if (status === '403')
      throw new PortForwardError(`you may not create pods/portforward in namespace ${pod.namespace}`)
    const why = status === undefined ? (cause.message ?? 'no answer') : `HTTP ${status} from the API server`
    throw new PortForwardError(`port-forward: ${why}`)
  }
}
