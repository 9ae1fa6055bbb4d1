/** Tests of pod-runner.ts with containers that do as they are told, on a clock that stands still. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { MemoryHome } from '../sidecar/index.ts'
import type { ContainerProcess, LaunchContext, ProcessExit } from './container-process.ts'
import { gatedPod, jobPod } from './pod-fixture.ts'
import { PodRunner } from './pod-runner.ts'

/** Init containers end at once; the others run, with probes that fail until a test lets them pass. */
class Puppet implements ContainerProcess {
  exit: ProcessExit | undefined
  healthy = false
  readonly context: LaunchContext
  readonly #log: string[]

  constructor(context: LaunchContext, log: string[]) {
    this.context = context
    this.#log = log
    if (context.container.role === 'init') this.exit = { exitCode: 0 }
  }

  answers(): boolean {
    return this.healthy
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#log.push(`${signal} ${this.context.container.name}`)
    this.exit ??= { exitCode: 143 }
    return Promise.resolve()
  }
}

function stage(pod: Pod = gatedPod()) {
  const clock = new ManualClock()
  const log: string[] = []
  const puppets = new Map<string, Puppet>()
  const images = { fail: false }
  const home = new MemoryHome()
  const runner = new PodRunner(pod, {
    podIP: '127.1.0.1',
    hostIP: '127.0.0.1',
    volumes: new Map([['data-node', home]]),
    mountSecret: () => Promise.resolve(new MemoryHome()),
    launch: context => {
      log.push(`start ${context.container.name}`)
      const puppet = new Puppet(context, log)
      puppets.set(context.container.name, puppet)
      return Promise.resolve(puppet)
    },
    canPull: () => !images.fail,
    crash: { initialMs: 10_000, maxMs: 300_000 },
    clock,
    onChange: () => {},
  })
  const pass = async (name: string): Promise<void> => {
    const puppet = puppets.get(name)
    if (puppet) puppet.healthy = true
    await runner.sync()
  }
  const end = async (name: string, exitCode: number): Promise<number | undefined> => {
    const puppet = puppets.get(name)
    if (puppet) puppet.exit = { exitCode }
    return runner.sync()
  }
  return { runner, clock, log, puppets, images, home, pod, pass, end }
}

test('one sync brings a pod to its gate, and one more past it', async () => {
  const { runner, log, pass, pod } = stage()
  await runner.sync()
  assert.deepEqual(log, ['start seid-init', 'start sei-sidecar'])
  await pass('sei-sidecar')
  assert.deepEqual(log.slice(2), ['start seid'])
  await pass('seid')
  assert.equal(runner.status(pod).conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
})

test('a sync without news starts nothing and changes no status', async () => {
  const { runner, log, pod, clock } = stage()
  await runner.sync()
  const status = runner.status(pod)
  await clock.advance(3_600_000)
  assert.equal(await runner.sync(), undefined)
  assert.equal(log.length, 2)
  assert.deepEqual({ ...runner.status(pod), conditions: [] }, { ...status, conditions: [] })
})

test('a container that keeps dying is due again when its backoff is over', async () => {
  const { runner, log, clock, end } = stage()
  await runner.sync()
  assert.equal(await end('sei-sidecar', 1), undefined)
  assert.equal(await end('sei-sidecar', 1), clock.now() + 10_000)
  assert.equal(log.filter(line => line === 'start sei-sidecar').length, 2)
  await clock.advance(10_000)
  await runner.sync()
  assert.equal(log.filter(line => line === 'start sei-sidecar').length, 3)
})

test('a sidecar whose startup probe gives up is ended and started again, with its backoff', async () => {
  const pod = gatedPod()
  for (const { startupProbe } of pod.spec?.initContainers ?? []) {
    if (startupProbe) Object.assign(startupProbe, { periodSeconds: 1, failureThreshold: 5 })
  }
  const { runner, log, clock, pass } = stage(pod)
  assert.equal(await runner.sync(), clock.now() + 5000)
  await clock.advance(5000)
  assert.equal(await runner.sync(), clock.now() + 5000)
  assert.deepEqual(log.slice(1), ['start sei-sidecar', 'SIGTERM sei-sidecar', 'start sei-sidecar'])
  assert.equal(runner.status(pod).initContainerStatuses?.[1]?.restartCount, 1)
  await pass('sei-sidecar')
  await clock.advance(60_000)
  await runner.sync()
  assert.equal(log.filter(line => line.startsWith('SIGTERM')).length, 1, 'a probe that succeeded is not asked again')
})

test('a launch that fails is an exit with its message', async () => {
  const clock = new ManualClock()
  const pod = jobPod('Never')
  const runner = new PodRunner(pod, {
    podIP: '127.1.0.1',
    hostIP: '127.0.0.1',
    volumes: new Map(),
    mountSecret: () => Promise.resolve(new MemoryHome()),
    launch: () => Promise.reject(new Error('required environment variable SEI_CHAIN_ID is not set')),
    canPull: () => true,
    crash: { initialMs: 1, maxMs: 1 },
    clock,
    onChange: () => {},
  })
  await runner.sync()
  const [task] = runner.status(pod).containerStatuses ?? []
  assert.equal(task?.state?.terminated?.message, 'required environment variable SEI_CHAIN_ID is not set')
})

test('an image that cannot be pulled is reported at once, again after a second, and tried when it can be', async () => {
  const { runner, images, clock, pod, log } = stage()
  const reason = () => runner.status(pod).initContainerStatuses?.[0]?.state?.waiting?.reason
  images.fail = true
  assert.equal(await runner.sync(), clock.now() + 1000)
  assert.equal(reason(), 'ErrImagePull')
  await clock.advance(1000)
  assert.equal(await runner.sync(), undefined)
  assert.equal(reason(), 'ImagePullBackOff')
  assert.deepEqual(log, [])
  images.fail = false
  await runner.sync()
  assert.deepEqual(log, ['start seid-init', 'start sei-sidecar'])
})

test('a wake-up that comes due while the pod is looked at is not lost', async () => {
  const { runner, clock, images, pod } = stage()
  images.fail = true
  const due = await runner.sync()
  runner.status(pod)
  await clock.advance(999)
  // The clock goes on between the look at the pod and the answer.
  const now = clock.now.bind(clock)
  let looks = 0
  clock.now = () => now() + (looks++ === 0 ? 0 : 1)
  assert.equal(await runner.sync(), due)
})

test('a failed pull is told before it is backed off from, however late that is', async () => {
  const { runner, clock, images, pod } = stage()
  const reason = () => runner.status(pod).initContainerStatuses?.[0]?.state?.waiting?.reason
  images.fail = true
  await runner.sync()
  await clock.advance(5000)
  assert.equal(await runner.sync(), clock.now() + 1000)
  assert.equal(reason(), 'ErrImagePull')
  await clock.advance(1000)
  await runner.sync()
  assert.equal(reason(), 'ImagePullBackOff')
})

test('a pod ends with its main containers first and its sidecar after them, and stays ended', async () => {
  const { runner, log, pass, pod } = stage()
  await runner.sync()
  await pass('sei-sidecar')
  await runner.terminate()
  assert.deepEqual(log.slice(3), ['SIGTERM seid', 'SIGTERM sei-sidecar'])
  assert.equal(runner.status(pod).phase, 'Failed')
  await runner.sync()
  assert.equal(log.length, 5)
})

test('a pod that ends before its main container ran reads Failed', async () => {
  const { runner, pod } = stage()
  await runner.sync()
  await runner.terminate()
  const status = runner.status(pod)
  assert.equal(status.phase, 'Failed')
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 137)
})

test('the sidecar of a pod that succeeded is told to end', async () => {
  const { runner, log, pass, end, pod } = stage(gatedPod({ restartPolicy: 'Never' }))
  await runner.sync()
  await pass('sei-sidecar')
  await end('seid', 0)
  assert.deepEqual(log.slice(3), ['SIGTERM sei-sidecar'])
  assert.equal(runner.status(pod).phase, 'Succeeded')
})

test('containers see the volumes that they mount, at their paths', async () => {
  const { runner, puppets, home } = stage()
  await runner.sync()
  assert.equal(puppets.get('sei-sidecar')?.context.volumes.get('/sei'), home)
})

test('containers of a pod that another process ran before count one restart more', async () => {
  const pod = gatedPod()
  const ran = {
    name: 'sei-sidecar',
    image: 'x',
    imageID: 'x',
    ready: false,
    restartCount: 4,
    containerID: 'fake://x',
  }
  const { runner } = stage({ ...pod, status: { ...pod.status, initContainerStatuses: [ran] } })
  await runner.sync()
  assert.equal(runner.status(pod).initContainerStatuses?.[1]?.restartCount, 5)
})
