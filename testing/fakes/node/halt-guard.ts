/** The script in front of a seid that has a height to halt at, as src/build/scripts/halt-guard.sh does it: `playHaltGuard`; the height of a volume: `heightOf`. */
import type { Home } from '../sidecar/index.ts'
import type { ContainerProcess, LaunchContext } from './container-process.ts'
import { TaskProcess } from './task-process.ts'

/** Where a fake seid keeps the height of its last block, in the place of its block store. */
const STORE = 'data/blockstore.db'

/** 0 on a volume without blocks. */
export function heightOf(home: Home): number {
  return Number(home.read(STORE) ?? 0)
}

export function writeHeight(home: Home, height: number): void {
  home.write(STORE, String(height))
}

/** The process that ends in the container's place; undefined where seid is to be started, or there is no such script. */
export function playHaltGuard(context: LaunchContext): ContainerProcess | undefined {
  const { command } = context.container
  const at = command.indexOf('halt-guard')
  if (command[0] !== '/bin/sh' || at === -1) return undefined
  const [mode, path = '', limit] = command.slice(at + 1)
  const home = context.volumes.get(path)
  const height = home ? heightOf(home) : 0
  const isHalted = mode === 'run' && height >= Number(limit)
  if (mode !== 'report' && !isHalted) return undefined
  const message = mode === 'report' ? `height ${height}\n` : `halted ${height}\n`
  return TaskProcess.start(context, () => ({ exitCode: 0, message }))
}
