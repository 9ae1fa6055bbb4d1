/** What a restart checks again before it evicts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDINAL_LABEL, POOL_LABEL } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { podOf } from '../../controllers/seinode/testdata/objects.ts'
import type { KubeClient } from '../../kube/client.ts'
import { pods } from '../../kube/resources.ts'
import { World } from '../plan/simulation/world.ts'
import { worldClient } from '../plan/simulation/world-client.ts'
import type { Step } from './action.ts'
import { prepareRestart } from './restart.ts'

interface Prepared {
  readonly world: World
  readonly step: Step
  readonly evictions: string[]
}

const lastTransitionTime = '2026-11-27T11:00:00Z'

/** A validator of pool net that follows the chain. */
function following(name: string, ordinal: number): SeiNode {
  const labels = { [POOL_LABEL]: 'net', [ORDINAL_LABEL]: String(ordinal) }
  const ready = { type: 'Ready', status: 'True' as const, reason: 'Ready', message: '', lastTransitionTime }
  const chain = { state: 'Following' as const, since: lastTransitionTime, containerID: 'x' }
  return { ...seiNode(name, {}, { labels }), status: { conditions: [ready], chain } }
}

async function prepared(node: SeiNode, others: readonly SeiNode[] = []): Promise<Prepared> {
  const world = new World({ newID: () => 'new', now: () => 0 })
  for (const each of [node, ...others]) {
    const { name, labels = {} } = each.metadata
    const pod = podOf()
    world.load(seiNodes, each)
    world.load(pods, { ...pod, metadata: { ...pod.metadata, namespace: 'sei', name: `${name}-0`, labels } })
  }
  const evictions: string[] = []
  const transport = {
    json: ({ path }: { readonly path: string }) => {
      evictions.push(path)
      return Promise.reject(new Error('evicted'))
    },
  }
  const client: KubeClient = {
    ...worldClient(world),
    // All are of one pool.
    list: async resource => ({ items: world.list(resource), resourceVersion: '1' }),
  }
  const { steps } = await prepareRestart({
    cluster: { client, transport },
    namespace: 'sei',
    target: { kind: 'node', object: node },
    signal: new AbortController().signal,
    now: () => 0,
  })
  const [step] = steps
  assert.ok(step)
  return { world, step, evictions }
}

test('a node that was paused or replaced after the question is not restarted', async () => {
  const node = seiNode('rpc-0')
  const { world, step, evictions } = await prepared(node)
  world.load(seiNodes, { ...node, spec: { ...node.spec, paused: true } })
  await assert.rejects(step.act(), /^PluginError: rpc-0 is paused, /)
  world.load(seiNodes, { ...node, metadata: { ...node.metadata, uid: 'other' } })
  await assert.rejects(step.act(), /^PluginError: rpc-0 was deleted meanwhile$/)
  assert.deepEqual(evictions, [])
  world.load(seiNodes, node)
  await assert.rejects(step.act(), /^Error: evicted$/)
  assert.deepEqual(evictions, ['/api/v1/namespaces/sei/pods/rpc-0-0/eviction'])
})

test('a validator is not restarted when another went down after the question', async () => {
  const [first, ...others] = ['net-0', 'net-1', 'net-2', 'net-3'].map((name, ordinal) => following(name, ordinal))
  assert.ok(first)
  const { world, step, evictions } = await prepared(first, others)
  const pod = world.get(pods, { namespace: 'sei', name: 'net-2-0' })
  assert.ok(pod)
  world.remove(pods, pod)
  await assert.rejects(step.act(), /^PluginError: net-0 must not be restarted now: .*: net-2 \(seid does not run\)/)
  assert.deepEqual(evictions, [])
  world.load(pods, pod)
  await assert.rejects(step.act(), /^Error: evicted$/)
})
