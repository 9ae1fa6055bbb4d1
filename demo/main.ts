/** `make demo`: a real control plane, the operator on it, and Sei nodes that get to Running. ONCE=1 ends there. */
import { fileURLToPath } from 'node:url'

import { aborted } from '../src/runtime/clock.ts'
import { runDemo } from './demo.ts'
import { Interruption, interruptionOf, unlessAborted } from './interruption.ts'

const { env, stdout } = process
const root = fileURLToPath(new URL('..', import.meta.url))
const once = !['', '0', 'false'].includes(env['ONCE'] ?? '')
const interruption = interruptionOf(process)
const stage = new AsyncDisposableStack()
let status = 1
try {
  const demo = runDemo({ screen: stdout, env, root, once, stage, interruption })
  const { allRunning, died } = await unlessAborted(interruption, demo)
  if (!once) await Promise.race([aborted(interruption), died])
  status = allRunning ? 0 : 1
} catch (error) {
  if (error instanceof Interruption) status = error.status
  else console.error(error instanceof Error ? error.message : error)
}
if (interruption.aborted) stdout.write('\nStopping.\n')
await stage.disposeAsync()
// What was interrupted while it started is not on the stage yet; its supervisors end it when this process goes.
process.exit(status)
