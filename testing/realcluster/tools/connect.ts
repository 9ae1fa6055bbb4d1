/** In a pod of tests: tries to connect to each HOST:PORT and prints how it went, as JSON. `connect.mjs HOST:PORT...` */
import { connect } from 'node:net'

export type Attempt = 'connected' | 'refused' | 'no answer'

const TIMEOUT_MS = 3000

function attempt(address: string): Promise<Attempt> {
  const [host = '', port = ''] = address.split(':')
  const socket = connect({ host, port: Number(port), timeout: TIMEOUT_MS })
  return new Promise<Attempt>(resolve => {
    socket.once('connect', () => resolve('connected'))
    socket.once('timeout', () => resolve('no answer'))
    socket.once('error', () => resolve('refused'))
  }).finally(() => socket.destroy())
}

const addresses = process.argv.slice(2)
const results = await Promise.all(addresses.map(attempt))
console.log(JSON.stringify(Object.fromEntries(addresses.map((address, index) => [address, results[index]]))))
