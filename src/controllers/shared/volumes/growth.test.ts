/** When a volume grows, by what the observer saw of it and of its claim over days: histories. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { CallLimiter } from '../../../runtime/call-limiter.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { Store } from '../../../runtime/store.ts'
import { podOf } from '../../seinode/testdata/objects.ts'
import { evaluateGrowth } from './growth.ts'
import { VolumeObserver } from './observer.ts'

const GIB = 1024 ** 3
const HOUR_MS = 3_600_000
const AUTO_GROW = { whenUsedPercent: 80, by: '20%', maxSize: '4000Gi', coolDown: '6h' }
const STATUS = { dataVolume: { claimName: 'data-a', uid: 'claim-1' } }

/** A volume whose kubelet measures it whenever it is asked. */
class History {
  readonly #clock = new ManualClock(Date.parse('2026-11-27T12:00:00Z'))
  readonly #node: SeiNode = { ...seiNode('a', {}, { resourceVersion: '1' }), status: STATUS }
  readonly #pods = new Store<Pod>()
  readonly #observer: VolumeObserver
  #claim = claimOf('1000Gi', undefined)
  #use = { percent: 50, gib: 984 }

  constructor(t: TestContext) {
    const clock = this.#clock
    const nodes = new Store<SeiNode>()
    nodes.observeWrite(this.#node)
    this.#observer = new VolumeObserver({
      nodes,
      pods: this.#pods,
      claim: key => (key === 'sei/data-a' ? this.#claim : undefined),
      kubelets: { volumes: async () => new Map([['sei/data-a', this.#measured()]]) },
      limiter: new CallLimiter({ clock, random: () => 0 }),
      clock,
      random: () => 0,
      intervalMs: 600_000,
    })
    this.mount('one')
    const stop = new AbortController()
    void this.#observer.run(stop.signal)
    t.after(() => stop.abort())
  }

  async pass(hours: number): Promise<void> {
    for (let i = 0; i < hours * 360; i++) await this.#clock.advance(10_000)
  }

  /** @param host undefined: nowhere */
  mount(host: string | undefined): void {
    const { metadata, status } = podOf()
    const resourceVersion = String(this.#clock.now())
    this.#pods.observeWrite({
      metadata: { ...metadata, name: 'a-0', resourceVersion },
      status: { ...status, ...(host !== undefined && { hostIP: host }) },
    })
  }

  use(percent: number, gib: number): void {
    this.#use = { percent, gib }
  }

  /** A status write of the client that owns the capacity. */
  writeStatus(capacity: string): void {
    this.#claim = claimOf(capacity, this.#clock.now())
  }

  /** A status write of a client that binds claims too, as in k3s. */
  writeUntimed(capacity: string): void {
    this.#claim = claimOf(capacity, undefined)
  }

  decide(): string {
    const growing = { size: undefined, claim: this.#claim, canGrow: true, node: this.#node }
    const view = { volumes: this.#observer, pods: this.#pods, clock: this.#clock }
    const { decision } = evaluateGrowth(AUTO_GROW, growing, view)
    if (decision.kind !== 'cooling') return decision.kind
    return `cooling for ${Math.round((decision.until - this.#clock.now()) / HOUR_MS)} h`
  }

  #measured() {
    const { percent, gib } = this.#use
    const total = gib * GIB
    return { bytes: { used: (total * percent) / 100, total }, inodes: undefined, measuredAt: this.#clock.now() }
  }
}

/** @param noted when the owner of the capacity wrote last; undefined while that is who bound the claim */
function claimOf(capacity: string, noted: number | undefined): PersistentVolumeClaim {
  const fields = noted === undefined ? { 'f:capacity': {}, 'f:phase': {} } : { 'f:capacity': {} }
  const time = new Date(noted ?? 0).toISOString()
  return {
    metadata: { name: 'data-a', uid: 'claim-1', managedFields: [{ time, fieldsV1: { 'f:status': fields } }] },
    spec: { resources: { requests: { storage: capacity } } },
    status: { phase: 'Bound', capacity: { storage: capacity } },
  }
}

test('failure mode 46: a driver that writes the status of a claim again and again does not keep its volume from growing', async t => {
  const history = new History(t)
  history.writeStatus('1000Gi')
  await history.pass(7)
  for (let i = 0; i < 4; i++) {
    history.writeStatus('1000Gi')
    await history.pass(0.5)
  }
  history.use(85, 984)
  await history.pass(0.5)
  history.writeStatus('1000Gi')
  assert.equal(history.decide(), 'due')
  history.mount(undefined)
  history.writeStatus('1000Gi')
  await history.pass(1)
  assert.equal(history.decide(), 'due', 'figures from before that write count while no pod mounts the volume')
})

for (const [who, write] of [
  ['its driver', 'writeStatus'],
  ['a client that binds claims too', 'writeUntimed'],
] as const) {
  test(`a growth that a person asked for and ${who} ended counts from then on, whatever is written later`, async t => {
    const history = new History(t)
    history.use(70, 984)
    await history.pass(7)
    history.use(85, 984)
    await history.pass(0.5)
    history[write]('1200Gi')
    assert.equal(history.decide(), 'outdated')
    await history.pass(0.2)
    assert.equal(history.decide(), 'unchanged')
    history.use(85, 1180)
    await history.pass(0.8)
    assert.equal(history.decide(), 'cooling for 5 h')
    await history.pass(3)
    history[write]('1200Gi')
    assert.equal(history.decide(), 'cooling for 2 h')
    await history.pass(2)
    assert.equal(history.decide(), 'due')
  })
}
