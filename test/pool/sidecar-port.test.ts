/** A pool whose sidecars move to another port: the operator is admitted to each where it listens. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { networkPolicies } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { PoolFixture } from './pool-fixture.ts'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open({ operator: { env: { POD_NAMESPACE: 'operators' } } })
})
after(() => fixture[Symbol.asyncDispose]())

async function admitted(pool: string): Promise<readonly unknown[]> {
  const policy = await fixture.base.get(networkPolicies, pool)
  const ofOperator = policy?.spec?.ingress?.find(({ from }) => JSON.stringify(from).includes('operators'))
  return ofOperator?.ports?.map(({ port }) => port) ?? []
}

function untilAdmitted(pool: string, ports: readonly number[]): Promise<unknown> {
  return until(
    `the policy of ${pool} to admit the operator to ${ports.join(', ')}`,
    async () => (JSON.stringify(await admitted(pool)) === JSON.stringify(ports) ? true : undefined),
    {
      deadlineMs: 120_000,
      found: async () => ({ ports: await admitted(pool), status: (await fixture.pool(pool))?.status }),
    },
  )
}

test('the NetworkPolicy admits the operator to the old port for as long as a pod has it', async () => {
  await fixture.create('moved', 3)
  await fixture.untilReady('moved')
  await untilAdmitted('moved', [7777, 26_657])
  assert.equal(
    await fixture.base.get(networkPolicies, 'moved-0-sidecar'),
    undefined,
    'its nodes have no policy of their own',
  )
  // A node that is paused keeps its pod.
  await fixture.base.patch('moved-0', { spec: { paused: true } })
  await fixture.patch('moved', { spec: { nodeConfiguration: { sidecar: { port: 7000 } } } })
  await untilAdmitted('moved', [7000, 7777, 26_657])
  const { spec } = await fixture.seiNode('moved-0')
  assert.equal(spec.paused, true)
  await fixture.base.patch('moved-0', { spec: { paused: false } })
  await fixture.untilReady('moved')
  await untilAdmitted('moved', [7000, 26_657])
})
