/** One port of one pod's address: `PodPort` hands on connections, or refuses them as a cut network would. */
import type { Server, Socket } from 'node:net'

export interface PodPortOptions {
  readonly host: string
  readonly port: number
  /** What answers there; made anew each time the port is opened. */
  readonly createServer: () => Server
}

export class PodPort {
  readonly #options: PodPortOptions
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(options: PodPortOptions) {
    this.#options = options
  }

  /** Rejects when the address is taken or is not one of this machine's. Does nothing when it is open. */
  open(): Promise<void> {
    if (this.#server) return Promise.resolve()
    const { host, port, createServer } = this.#options
    const server = createServer()
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    })
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', error => {
        this.#server = undefined
        reject(error)
      })
      server.listen({ host, port, exclusive: true }, () => resolve())
    })
  }

  /** Breaks every connection and refuses new ones, until `open`. */
  async close(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
