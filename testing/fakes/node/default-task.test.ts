/** Tests of default-task.ts and task-process.ts: what init containers and Jobs do to their volumes, and how they end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { MemoryHome } from '../sidecar/index.ts'
import type { LaunchContext } from './container-process.ts'
import { defaultTask } from './default-task.ts'
import { TaskProcess } from './task-process.ts'

function contextOf(
  name: string,
  command: readonly string[],
  home = new MemoryHome(),
): LaunchContext & { changes: number } {
  const context = {
    namespace: 'sei',
    pod: 'node-0',
    podIP: '127.1.0.1',
    container: {
      name,
      image: 'seid:v5',
      role: 'init' as const,
      restartPolicy: 'OnFailure' as const,
      env: { SEI_HOME: '/sei' },
      command,
      claims: new Map(),
    },
    volumes: new Map([['/sei', home]]),
    clock: new ManualClock(),
    changes: 0,
    onChange: () => {
      context.changes += 1
    },
  }
  return context
}

function run(context: LaunchContext, durationMs = 0): TaskProcess {
  return TaskProcess.start(context, defaultTask(durationMs, context.clock))
}

const SEID_INIT = ['seid', 'init', 'm', '--chain-id', 'devnet-1', '--home']
const INIT = ['/bin/sh', '-c', 'SCRIPT', 'seid-init', 'arctic-1', 'node-0', 'init']

test('seid-init makes a seid home of an empty volume', () => {
  const home = new MemoryHome()
  assert.deepEqual(run(contextOf('seid-init', INIT, home)).exit, { exitCode: 0 })
  assert.match(home.read('config/genesis.json') ?? '', /arctic-1/)
  assert.match(home.read('config/config.toml') ?? '', /node-0/)
})

test('seid-init leaves a home that is there alone', () => {
  const home = new MemoryHome()
  home.write('config/genesis.json', '{}')
  run(contextOf('seid-init', INIT, home))
  assert.deepEqual([home.read('config/genesis.json'), home.read('config/config.toml')], ['{}', undefined])
})

test('seid-init that expects a prepared volume fails on an empty one, and says why', () => {
  const { exit } = run(contextOf('seid-init', [...INIT.slice(0, -1), 'fail']))
  assert.equal(exit?.exitCode, 1)
  assert.match(exit?.message ?? '', /spec\.genesis\.pvc must name a claim/)
})

test('a container that runs seid init works on the volume at --home, and fails where none is mounted', () => {
  const home = new MemoryHome()
  assert.deepEqual(run(contextOf('prepare', [...SEID_INIT, '/sei'], home)).exit, { exitCode: 0 })
  assert.match(home.read('config/genesis.json') ?? '', /devnet-1/)
  const elsewhere = run(contextOf('prepare', [...SEID_INIT, '/data']))
  assert.equal(elsewhere.exit?.exitCode, 1)
  assert.match(elsewhere.exit?.message ?? '', /works on \/data: no volume is mounted there/)
})

test('a task that takes its time ends after it, and tells', async () => {
  const context = contextOf('any', ['true'])
  const process = run(context, 500)
  assert.equal(process.exit, undefined)
  assert.ok(context.clock instanceof ManualClock)
  await context.clock.advance(500)
  assert.deepEqual([process.exit, context.changes], [{ exitCode: 0 }, 1])
})

test('a task that throws ends with 1, one that is killed with 137', async () => {
  const thrown = TaskProcess.start(contextOf('any', []), () => Promise.reject(new Error('disk full')))
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(thrown.exit, { exitCode: 1, message: 'disk full' })
  let aborted = false
  const killed = TaskProcess.start(contextOf('any', []), ({ signal }) => {
    signal.addEventListener('abort', () => {
      aborted = true
    })
    return new Promise(() => {})
  })
  await killed.signal('SIGKILL')
  assert.deepEqual([killed.exit?.exitCode, aborted], [137, true])
})
