/** The API server hangs, or is killed, for longer than a lease is kept, under a leader and a standby. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { startControlPlane, type ControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { executedFor, SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { untilAllRunning } from '../support/node-watch.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { OperatorFixture } from '../support/operator-fixture.ts'
import { scrape, sumOf } from '../../testing/metrics.ts'
import { until } from '../support/until.ts'

const PROFILES = ['v0.0.20', 'v0.0.25', 'v0.0.66']
/** So long that the outage begins while tasks run, and tasks end while it lasts. */
const TASK_MS = 1_500

let plane: ControlPlane
let fixture: OperatorFixture

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
  const log = createLogger({ level: 'error', format: 'text', destination: { write: () => undefined } })
  fixture = await OperatorFixture.open({
    node: { log, sidecarFor: () => ({ tasks: () => ({ durationMs: TASK_MS }) }) },
    started: false,
  })
})

after(async () => {
  await fixture[Symbol.asyncDispose]()
  await plane.stop()
})

function operator(): OperatorProcess {
  const args = [
    '--leader-elect=true',
    `--leader-election-namespace=${fixture.namespace}`,
    '--metrics-bind-address=127.0.0.1:0',
    '--health-probe-bind-address=127.0.0.1:0',
  ]
  const started = new OperatorProcess({
    kubeconfig: plane.kubeconfigFor('operator'),
    namespaces: [fixture.namespace],
    args,
    // A lease is kept for seconds.
    clockRate: 3,
  })
  started.start()
  return started
}

async function isOk({ log }: OperatorProcess, path: 'healthz' | 'readyz'): Promise<boolean> {
  const port = /listening .*healthPort=(\d+)/.exec(log)?.[1]
  return port !== undefined && (await fetch(`http://127.0.0.1:${port}/${path}`)).ok
}

function isLeading({ log }: OperatorProcess): true | undefined {
  return / INFO {2}leading /.test(log) || undefined
}

for (const how of ['frozen', 'killed'] as const) {
  test(`${how}: the leader ends, the standby stays ready and follows when it is back, and each task runs once`, async () => {
    const nodes = PROFILES.map(profile => ({ name: `${how}-${profile.replaceAll('.', '-')}`, profile }))
    const leader = operator()
    const operators = [leader]
    try {
      await until('the first to lead', () => isLeading(leader), { found: () => leader.log })
      const standby = operator()
      operators.push(standby)
      await until('the standby to be ready', async () => ((await isOk(standby, 'readyz')) ? true : undefined), {
        found: () => standby.log,
      })
      await Promise.all(
        nodes.map(({ name, profile }) =>
          fixture.create(name, {
            ...SEVEN_TASKS,
            sidecar: { image: `ghcr.io/sei-protocol/seictl:${profile}`, port: 7777 },
          }),
        ),
      )
      await until('every node to be at its second task', () =>
        nodes.every(({ name }) => fixture.executedBy(name).length >= 2) ? true : undefined,
      )
      assert.equal(sumOf(await scrape(standby.log), 'workqueue_adds_total'), 0, 'the standby queued keys')

      if (how === 'frozen') plane.freezeApiServer()
      else await plane.stopApiServer()
      assert.deepEqual(await leader.exited, { kind: 'code', code: 1 })
      assert.match(leader.log, /leadership lost/)
      assert.deepEqual([await isOk(standby, 'healthz'), await isOk(standby, 'readyz')], [true, true])
      assert.equal(isLeading(standby), undefined, 'it led before the first had ended')

      if (how === 'frozen') plane.thawApiServer()
      else await plane.startApiServer()
      await until('the standby to lead', () => isLeading(standby), { found: () => standby.log })
      const all = how === 'frozen' ? nodes.length : 2 * nodes.length
      await untilAllRunning(fixture, all)
      assert.equal(await isOk(standby, 'readyz'), true)
      for (const { name, profile } of nodes) assert.deepEqual(fixture.executedBy(name), executedFor(profile), name)
      for (const { log } of operators) assert.doesNotMatch(log, /unhandled|uncaught/i)
    } finally {
      if (how === 'frozen') plane.thawApiServer()
      await Promise.all(operators.map(each => each.stop()))
    }
  })
}
