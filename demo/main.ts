/** `make demo`: a real control plane, the operator on it, and Sei nodes that get to Running. ONCE=1 ends there. */
import { constants } from 'node:os'

import { aborted } from '../src/runtime/clock.ts'
import { runDemo } from './demo.ts'

const { env, stdout } = process
const once = !['', '0', 'false'].includes(env['ONCE'] ?? '')
const interruption = new AbortController()
const { signal } = interruption
const cleanup = new AsyncDisposableStack()
let status = 1

// Signals after the first change nothing: npm passes on the Ctrl-C that the terminal has sent here already.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupt(name))
// A closed pipe or terminal: nobody reads the output.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt('SIGHUP'))

try {
  const demo = runDemo({ screen: stdout, env, once, cleanup, interruption: signal })
  const result = await Promise.race([demo, aborted(signal)])
  if (result && !once) await Promise.race([aborted(signal), result.died])
  if (result?.allRunning) status = 0
} catch (error) {
  if (!signal.aborted) console.error(error instanceof Error ? error.message : error)
}
if (signal.aborted) stdout.write('\nStopping.\n')
await cleanup.disposeAsync()
// What was interrupted while it started is not in the cleanup yet; its supervisors end it when this process exits.
process.exit(status)

/** As a shell counts: 128 and the signal's number. */
function interrupt(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
  if (signal.aborted) return
  status = 128 + constants.signals[name]
  interruption.abort()
}
