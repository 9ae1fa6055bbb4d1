/** The API server hangs, or is killed, for longer than a lease is kept, under a leader and a standby. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { startControlPlane, type ControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { executedFor, SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { NodeWatch } from '../support/node-watch.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { OperatorStage } from '../support/operator-stage.ts'
import { scrape, sumOf } from '../../testing/metrics.ts'
import { until } from '../support/until.ts'

const PROFILES = ['v0.0.20', 'v0.0.25', 'v0.0.66']
/** So long that the outage begins while tasks run, and tasks end while it lasts. */
const TASK_MS = 1_500

let plane: ControlPlane
let stage: OperatorStage

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
  const log = createLogger({ level: 'error', format: 'text', destination: { write: () => undefined } })
  stage = await OperatorStage.open({
    node: { log, sidecarFor: () => ({ tasks: () => ({ durationMs: TASK_MS }) }) },
    started: false,
  })
})

after(async () => {
  await stage[Symbol.asyncDispose]()
  await plane.stop()
})

function operator(): OperatorProcess {
  const args = [
    '--leader-elect=true',
    `--leader-election-namespace=${stage.namespace}`,
    '--metrics-bind-address=127.0.0.1:0',
    '--health-probe-bind-address=127.0.0.1:0',
  ]
  const started = new OperatorProcess({
    kubeconfig: plane.kubeconfigFor('operator'),
    namespaces: [stage.namespace],
    args,
  })
  started.start()
  return started
}

async function isOk({ log }: OperatorProcess, path: 'healthz' | 'readyz'): Promise<boolean> {
  const port = /listening .*healthPort=(\d+)/.exec(log)?.[1]
  return port !== undefined && (await fetch(`http://127.0.0.1:${port}/${path}`)).ok
}

/** When it began to lead, from its log. */
function ledSince({ log }: OperatorProcess): number | undefined {
  const time = /^(\S+) INFO {2}leading /m.exec(log)?.[1]
  return time === undefined ? undefined : Date.parse(time)
}

for (const how of ['frozen', 'killed'] as const) {
  test(`${how}: the leader ends, the standby stays ready and follows when it is back, and each task runs once`, async () => {
    const nodes = PROFILES.map(profile => ({ name: `${how}-${profile.replaceAll('.', '-')}`, profile }))
    const leader = operator()
    const operators = [leader]
    try {
      await until('the first to lead', () => ledSince(leader), { found: () => leader.log })
      const standby = operator()
      operators.push(standby)
      await until('the standby to be ready', async () => ((await isOk(standby, 'readyz')) ? true : undefined), {
        found: () => standby.log,
      })
      await Promise.all(
        nodes.map(({ name, profile }) =>
          stage.create(name, {
            ...SEVEN_TASKS,
            sidecar: { image: `ghcr.io/sei-protocol/seictl:${profile}`, port: 7777 },
          }),
        ),
      )
      await until('every node to be at its second task', () =>
        nodes.every(({ name }) => stage.executedBy(name).length >= 2) ? true : undefined,
      )
      assert.equal(sumOf(await scrape(standby.log), 'workqueue_adds_total'), 0, 'the standby queued keys')

      if (how === 'frozen') plane.freezeApiServer()
      else await plane.stopApiServer()
      assert.deepEqual(await leader.exited, { kind: 'code', code: 1 })
      const endedAt = Date.now()
      assert.match(leader.log, /leadership lost/)
      assert.deepEqual([await isOk(standby, 'healthz'), await isOk(standby, 'readyz')], [true, true])
      assert.equal(ledSince(standby), undefined)

      if (how === 'frozen') plane.thawApiServer()
      else await plane.startApiServer()
      const since = await until('the standby to lead', () => ledSince(standby), { found: () => standby.log })
      assert.ok(since >= endedAt, `it led ${endedAt - since} ms before the first had ended`)
      await using watch = new NodeWatch(stage)
      const all = how === 'frozen' ? nodes.length : 2 * nodes.length
      await watch.untilReady(all, 120_000, () => standby.log)
      assert.equal(await isOk(standby, 'readyz'), true)
      for (const { name, profile } of nodes) assert.deepEqual(stage.executedBy(name), executedFor(profile), name)
      for (const { log } of operators) assert.doesNotMatch(log, /unhandled|uncaught/i)
    } finally {
      if (how === 'frozen') plane.thawApiServer()
      await Promise.all(operators.map(each => each.stop()))
    }
  })
}
