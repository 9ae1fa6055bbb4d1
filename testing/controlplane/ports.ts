/** Free TCP ports on the loopback address, from a range that the system does not hand out by itself. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ephemeral ranges of Linux (32768 up) and macOS (49152 up). A port from inside that range can be taken by any
 * outgoing connection while the server that owned it restarts; a client that keeps connecting to it can even meet itself.
 */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000
const ATTEMPTS = 50

/** `count` different ports that nobody listened on just now. Another process may still be quicker: callers retry. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  for (let attempt = 0; ports.size < count; attempt += 1) {
    if (attempt === ATTEMPTS) throw new Error(`no free port on 127.0.0.1 in ${ATTEMPTS} attempts`)
    const port = randomInt(FIRST_PORT, LAST_PORT)
    if (!ports.has(port) && (await isFree(port))) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
