/** The operator of config/namespaced, with the Roles that it ships and nothing else: a node comes up, and what cannot be checked is said. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { attachedControlPlane } from '../../devcluster/controlplane/environment.ts'
import { succeed } from '../integration/crd-harness.ts'
import { conditionOf, GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { inNewDirectory, renderOverlay } from './rendered.ts'

const ACCOUNT = 'sei-k8s-controller-manager'

/** A kubeconfig with a token of the account that config/namespaced makes in `namespace`. */
async function accountKubeconfig(namespace: string, dir: string): Promise<string> {
  const { kubeconfigPath } = attachedControlPlane(process.env)
  const admin: unknown = JSON.parse(
    await succeed(['config', 'view', '--raw', '-o', 'json', `--kubeconfig=${kubeconfigPath}`]),
  )
  const token = (await succeed(['create', 'token', ACCOUNT, '-n', namespace])).trim()
  const path = join(dir, 'kubeconfig')
  const contexts = [{ name: 'devcluster', context: { cluster: 'devcluster', user: ACCOUNT, namespace } }]
  await writeFile(path, JSON.stringify({ ...Object(admin), users: [{ name: ACCOUNT, user: { token } }], contexts }))
  return path
}

test('with the Roles of config/namespaced a node becomes Running, and nothing is asked for that they do not allow', async () => {
  await using stage = await OperatorStage.open({ started: false })
  const { namespace } = stage
  const { yaml } = await renderOverlay({
    'kustomization.yaml': `resources: [BASE/config/namespaced]\nnamespace: ${namespace}\n`,
  })
  await succeed(['apply', '--server-side', '-f', '-'], yaml)
  await succeed(['scale', 'deployment', ACCOUNT, '-n', namespace, '--replicas=0'])
  await inNewDirectory(async dir => {
    const operator = new OperatorProcess({
      kubeconfig: await accountKubeconfig(namespace, dir),
      namespaces: [namespace],
      args: ['--leader-elect=true', `--leader-election-namespace=${namespace}`],
    })
    try {
      operator.start()
      await stage.create('a', {
        ...GENESIS_SPEC,
        storage: { storageClassName: 'no-such-class', retainOnDelete: false },
      })
      const waiting = await stage.untilNode('a', 'SpecValid has been judged', node => {
        return conditionOf(node, 'SpecValid')?.reason === 'StorageClassNotChecked'
      })
      assert.equal(conditionOf(waiting, 'SpecValid')?.status, 'True')
      assert.match(conditionOf(waiting, 'SpecValid')?.message ?? '', /no-such-class.*may not read StorageClasses/)
      await stage.create('b')
      const running = await stage.untilRunning('b')
      assert.equal(conditionOf(running, 'SpecValid')?.reason, 'Valid')
      assert.doesNotMatch(operator.log, /forbidden|403/i)
    } finally {
      await operator.stop()
    }
  })
})
