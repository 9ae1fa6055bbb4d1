/** Which kubelet is queried when, what is kept of the answers, and who is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { HttpError } from '../../../kube/http-error.ts'
import { KubeletError } from '../../../kubelet/stats.ts'
import { CallLimiter } from '../../../runtime/call-limiter.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { Store } from '../../../runtime/store.ts'
import type { VolumeUse } from '../../../volumes/track.ts'
import { podOf } from '../../seinode/testdata/objects.ts'
import { VolumeObserver } from './observer.ts'

const TIMEOUT = new HttpError('timeout', 'no answer within 20000 ms', { isSent: true })
const MINUTE = 60
const HOUR = 3600
const CONCURRENCY = 4

interface Machine {
  /** Percent of the volume of each node on it. */
  readonly used: Record<string, number>
  failure?: KubeletError
}

interface Recorded {
  readonly reason: string
  readonly use: string
}

function useOf(percent: number): VolumeUse {
  return { bytes: { used: percent, total: 100 }, inodes: undefined }
}

/** Machines by address. Queries are not spread by chance. */
function observe(
  t: { readonly after: (end: () => void) => void },
  machines: Record<string, Machine>,
  { intervalMs = 60_000, recorded = {} }: { intervalMs?: number; recorded?: Record<string, Recorded> } = {},
) {
  const clock = new ManualClock(Date.parse('2026-11-27T12:00:00Z'))
  const [nodes, pods] = [new Store<SeiNode>(), new Store<Pod>()]
  const asked: string[] = []
  const woken: string[] = []
  let version = 0
  let [running, most] = [0, 0]
  const put = (name: string, host: string | undefined, uid = `claim-of-${name}`): void => {
    const { reason, use } = recorded[name] ?? {}
    const lastTransitionTime = '2026-11-27T11:00:00Z'
    const status = {
      dataVolume: { claimName: `data-${name}`, uid, ...(use === undefined ? {} : { use }) },
      ...(reason !== undefined && {
        conditions: [{ type: 'VolumeSpace', status: 'True' as const, reason, message: '', lastTransitionTime }],
      }),
    }
    nodes.observeWrite({ ...seiNode(name, {}, { resourceVersion: String(++version) }), status })
    const { metadata, status: podStatus } = podOf()
    pods.observeWrite({
      metadata: { ...metadata, name: `${name}-0`, resourceVersion: String(++version) },
      status: { ...podStatus, ...(host === undefined ? {} : { hostIP: host }) },
    })
  }
  for (const [host, { used }] of Object.entries(machines)) for (const name of Object.keys(used)) put(name, host)
  const observer = new VolumeObserver({
    nodes,
    pods,
    claim: () => undefined,
    clock,
    kubelets: {
      volumes: async host => {
        asked.push(host)
        most = Math.max(most, ++running)
        await Promise.resolve()
        running -= 1
        const { failure, used = {} } = machines[host] ?? {}
        if (failure) throw failure
        return new Map(Object.entries(used).map(([name, percent]) => [`sei/data-${name}`, useOf(percent)]))
      },
    },
    limiter: new CallLimiter({ clock, random: () => 0, capacity: CONCURRENCY }),
    random: () => 0,
    intervalMs,
  })
  observer.wake = ({ metadata: { name } }) => {
    const finding = observer.finding(`sei/${name}`)
    const isOld = finding?.kind === 'known' && finding.isRecorded ? ' as recorded' : ''
    const what = finding?.kind === 'known' ? finding.announced.kind : finding?.why.kind
    woken.push(`${name} ${what}${isOld}`)
  }
  const stop = new AbortController()
  const ended = observer.run(stop.signal)
  t.after(() => stop.abort())
  return {
    observer,
    put,
    known: (name: string) => observer.known(seiNode(name)),
    stopped: () => {
      stop.abort()
      return ended
    },
    pass: async (seconds: number) => {
      for (let i = 0; i < seconds; i++) await clock.advance(1000)
    },
    asked: (): readonly string[] => asked.splice(0),
    woken: (): readonly string[] => woken.splice(0).toSorted(),
    most: () => most,
  }
}

test('each machine is queried once a minute for all of its pods, and the steady state tells nobody', async t => {
  const { pass, asked, woken, known } = observe(t, { one: { used: { a: 40, b: 50 } }, two: { used: { c: 90 } } })
  await pass(1)
  assert.deepEqual(asked(), ['one', 'two'])
  assert.deepEqual(woken(), ['a Enough', 'b Enough', 'c Filling'])
  await pass(10 * MINUTE)
  assert.equal(asked().length, 20)
  assert.deepEqual(woken(), [])
  assert.deepEqual(known('c')?.use.bytes, { used: 90, total: 100 })
})

test('queries run at most as many at once as the limiter allows', async t => {
  const machines = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`m${i}`, { used: { [`n${i}`]: 10 } }]))
  const { pass, asked, most } = observe(t, machines)
  await pass(5)
  assert.equal(asked().length, 40)
  assert.ok(most() > 1 && most() <= CONCURRENCY, String(most()))
})

test('a volume that fills and is enlarged is told in steps of 5 %', async t => {
  const machine = { used: { a: 78 } }
  const { pass, woken, observer } = observe(t, { one: machine })
  await pass(1)
  woken()
  for (const used of [79, 80, 83, 84.9, 85, 86, 88, 90, 50]) {
    machine.used.a = used
    await pass(MINUTE)
  }
  assert.deepEqual(woken(), ['a Enough', 'a Enough', 'a Enough', 'a Filling', 'a Filling'])
  const finding = observer.finding('sei/a')
  assert.equal(finding?.kind === 'known' && finding.announced.step, 50)
})

test('a volume that is full within a week is Filling, and its date is known', async t => {
  const machine = { used: { a: 20 } }
  const { pass, woken, known } = observe(t, { one: machine }, { intervalMs: 600_000 })
  for (let hour = 0; hour < 8; hour++) {
    machine.used.a = 20 + hour
    await pass(HOUR)
  }
  assert.ok(woken().includes('a Filling'))
  assert.ok(known('a')?.fullAt !== undefined)
})

test('a kubelet that fails is queried less and less often, and at least every ten minutes; what is said names the cause once', async t => {
  const failure = new KubeletError('forbidden', 'HTTP 403')
  const machine: Machine = { used: { a: 40 }, failure }
  const { pass, asked, woken, observer, known } = observe(t, { one: machine })
  await pass(1)
  assert.deepEqual(woken(), ['a forbidden'])
  assert.deepEqual(observer.finding('sei/a'), {
    kind: 'unknown',
    why: { kind: 'forbidden', host: 'one', detail: 'HTTP 403' },
  })
  assert.equal(known('a'), undefined)
  await pass(60 * MINUTE)
  const queries = asked().length
  assert.ok(queries >= 7 && queries <= 11, String(queries))
  assert.deepEqual(woken(), [])
  delete machine.failure
  await pass(10 * MINUTE)
  assert.deepEqual(woken(), ['a Enough'])
})

test('a use that was known holds for ten minutes of silence', async t => {
  const machine: Machine = { used: { a: 40 } }
  const { pass, woken, known } = observe(t, { one: machine })
  await pass(1)
  woken()
  machine.failure = new KubeletError('unreachable', 'no answer within 20 s', TIMEOUT)
  await pass(9 * MINUTE)
  assert.deepEqual(woken(), [])
  assert.equal(known('a')?.use.bytes.used, 40)
  await pass(15 * MINUTE)
  assert.deepEqual(woken(), ['a unreachable'])
  assert.equal(known('a'), undefined)
})

test('a volume that its kubelet does not report is absent, and its neighbours are known', async t => {
  const { pass, woken, put } = observe(t, { one: { used: { a: 40 } } })
  put('b', 'one')
  await pass(MINUTE)
  assert.deepEqual(woken(), ['a Enough', 'b absent'])
})

test('a node without a pod on a machine is not queried for, and keeps its use', async t => {
  const { pass, asked, put, known } = observe(t, { one: { used: { a: 40 } } })
  await pass(1)
  asked()
  put('a', undefined)
  await pass(30 * MINUTE)
  assert.deepEqual(asked(), [])
  assert.equal(known('a')?.use.bytes.used, 40)
})

test('another claim of the same name begins anew', async t => {
  const { pass, put, known, observer } = observe(t, { one: { used: { a: 40 } } })
  await pass(1)
  put('a', 'one', 'another-claim')
  await pass(1)
  assert.equal(known('a'), undefined)
  assert.equal(observer.finding('sei/a'), undefined)
  await pass(MINUTE)
  assert.equal(known('a')?.use.bytes.used, 40)
})

test('a new process finds what an earlier one said, and tells what differs', async t => {
  const recorded = {
    a: { reason: 'Filling', use: '85%' },
    b: { reason: 'Enough', use: '40%' },
    c: { reason: 'Filling', use: '90%' },
  }
  const { pass, woken } = observe(t, { one: { used: { a: 87, b: 60, c: 50 } } }, { recorded })
  await pass(1)
  assert.deepEqual(woken(), ['a Filling as recorded', 'b Enough', 'c Enough'])
})

test('with the interval 0 nothing is queried, and the finding says so', async t => {
  const { pass, asked, observer, stopped } = observe(t, { one: { used: { a: 40 } } }, { intervalMs: 0 })
  await pass(MINUTE)
  assert.deepEqual(asked(), [])
  assert.deepEqual(observer.finding('sei/a'), { kind: 'unknown', why: { kind: 'off', host: '', detail: '' } })
  await stopped()
})
