/** The script in front of a seid that has a height to halt at, as src/build/scripts/halt-guard.sh does it: `playHaltGuard`. */
import { heightOf, UNREADABLE } from './block-store.ts'
import type { ContainerProcess, LaunchContext } from './container-process.ts'
import { TaskProcess } from './task-process.ts'

/** The process that ends in seid's place; undefined where seid is to be started, or nothing guards it. */
export function playHaltGuard(context: LaunchContext): ContainerProcess | undefined {
  const { command } = context.container
  const at = command.indexOf('halt-guard')
  const [mode, path = '', limit] = command.slice(at + 1)
  if (at === -1 || mode !== 'run') return undefined
  const home = context.volumes.get(path)
  const height = home ? heightOf(home) : 0
  if (height < Number(limit)) return undefined
  if (Number.isNaN(height)) {
    const message = `seid is not started: the height of its volume cannot be read and may be at spec.haltHeight: ${UNREADABLE}\n`
    return TaskProcess.start(context, () => ({ exitCode: 1, message }))
  }
  return TaskProcess.start(context, () => ({ exitCode: 0, message: `halted ${height}\n` }))
}
