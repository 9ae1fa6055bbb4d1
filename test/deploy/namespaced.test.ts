/** The operator of config/namespaced, with the Roles that it ships and nothing else: a node comes up, and what cannot be checked is said. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API_VERSION, NEVER_OBSERVED } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { statefulSets } from '../../src/kube/resources.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { accountKubeconfig } from './account-kubeconfig.ts'
import { inNewDirectory, renderOverlay } from './rendered.ts'

const ACCOUNT = 'sei-k8s-controller-manager'

test('with the Roles of config/namespaced nodes become Running in the namespaces that are watched, and nothing is asked for beyond', async () => {
  await using fixture = await OperatorFixture.open({ started: false })
  const { namespace } = fixture
  const [watched, other] = [`${namespace}-watched`, `${namespace}-other`]
  await inNewDirectory(async dir => {
    for (const name of [watched, other]) await kubectl(['create', 'namespace', name])
    await applyOverlay(namespace, 'config/namespaced')
    await kubectl(['scale', 'deployment', ACCOUNT, '-n', namespace, '--replicas=0'])
    await applyOverlay(watched, 'config/namespaced/watched', namespace)
    const operator = new OperatorProcess({
      kubeconfig: await accountKubeconfig(ACCOUNT, namespace, dir),
      namespaces: [namespace, watched],
      args: ['--leader-elect=true', `--leader-election-namespace=${namespace}`],
    })
    try {
      operator.start()
      await fixture.create('a', {
        ...GENESIS_SPEC,
        storage: { storageClassName: 'no-such-class', retainOnDelete: false },
      })
      const waiting = await fixture.untilNode('a', 'SpecValid to be evaluated', node => {
        return conditionOf(node, 'SpecValid')?.reason === 'StorageClassNotChecked'
      })
      assert.equal(conditionOf(waiting, 'SpecValid')?.status, 'True')
      assert.match(conditionOf(waiting, 'SpecValid')?.message ?? '', /may not read StorageClasses.*no-such-class/)
      for (const elsewhere of [other, watched]) {
        const metadata = { namespace: elsewhere, name: 'b' }
        await fixture.client.create(seiNodes, {
          apiVersion: API_VERSION,
          kind: 'SeiNode',
          metadata,
          spec: GENESIS_SPEC,
        })
      }
      await fixture.create('b')
      const running = await fixture.untilRunning('b')
      assert.equal(conditionOf(running, 'SpecValid')?.reason, 'Valid')
      await until(
        'the StatefulSet of the node in the other watched namespace',
        () => fixture.client.get(statefulSets, { namespace: watched, name: 'b' }),
        { found: () => operator.log },
      )
      const unwatched = await fixture.client.get(seiNodes, { namespace: other, name: 'b' })
      assert.deepEqual(unwatched?.status, { observedGeneration: NEVER_OBSERVED })
      assert.doesNotMatch(operator.log, /forbidden| 403 /i)
    } finally {
      await operator.stop()
      // Nobody is left to let it go.
      await fixture.client.patch(
        seiNodes,
        { namespace: watched, name: 'b' },
        { metadata: { finalizers: null } },
        { type: 'merge' },
      )
      for (const name of [watched, other]) await kubectl(['delete', 'namespace', name, '--wait=false'])
    }
  })
})

/** @param operator the namespace of the operator, where it is another */
async function applyOverlay(namespace: string, base: string, operator = namespace): Promise<void> {
  const rendered = await renderOverlay({
    'kustomization.yaml': `resources: [BASE/${base}]\nnamespace: ${namespace}\n`,
  })
  const yaml =
    operator === namespace
      ? rendered.yaml
      : rendered.yaml.replaceAll('namespace: sei-k8s-controller-system', `namespace: ${operator}`)
  await kubectl(['apply', '--server-side', '-f', '-'], { stdin: yaml })
}
