/** Namespaces that look like a separate machine: `runInNamespaces` runs a command in them and does not change the machine. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

import { REAL_NODE } from '../controlplane/credentials.ts'
import type { Runtime } from './debian-packages.ts'
import { NODE_IP, SERVICE_IP } from './node-files.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export interface NamespaceOptions {
  /** On a disk; removed with all that it holds when the command has ended, however that comes about. */
  readonly dir: string
  readonly runtime: Runtime
  readonly env: NodeJS.ProcessEnv
}

/** The name of the cgroup that holds everything that runs in the namespaces of `dir`. */
export function cgroupOf(dir: string): string {
  return basename(dir)
}

/**
 * Resolves with the command's exit status, in a shell's way. Its process is PID 1's only child; when it ends, or this
 * process does, the kernel ends whatever else runs there.
 */
export async function runInNamespaces(command: readonly string[], options: NamespaceOptions): Promise<number> {
  const { dir, runtime, env } = options
  const cgroup = cgroupOf(dir)
  const janitor = spawn(script('janitor.sh'), [cgroup, dir], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] })
  const child = spawn(script('enter.sh'), [cgroup, script('init.sh'), ...command], {
    detached: true,
    stdio: 'inherit',
    env: {
      ...env,
      CLUSTER_DIR: dir,
      NODE_NAME: REAL_NODE,
      NODE_IP,
      SERVICE_IP,
      RUNTIME_PATH: runtime.programs.join(':'),
      RUNTIME_LIBRARIES: runtime.libraries.join(':'),
    },
  })
  janitor.stdin.write(`${child.pid ?? ''}\n`)
  // The command hears of it by its end: nothing in there is worth a farewell.
  const end = (): void => void janitor.stdin.end()
  for (const signal of SIGNALS) process.on(signal, end)
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)))
  })
  janitor.stdin.end()
  await once(janitor, 'exit')
  for (const signal of SIGNALS) process.off(signal, end)
  return status
}
