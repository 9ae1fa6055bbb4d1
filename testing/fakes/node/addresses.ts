/** Loopback addresses for pods and their ports: `leaseAddresses` takes a block that no other process on this machine uses. */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/** Any port works. The sidecars' port is used so that a conflict with another program is detected here. */
const LEASE_PORT = 7777
const BLOCKS = 250
const LAST = 254

export interface Addresses {
  /** An address that no pod has, such as `127.1.0.1`. Throws when all 64,000 are in use. */
  take(): string
  /** Returns the address, which is reused only after all others. */
  release(address: string): void
  close(): Promise<void>
}

/**
 * The first free block 127.N.0.0/16, reserved by a listening socket on its last address while this process runs.
 * Rejects where the system has no loopback addresses but 127.0.0.1 (macOS), saying how to add some.
 */
export async function leaseAddresses(): Promise<Addresses> {
  for (let block = 1; block <= BLOCKS; block += 1) {
    const lease = await hold(`127.${block}.255.254`)
    if (lease) return new Block(block, lease)
  }
  throw new Error(`all ${BLOCKS} blocks of loopback addresses are in use (or port ${LEASE_PORT} is, on every address)`)
}

type Release = () => Promise<void>

function hold(host: string): Promise<Release | undefined> {
  const server = createServer().unref()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error.code === 'EADDRNOTAVAIL' ? new Error(noSuchAddress(host), { cause: error }) : error)
    })
    server.listen({ host, port: LEASE_PORT, exclusive: true }, () =>
      resolve(() => new Promise(done => server.close(() => done()))),
    )
  })
}

function noSuchAddress(host: string): string {
  const block = host.split('.')[1] ?? '1'
  return (
    `this machine has no address ${host}: pods need one loopback address each. On macOS, add some: ` +
    `sudo ifconfig lo0 alias ${host}; for i in $(seq 1 100); do sudo ifconfig lo0 alias 127.${block}.0.$i; done`
  )
}

class Block implements Addresses {
  readonly #block: number
  readonly #lease: Release
  readonly #taken = new Set<string>()
  #next = 0

  constructor(block: number, lease: Release) {
    this.#block = block
    this.#lease = lease
  }

  take(): string {
    for (let tried = 0; tried < LAST * LAST; tried += 1) {
      const at = this.#next
      this.#next = (at + 1) % (LAST * LAST)
      const address = `127.${this.#block}.${Math.floor(at / LAST)}.${(at % LAST) + 1}`
      if (!this.#taken.has(address)) {
        this.#taken.add(address)
        return address
      }
    }
    throw new Error(`all ${LAST * LAST} pod addresses are in use`)
  }

  release(address: string): void {
    this.#taken.delete(address)
  }

  close(): Promise<void> {
    return this.#lease()
  }
}

export interface PodPortOptions {
  readonly host: string
  readonly port: number
  /** Called each time the port is opened. */
  readonly createServer: () => Server
}

/** A port of a pod's address: accepts connections, or refuses them as a partitioned network would. */
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
    const { host, port } = this.#options
    const server = this.#options.createServer()
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
