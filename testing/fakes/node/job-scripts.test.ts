/** Tests of job-scripts.ts: the containers of a pool's Jobs, run for real on volumes that are directories. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GENESIS_CEREMONY, GENESIS_PUBLISH, PREP_VOLUME } from '../../../src/build/scripts.gen.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { hasEnded } from '../../controlplane/has-ended.ts'
import { until } from '../../../test/support/until.ts'
import type { Home } from '../sidecar/index.ts'
import type { ProcessExit } from './container-process.ts'
import { JobScripts } from './job-scripts.ts'
import { podPlan } from './pod-plan.ts'
import { TaskProcess } from './task-process.ts'

interface Container {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly volumes?: Readonly<Record<string, Home>>
  readonly name?: string
  readonly fallbackToLogs?: boolean
}

/** One for the test, which it ends with. */
async function withScripts(body: (scripts: JobScripts) => Promise<void>): Promise<void> {
  const scripts = new JobScripts()
  try {
    await body(scripts)
  } finally {
    await scripts.stop()
  }
}

function start(scripts: JobScripts, container: Container): { task: TaskProcess; ended: Promise<ProcessExit> } {
  const { command, env = {}, volumes = {}, name = 'ceremony', fallbackToLogs = true } = container
  const { promise, resolve } = Promise.withResolvers<ProcessExit>()
  const plan = { name, image: 'seid:v6', role: 'init', restartPolicy: 'Never', env, command, fallbackToLogs } as const
  const task: TaskProcess = TaskProcess.start(
    {
      namespace: 'sei',
      pod: 'devnet-genesis-x',
      podIP: '127.1.0.1',
      container: { ...plan, claims: new Map() },
      volumes: new Map(Object.entries(volumes)),
      clock: systemClock,
      onChange: () => resolve(task.exit ?? assert.fail('it did not end')),
    },
    each => scripts.run(each) ?? { exitCode: 0, message: 'played elsewhere' },
  )
  return { task, ended: task.exit ? Promise.resolve(task.exit) : promise }
}

function run(scripts: JobScripts, container: Container): Promise<ProcessExit> {
  return start(scripts, container).ended
}

const sh = (script: string, ...args: readonly string[]): readonly string[] => ['/bin/sh', '-c', script, 'name', ...args]

test('R2: the containers of a genesis Job and of prep Jobs run as they are', async () => {
  await withScripts(async scripts => {
    const genesis = scripts.home('genesis-uid')
    const data = scripts.home('data-uid')
    const onGenesis = { env: { GENESIS_DIR: '/genesis', HOME: '/genesis/home' }, volumes: { '/genesis': genesis } }
    const patch = ['genesis', 'patch', '--dir', '/genesis', '--params', '{}']
    assert.deepEqual(await run(scripts, { ...onGenesis, command: sh(GENESIS_CEREMONY, 'devnet-1', '2') }), {
      exitCode: 0,
    })
    assert.deepEqual(await run(scripts, { ...onGenesis, command: patch }), { exitCode: 0 })
    const published = await run(scripts, { ...onGenesis, command: sh(GENESIS_PUBLISH) })
    assert.equal(published.exitCode, 0)
    assert.match(published.message ?? '', /^genesis [0-9a-f]{64}\n0 [0-9a-f]{40}\n1 [0-9a-f]{40}\n$/)
    const prep = {
      command: sh(PREP_VOLUME, '1'),
      env: { GENESIS_DIR: '/genesis', SEI_HOME: '/sei' },
      volumes: { '/genesis': genesis, '/sei': data },
    }
    assert.deepEqual(await run(scripts, prep), { exitCode: 0 })
    assert.equal(data.read('config/node_key.json'), genesis.read('genesis/node1/config/node_key.json'))
  })
})

test('the patch refuses for good what no retry mends, and says what', async () => {
  await withScripts(async scripts => {
    const genesis = scripts.home('uid')
    const onGenesis = { env: { GENESIS_DIR: '/genesis' }, volumes: { '/genesis': genesis } }
    await run(scripts, { ...onGenesis, command: sh(GENESIS_CEREMONY, 'devnet-1', '1') })
    const command = ['genesis', 'patch', '--dir', '/genesis', '--params', '{"nothing":1}']
    const { exitCode, message } = await run(scripts, { ...onGenesis, command })
    assert.equal(exitCode, 65)
    assert.match(message ?? '', /nothing is not in genesis\.json/)
  })
})

test('a container that fails leaves the end of its log where its policy says so, or its own message', async () => {
  await withScripts(async scripts => {
    const failing = sh('echo out; echo why >&2; exit 3')
    assert.deepEqual(await run(scripts, { command: failing }), { exitCode: 3, message: 'out\nwhy\n' })
    assert.deepEqual(await run(scripts, { command: failing, fallbackToLogs: false }), { exitCode: 3 })
    const own = sh('echo log; echo mine >"$TERMINATION_LOG"; exit 1')
    assert.deepEqual(await run(scripts, { command: own }), { exitCode: 1, message: 'mine\n' })
    const long = await run(scripts, {
      command: sh('i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i + 1)); done; exit 1'),
    })
    assert.equal(long.message?.length, 2048)
    assert.ok(long.message?.endsWith('998\n999\n'))
  })
})

test('paths below a mount are on the volume, in arguments and in variables; nothing else of this machine is there', async () => {
  await withScripts(async scripts => {
    const volume = scripts.home('uid')
    const container = {
      command: sh(
        'echo "$1 $2" >"$FILE"; env | cut -d= -f1 | grep -v "^_\\|^PWD\\|^SHLVL\\|^OLDPWD" | sort | tr "\\n" " " >>"$FILE"',
        '/sei/a',
        '/seiother',
      ),
      env: { FILE: '/sei/file' },
      volumes: { '/sei': volume },
    }
    assert.equal((await run(scripts, container)).exitCode, 0)
    assert.equal(volume.read('file'), `${volume.root}/a /seiother\nFILE PATH TERMINATION_LOG `)
  })
})

test('SIGTERM kills a container with all processes that it started', async () => {
  await withScripts(async scripts => {
    const volume = scripts.home('uid')
    const command = sh('sleep 100 & echo $! >"$DIR/part"; mv "$DIR/part" "$DIR/pid"; wait')
    const { task } = start(scripts, { command, env: { DIR: '/sei' }, volumes: { '/sei': volume } })
    const pid = Number(await until('its process id', () => volume.read('pid')))
    await task.signal('SIGTERM')
    assert.equal(task.exit?.exitCode, 143)
    await until('the end of what it started', () => hasEnded(pid) || undefined)
  })
})

test('seid-init and what is no script are played elsewhere', async () => {
  await withScripts(async scripts => {
    const elsewhere = { exitCode: 0, message: 'played elsewhere' }
    assert.deepEqual(await run(scripts, { command: sh('exit 1'), name: 'seid-init' }), elsewhere)
    assert.deepEqual(await run(scripts, { command: ['seid', 'start'] }), elsewhere)
  })
})

test('the termination message policy is read from the pod', () => {
  const containers = [
    { name: 'a', terminationMessagePolicy: 'FallbackToLogsOnError' },
    { name: 'b', terminationMessagePolicy: 'File' },
    { name: 'c' },
  ]
  const plan = podPlan({ spec: { containers } })
  assert.deepEqual(
    plan.containers.map(({ fallbackToLogs }) => fallbackToLogs),
    [true, undefined, undefined],
  )
})
