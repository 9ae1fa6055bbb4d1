/** What init containers and Jobs do unless a test says otherwise: `defaultTask` knows the few commands that matter to a volume. */
import { INIT_CONTAINER } from '../../../src/api/names.ts'
import { sleep } from '../../../src/runtime/clock.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { seidInit } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'
import type { ProcessExit } from './container-process.ts'
import type { ContainerTask, RunToCompletion } from './task-process.ts'

/**
 * Plays the `seid-init` container, and `seid init MONIKER --chain-id CHAIN --home DIR` in any other; everything else
 * succeeds and does nothing. Takes `durationMs`.
 */
export function defaultTask(durationMs: number, clock: Clock): RunToCompletion {
  return task => {
    const exit = effectOf(task)
    return durationMs === 0 ? exit : sleep(durationMs, task.signal, clock).then(() => exit)
  }
}

function effectOf(task: ContainerTask): ProcessExit {
  if (task.container === INIT_CONTAINER) return seidInitContainer(task)
  const [program, verb, moniker = ''] = task.command
  if (program === 'seid' && verb === 'init') {
    seidInit(mountedAt(task, flag(task, '--home')), { chainId: flag(task, '--chain-id'), moniker })
  }
  return { exitCode: 0 }
}

/** A file that the script takes away first. */
const RESET = /^rm -f "\$SEI_HOME\/([^"]+)"$/m

/** The container's script: it leaves a home that is there alone, and takes a chain id, a moniker, and `init` or `fail`. */
function seidInitContainer(task: ContainerTask): ProcessExit {
  const [chainId = '', moniker = '', onEmptyVolume] = task.command.slice(-3)
  const home = mountedAt(task, task.env['SEI_HOME'] ?? '')
  const mark = RESET.exec(task.command.join('\n'))?.[1]
  if (mark !== undefined) home.remove(mark)
  home.remove('tmp')
  home.makeDirectory('tmp')
  if ((home.read('config/genesis.json') ?? '') !== '') return { exitCode: 0 }
  if (onEmptyVolume === 'fail') {
    const message =
      'no config/genesis.json on the data volume: spec.genesis.pvc must name a claim whose volume was prepared'
    return { exitCode: 1, message }
  }
  seidInit(home, { chainId, moniker, overwrite: true })
  return { exitCode: 0 }
}

function mountedAt(task: ContainerTask, path: string): Home {
  const home = task.volumes.get(path)
  if (!home)
    throw new Error(`container ${task.container} works on ${path || 'no directory'}: no volume is mounted there`)
  return home
}

function flag(task: ContainerTask, name: string): string {
  return task.command[task.command.indexOf(name) + 1] ?? ''
}
