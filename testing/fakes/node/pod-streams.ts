/** What the API server asks kubelets on behalf of people: `forwardPort` for `kubectl port-forward`, `containerLog` for `kubectl logs`. */
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { ResolvedOptions } from './options.ts'
import { acceptWebSocket } from './web-socket.ts'

/** The protocol of a kubelet for one connection over a WebSocket: each message begins with its channel. */
const PROTOCOL = 'v4.channel.k8s.io'
const DATA = 0
const ERROR = 1

/** Connects the WebSocket to the port of the pod that the request names. */
export function forwardPort(request: IncomingMessage, socket: Duplex, pods: readonly Pod[]): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://kubelet')
  const [, action, namespace = '', name = ''] = pathname.split('/')
  const host = podOf(pods, namespace, name)?.status?.podIP
  if (action !== 'portForward' || host === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return
  }
  const port = Number(searchParams.get('port'))
  const upstream = connect({ host, port })
  const connection = acceptWebSocket(request, socket, PROTOCOL, {
    message: message => {
      if (message.readUInt8(0) === DATA) upstream.write(message.subarray(1))
    },
    close: () => upstream.destroy(),
  })
  const send = (channel: number, data: Buffer): void => connection.send(Buffer.concat([Buffer.of(channel), data]))
  const announced = Buffer.alloc(2)
  announced.writeUInt16LE(port)
  for (const channel of [DATA, ERROR]) send(channel, announced)
  upstream.on('data', (data: Buffer) => send(DATA, data))
  upstream.once('error', ({ message }) => send(ERROR, Buffer.from(`error forwarding port ${port}: ${message}`)))
  upstream.once('close', () => connection.close())
}

/** Of `/containerLogs/NAMESPACE/POD/CONTAINER`; undefined if no such container has started. */
export function containerLog(url: string, pods: readonly Pod[], logOf: ResolvedOptions['logOf']): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://kubelet')
  const [, , namespace = '', name = '', container = ''] = pathname.split('/')
  const { initContainerStatuses = [], containerStatuses = [] } = podOf(pods, namespace, name)?.status ?? {}
  const status = [...initContainerStatuses, ...containerStatuses].find(each => each.name === container)
  const isPrevious = searchParams.get('previous') === 'true'
  const { running, terminated } = (isPrevious ? status?.lastState : status?.state) ?? {}
  if (!running && !terminated) return undefined
  const tail = Number(searchParams.get('tailLines') ?? Number.POSITIVE_INFINITY)
  const lines = logOf({ pod: name, container })?.split('\n') ?? [
    `${container} of pod ${name} starts`,
    `${container} of pod ${name} ${terminated ? 'has ended' : 'runs'}`,
  ]
  return lines
    .slice(-tail)
    .map(line => `${line}\n`)
    .join('')
}

function podOf(pods: readonly Pod[], namespace: string, name: string): Pod | undefined {
  return pods.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name)
}
