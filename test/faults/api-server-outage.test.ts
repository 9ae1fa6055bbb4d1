/** The API server goes away, in the middle of bootstraps and when nothing is to be done, and comes back. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { countRequests, readAuditLog } from '../../testing/audit-log.ts'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { USERS } from '../../testing/controlplane/credentials.ts'
import { startControlPlane, type ControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { services } from '../../src/kube/resources.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { untilAllRunning } from '../support/node-watch.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { executedFor, SEVEN_TASKS } from '../support/bootstrap-spec.ts'

const PROFILES = ['v0.0.20', 'v0.0.25', 'v0.0.66']
const NODES = PROFILES.flatMap(profile =>
  [1, 2, 3].map(i => ({ name: `${profile.replaceAll('.', '-')}-${i}`, profile })),
)
/** So long that an outage begins while tasks run, and tasks end while it lasts. */
const TASK_MS = 700

/** How long after the outage every list and every repetition has been made, by the operator's clock: the longest delays are 10 s. */
const AFTERMATH_MS = 15_000
const CLOCK_RATE = 3

let plane: ControlPlane
let fixture: OperatorFixture

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
  // The fake node meets the outage too, and warns of it.
  const log = createLogger({ level: 'error', format: 'text' })
  fixture = await OperatorFixture.open({
    node: { log, sidecarFor: () => ({ tasks: () => ({ durationMs: TASK_MS }) }) },
    operator: { clockRate: CLOCK_RATE },
  })
})

after(async () => {
  await fixture[Symbol.asyncDispose]()
  await plane.stop()
})

async function hasEnded(operator: OperatorProcess): Promise<boolean> {
  const soon = new Promise<false>(resolve => setImmediate(resolve, false))
  return Promise.race([operator.exited.then(() => true), soon])
}

/** Takes the API server away until the operator has found out in three ways at least, and brings it back. */
async function outage(): Promise<void> {
  const { length } = fixture.operator.log
  await plane.stopApiServer()
  await until('the operator to notice', () => {
    const failures = fixture.operator.log.slice(length).match(/ (WARN|ERROR) /g)?.length ?? 0
    return failures >= 3 ? true : undefined
  })
  await plane.startApiServer()
}

test('in the middle of bootstraps: they continue when it is back, and each task runs once', async () => {
  await Promise.all(
    NODES.map(({ name, profile }) =>
      fixture.create(name, {
        ...SEVEN_TASKS,
        sidecar: { image: `ghcr.io/sei-protocol/seictl:${profile}`, port: 7777 },
      }),
    ),
  )
  await until('every node to be at its second task', () =>
    NODES.every(({ name }) => fixture.executedBy(name).length >= 2) ? true : undefined,
  )
  await outage()
  assert.equal(await hasEnded(fixture.operator), false, fixture.operator.log)
  await untilAllRunning(fixture, NODES.length)
  const executed = Object.fromEntries(NODES.map(({ name }) => [name, fixture.executedBy(name)]))
  assert.deepEqual(executed, Object.fromEntries(NODES.map(({ name, profile }) => [name, executedFor(profile)])))
})

test('failure mode 36: while idle: nothing is written, and the caches are filled once and updated again', async () => {
  const caches = Number(/caches synced.* caches=(\d+)/.exec(fixture.operator.log)?.[1])
  await outage()
  const back = Date.now()
  await new Promise(resolve => setTimeout(resolve, AFTERMATH_MS / CLOCK_RATE))
  const counted = countRequests(await readAuditLog(plane.auditLogPath, USERS.operator.name), {
    from: back,
    to: Date.now(),
  })
  assert.equal(counted.writes, 0, JSON.stringify(counted))
  // One list and one watch each, and as many again for what came too early.
  assert.ok(counted.requests + counted.watchesOpened <= caches * 4, JSON.stringify(counted))
  assert.equal(await hasEnded(fixture.operator), false, fixture.operator.log)

  const [{ name } = { name: '' }] = NODES
  const service = await fixture.get(services, name)
  await fixture.client.delete(services, fixture.key(name), { uid: service?.metadata?.uid ?? '' })
  await until('the deleted Service to be made again', async () => {
    const found = await fixture.get(services, name)
    return found && found.metadata?.uid !== service?.metadata?.uid ? found : undefined
  })
})

test('for longer than a lease is kept: the process ends by itself, and says that it lost leadership', async () => {
  const args = ['--leader-elect=true', `--leader-election-namespace=${fixture.namespace}`]
  const operator = new OperatorProcess({
    kubeconfig: plane.kubeconfigFor('operator'),
    namespaces: ['default'],
    args,
    clockRate: CLOCK_RATE,
  })
  try {
    operator.start()
    await until('it to lead', () => (/ leading /.test(operator.log) ? true : undefined), { found: () => operator.log })
    const stopped = Date.now()
    await plane.stopApiServer()
    assert.deepEqual(await operator.exited, { kind: 'code', code: 1 })
    assert.match(operator.log, /leadership lost/)
    // The lease is kept for 10 s from the last renewal, which was 2 s before at most.
    assert.ok(Date.now() - stopped > 7_000 / CLOCK_RATE, operator.log)
  } finally {
    await operator.stop()
    await plane.startApiServer()
  }
})
