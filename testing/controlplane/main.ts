/** The developer's cluster on the command line: `exec` runs a command on a fresh control plane, `up` keeps one running, `binaries` prepares its programs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'

import { Command } from 'commander'

import { resolveBinaries } from './binaries.ts'
import { type ControlPlane, startControlPlane } from './cluster.ts'
import { environmentOf } from './environment.ts'
import { quoted } from '../shell.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Resolves with the exit status of `command`, in a shell's way: 128 + n when signal n ended it. */
async function runOn(controlPlane: ControlPlane, command: readonly string[]): Promise<number> {
  const [path = '', ...args] = command
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal has sent Ctrl-C to the whole foreground group already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  // Before the command starts: a signal that came in between would end this process alone, and leave the command running.
  for (const signal of SIGNALS) process.on(signal, forward)
  const child = spawn(path, args, { stdio: 'inherit', env: { ...process.env, ...environmentOf(controlPlane) } })
  const status = await new Promise<number>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)))
    child.once('error', error => {
      console.error(`cannot run ${path}: ${error.message}`)
      resolve(127)
    })
  })
  for (const signal of SIGNALS) process.off(signal, forward)
  return status
}

async function exec(command: readonly string[]): Promise<void> {
  await using controlPlane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  process.exitCode = await runOn(controlPlane, command)
}

async function up(): Promise<void> {
  await using controlPlane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  // Before the message that it is ready, to which a user may react with Ctrl-C.
  const stopped = Promise.race(SIGNALS.map(signal => once(process, signal)))
  console.log(
    `The control plane is ready. In another terminal:\n\n  export KUBECONFIG=${quoted(controlPlane.kubeconfigPath)}`,
  )
  console.log(`  ${quoted(controlPlane.kubectlPath)} get namespaces\n\nCtrl-C stops it and removes what it wrote.`)
  await stopped
}

const program = new Command('control-plane')
  .description('A real Kubernetes control plane on this machine, without Docker.')
  .enablePositionalOptions()
program
  .command('exec')
  .description('start a control plane, run a command with KUBECONFIG set to it, stop it; exits as the command does')
  .argument('<command...>')
  .passThroughOptions()
  .action(exec)
program.command('up').description('start a control plane and keep it until Ctrl-C').action(up)
program
  .command('binaries')
  .description('prepare its programs and print the directory that holds them')
  .action(async () => console.log((await resolveBinaries(process.env)).dir))

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
