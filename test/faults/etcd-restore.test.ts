/** etcd is restored from a backup under the running operator: from then on it acts on what is there, not on what was. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { resolveBinaries } from '../../devcluster/controlplane/binaries.ts'
import { startControlPlane, type ControlPlane } from '../../devcluster/controlplane/cluster.ts'
import { environmentOf } from '../../devcluster/controlplane/environment.ts'
import { services, statefulSets } from '../../src/kube/resources.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

const [KEPT, LOST, LATER] = ['v6.4.0', 'v6.4.1', 'v6.4.2'].map(tag => `sei-protocol/seid:${tag}`)

/** One for each test: schedulers and controllers do not all get over a restore. */
let plane: ControlPlane
let stage: OperatorStage
let operator: OperatorProcess

beforeEach(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
  const log = createLogger({ level: 'error', format: 'text' })
  stage = await OperatorStage.open({ node: { log }, started: false })
  const args = ['--leader-elect=true', `--leader-election-namespace=${stage.namespace}`]
  operator = new OperatorProcess({ kubeconfig: plane.kubeconfigFor('operator'), namespaces: [stage.namespace], args })
  operator.start()
})

/** As a kubelet does, should an outage on a slow machine last longer than the lease: resolves once it leads. */
async function untilLeading(): Promise<void> {
  if (
    await Promise.race([operator.exited.then(() => true), new Promise<false>(resolve => setImmediate(resolve, false))])
  )
    operator.start()
  await until('the operator to lead', () => (/ leading /.test(operator.log) ? true : undefined), {
    found: () => operator.log,
  })
}

afterEach(async () => {
  await operator.stop()
  await stage[Symbol.asyncDispose]()
  await plane.stop()
})

async function imageOf(name: string): Promise<string | undefined> {
  const set = await stage.get(statefulSets, name)
  return set?.spec?.template.spec?.containers.find(container => container.name === 'seid')?.image
}

function untilImage(name: string, image: string | undefined): Promise<true> {
  return until(
    `StatefulSet ${name} to have ${image}`,
    async () => ((await imageOf(name)) === image ? true : undefined),
    {
      deadlineMs: 60_000,
      intervalMs: 100,
      found: async () => ({ image: await imageOf(name), operator: operator.log }),
    },
  )
}

for (const how of ['bumped', 'plain'] as const) {
  test(`with ${how === 'bumped' ? 'revisions beyond all that there were' : 'revisions that go back'}: the restored spec holds, what is gone is gone, and changes are followed`, async () => {
    const [name, lost] = [`${how}-kept`, `${how}-lost`]
    await stage.create(name, { ...GENESIS_SPEC, image: KEPT ?? '' })
    await stage.untilRunning(name)
    await plane.backUpEtcd()
    await untilLeading()
    await stage.patch(name, { spec: { image: LOST } })
    await untilImage(name, LOST)
    await stage.create(lost)
    await stage.untilRunning(lost)

    const before = operator.log
    await plane.restoreEtcd(how)
    assert.equal(await imageOf(name), KEPT)
    await untilLeading()
    await until(
      'the operator to list again',
      () => {
        const isRestarted = !operator.log.startsWith(before)
        return isRestarted || operator.log.slice(before.length).includes('older version than before') ? true : undefined
      },
      { found: () => operator.log },
    )
    // A change by hand is undone from the spec: the one that is there.
    await stage.client.patch(
      statefulSets,
      stage.key(name),
      { spec: { template: { spec: { containers: [{ name: 'seid', image: 'changed-by-hand' }] } } } },
      { type: 'strategic' },
    )
    await until(
      'the change by hand to be undone',
      async () => ((await imageOf(name)) === 'changed-by-hand' ? undefined : true),
      { found: () => operator.log, intervalMs: 100 },
    )
    assert.equal(await imageOf(name), KEPT)
    const service = await stage.get(services, name)
    await stage.client.delete(services, stage.key(name), { uid: service?.metadata?.uid ?? '' })
    await until('the Service to be made again', async () => await stage.get(services, name), { intervalMs: 100 })
    await stage.patch(name, { spec: { image: LATER } })
    await untilImage(name, LATER)
    assert.equal(await stage.get(statefulSets, lost), undefined)
  })
}
