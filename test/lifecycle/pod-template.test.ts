/** What a pod is made of does not depend on which manager made it: no node restarts because an operator does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { API_VERSION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { pods, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { untilAllRunning } from '../support/node-watch.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { scrape, sumOf } from '../../testing/metrics.ts'
import { until } from '../support/until.ts'
import type { SpecInput } from './living-node.ts'
import { restoreSpec } from './specs.ts'

const NODES: Readonly<Record<string, SpecInput>> = {
  full: GENESIS_SPEC,
  restored: restoreSpec(),
  archive: { ...GENESIS_SPEC, mode: 'archive' },
  validator: { ...GENESIS_SPEC, mode: 'validator', overrides: { 'evm.max_trace_lookback_blocks': '8555' } },
  kept: { ...GENESIS_SPEC, storage: { retainOnDelete: true } },
}

/** The API server fills in the defaults. */
const manifests: Resource<KubeObject & { readonly spec: SpecInput }> = seiNodes
const KIND = { apiVersion: API_VERSION, kind: 'SeiNode' }

/** Managers that come one after the other, each in its own way. */
const SUCCESSORS: Readonly<Record<string, readonly string[]>> = {
  'the same manager after a restart': [],
  'another replica': ['--leader-elect'],
  'a manager with another log level and concurrency': ['--log-level=debug', '--concurrency=3'],
}

test('failure mode 32: no restart, replica or log level of the manager changes a pod template, or anything else of a node', async t => {
  await using fixture = await OperatorFixture.open({ started: false })
  const operatorOf = (args: readonly string[]): OperatorProcess => {
    const kubeconfig = attachedControlPlane(process.env).operatorKubeconfigPath
    const election = `--leader-election-namespace=${fixture.namespace}`
    const operator = new OperatorProcess({
      kubeconfig,
      namespaces: [fixture.namespace],
      args: ['--metrics-bind-address=127.0.0.1:0', election, ...args],
    })
    t.after(() => operator.stop())
    operator.start()
    return operator
  }
  const first = operatorOf([])
  for (const [name, spec] of Object.entries(NODES)) {
    await fixture.client.create(manifests, { ...KIND, metadata: fixture.key(name), spec })
  }
  await untilAllRunning(fixture, Object.keys(NODES).length)
  await untilIdle(first)
  await first.kill()
  await until('the StatefulSets to be at rest', async () => {
    const { items } = await fixture.client.list(statefulSets, { namespace: fixture.namespace })
    return items.every(isAtRest) || undefined
  })
  const before = await made(fixture)
  for (const [who, args] of Object.entries(SUCCESSORS)) {
    const operator = operatorOf(args)
    await untilIdle(operator)
    await operator.kill()
    assert.deepEqual(await made(fixture), before, who)
  }
})

/** Resolves when every node is reconciled and the queue is empty. */
async function untilIdle(operator: OperatorProcess): Promise<void> {
  await until(
    'every node to be reconciled',
    async () => {
      if (!operator.log.includes('caches synced')) return undefined
      const samples = await scrape(operator.log)
      const reconciles = sumOf(samples, 'controller_runtime_reconcile_total', { controller: ['seinode'] })
      const waiting = sumOf(samples, 'workqueue_depth') + sumOf(samples, 'workqueue_longest_running_processor_seconds')
      return (reconciles >= Object.keys(NODES).length && waiting === 0) || undefined
    },
    { found: () => operator.log },
  )
}

function isAtRest({ status }: StatefulSet): boolean {
  return status?.availableReplicas === 1 && status.currentReplicas === 1
}

/** By name: the versions and UIDs that show whether an object was written or a pod replaced. */
async function made({ client, namespace }: OperatorFixture): Promise<unknown> {
  const [sets, running] = await Promise.all([
    client.list(statefulSets, { namespace }),
    client.list(pods, { namespace }),
  ])
  return {
    statefulSets: sets.items.map(writtenPart),
    pods: running.items.map(({ metadata }) => ({ name: metadata?.name, uid: metadata?.uid })),
  }
}

function writtenPart({ metadata, spec }: StatefulSet): unknown {
  return {
    name: metadata?.name,
    resourceVersion: metadata?.resourceVersion,
    generation: metadata?.generation,
    template: JSON.stringify(spec?.template),
  }
}
