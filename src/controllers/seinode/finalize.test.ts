/** What a deletion waits for before it releases a key. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { NODE_FINALIZER, VALIDATOR_POD_FINALIZER } from '../../api/names.ts'
import { seiNodeStatus } from '../../api/seinode-status.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { refuse, refusingClient } from '../../kube/testdata/refusing-client.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { NodeDependencies } from './dependencies.ts'
import { finalizeNode } from './finalize.ts'
import { dependenciesOf } from './testdata/dependencies.ts'
import { ERAS, MemorySidecar } from './testdata/memory-sidecar.ts'
import { NOW } from './testdata/objects.ts'

const { signal } = new AbortController()
const [era] = ERAS

/** What the API server is asked for in one reconcile of a validator that is deleted, whose pod has no label. */
async function finalize(pod: Pod): Promise<{ readonly writes: readonly string[]; readonly message: string }> {
  assert.ok(era)
  const writes: string[] = []
  let message = ''
  const node = seiNode('a', { mode: 'validator' })
  const metadata = { ...node.metadata, finalizers: [NODE_FINALIZER], deletionTimestamp: new Date(NOW).toISOString() }
  const client: NodeDependencies['client'] = {
    ...refusingClient,
    get: <T extends KubeObject>({ plural }: { readonly plural: string }) => {
      const copy: T = JSON.parse(JSON.stringify(pod))
      return Promise.resolve(plural === 'pods' ? copy : undefined)
    },
    delete: ({ plural }) => {
      writes.push(`delete ${plural}`)
      return Promise.resolve(true)
    },
    patch: <T extends KubeObject>({ plural }: { readonly plural: string }) => {
      writes.push(`patch ${plural}`)
      const copy: T = JSON.parse(JSON.stringify(pod))
      return plural === 'pods' ? Promise.resolve(copy) : refuse()
    },
    replace: <T extends KubeObject>(_: unknown, object: T) => {
      const status = 'status' in object ? seiNodeStatus.parse(object.status) : undefined
      message = status?.conditions?.find(({ type }) => type === 'Reconciling')?.message ?? ''
      return Promise.resolve(object)
    },
  }
  await finalizeNode({ ...node, metadata }, { ...dependenciesOf(new MemorySidecar(era)), client }, signal)
  return { writes, message }
}

function podOf(finalizers: readonly string[], rest: Pod['metadata'] = {}, phase = 'Running'): Pod {
  return {
    metadata: { namespace: 'sei', name: 'a-0', uid: 'pod-1', finalizers: [...finalizers], ...rest },
    spec: { containers: [], nodeName: 'm-1' },
    status: { phase },
  }
}

const deletedAt = (ms: number) => ({ deletionTimestamp: new Date(NOW + ms).toISOString() })

test("a validator's pod that lost its label is stopped before the key is released", async () => {
  const { writes, message } = await finalize(podOf([VALIDATOR_POD_FINALIZER]))
  assert.deepEqual(writes, ['delete pods'])
  assert.equal(message, 'waiting for pod a-0 to stop')
})

test('when seid has ended in it, its finalizer is removed', async () => {
  const { writes } = await finalize(podOf([VALIDATOR_POD_FINALIZER], deletedAt(0), 'Failed'))
  assert.deepEqual(writes, ['patch pods'])
})

test('a pod without finalizer whose kubelet is silent has to be deleted by force', async () => {
  const { message } = await finalize(podOf([], { labels: { 'sei.io/node': 'a' }, ...deletedAt(-60_000) }))
  assert.ok(message.endsWith('kubectl delete pod -n sei a-0 --force --grace-period=0 --wait=false'), message)
})
