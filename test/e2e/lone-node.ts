/** A SeiNode that neither belongs to a pool nor carries the label of one: who reaches its ports. `assertSidecarClosed`. */
import assert from 'node:assert/strict'
import type { ObjectKey } from '../../src/kube/types.ts'
import { until } from '../support/until.ts'
import { OPERATOR_NAMESPACE } from './install.ts'
import { joinChain } from './joining-nodes.ts'
import { NAMESPACE, type PoolFixture } from './pool-fixture.ts'
import { connectFrom, runToolPod } from './tool-pods.ts'

const NAME = 'lone'
const ELSEWHERE = `${NAMESPACE}-elsewhere`
const START_MS = 3 * 60_000

/** Its seid serves its RPC without peers, which do not admit it. */
export async function assertSidecarClosed(fixture: PoolFixture): Promise<void> {
  const { cluster } = fixture
  await cluster.namespace(ELSEWHERE)
  const elsewhere = { namespace: ELSEWHERE, name: 'elsewhere' }
  const beside = { namespace: NAMESPACE, name: 'beside-the-node' }
  const operator = { namespace: OPERATOR_NAMESPACE, name: 'with-the-operator' }
  await Promise.all([elsewhere, beside, operator].map(pod => runToolPod(cluster, pod)))
  await joinChain(fixture, NAME, { mode: 'full' }, {})

  const [sidecar, rpc] = [7777, 26657].map(port => `${fixture.host(NAME)}:${port}`)
  const reach = async (from: ObjectKey, address = ''): Promise<string | undefined> =>
    (await connectFrom(cluster, from, [address]))[address]
  await until(
    'the RPC to be open elsewhere',
    async () => ((await reach(elsewhere, rpc)) === 'connected' ? true : undefined),
    {
      deadlineMs: START_MS,
      intervalMs: 1000,
      found: async () => (await fixture.pod(NAME))?.status,
    },
  )
  assert.equal(await reach(operator, sidecar), 'connected')
  assert.equal(await reach(beside, rpc), 'connected')
  for (const from of [elsewhere, beside]) assert.notEqual(await reach(from, sidecar), 'connected', from.name)

  await cluster.kubectl(['delete', 'seinode', NAME, `--namespace=${NAMESPACE}`, '--timeout=180s'])
  for (const { namespace, name } of [beside, operator])
    await cluster.kubectl(['delete', 'pod', `--namespace=${namespace}`, name, '--wait=false'])
  await cluster.removeNamespace(ELSEWHERE)
}
