/** In a pod of tests: prints the height of each named chain node a few times a second, a JSON line each time. `observe.mjs NAME=HOST...` */
import { setTimeout as delay } from 'node:timers/promises'

/** What one line holds: heights by the names of nodes; a node that does not answer is left out. */
export interface Observation {
  /** Epoch milliseconds. */
  readonly at: number
  readonly heights: Readonly<Record<string, number>>
}

const INTERVAL_MS = 250
const TIMEOUT_MS = 1000

interface Status {
  readonly sync_info: { readonly latest_block_height: string }
}

async function height(host: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`http://${host}:26657/status`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const body: Status & { readonly result?: Status } = JSON.parse(await answer.text())
    return Number((body.result ?? body).sync_info.latest_block_height)
  } catch {
    return undefined
  }
}

const nodes = process.argv.slice(2).map(argument => argument.split('='))
process.once('SIGTERM', () => process.exit(0))
for (;;) {
  const heights: Record<string, number> = {}
  const ask = async ([name = '', host = '']: readonly string[]): Promise<void> => {
    const found = await height(host)
    if (found !== undefined) heights[name] = found
  }
  await Promise.all(nodes.map(ask))
  const observation: Observation = { at: Date.now(), heights }
  console.log(JSON.stringify(observation))
  await delay(INTERVAL_MS)
}
