/** The files in samples/eks: the API server accepts them, with Karpenter's own CRDs, and they fit the defaults of the operator. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { PLATFORM_VARIABLES } from '../../src/cli/environment.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { karpenterCrds } from '../../testing/karpenter-crds.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { until } from '../support/until.ts'

const DIR = join(ROOT, 'samples/eks')

interface NodePool extends KubeObject {
  readonly spec: { readonly template: { readonly spec: { readonly taints: unknown } } }
}

function objectsOf(file: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(join(DIR, file), 'utf8')).map((document): KubeObject => document.toJS())
}

function isNodePool(object: KubeObject): object is NodePool {
  return object.kind === 'NodePool'
}

before(async () => {
  const files = [...(await karpenterCrds(process.env)), join(ROOT, 'config/crd/bases')]
  for (const file of files) await kubectl(['apply', '--server-side', '--force-conflicts', '-f', file])
  for (const kind of ['nodepools.karpenter.sh', 'ec2nodeclasses.karpenter.k8s.aws', 'seinodes.sei.io']) {
    await kubectl(['wait', `crd/${kind}`, '--for=condition=Established', '--timeout=60s'])
  }
})

for (const file of readdirSync(DIR).filter(name => name.endsWith('.yaml') && name !== 'values.yaml')) {
  for (const object of objectsOf(file)) {
    test(`the API server accepts ${object.kind} ${object.metadata?.name} of samples/eks/${file}`, async () => {
      // Not stored, under a name of its own: the cluster of the tests has StorageClasses of these names.
      const metadata = { ...object.metadata, name: `eks-${object.metadata?.name}` }
      if (metadata.namespace !== undefined) metadata.namespace = 'default'
      const stdin = JSON.stringify({ ...object, metadata })
      const flags = ['--server-side', '--dry-run=server', '--validate=strict', '--field-manager=eks-tests']
      await until('discovery of new kinds', async () => {
        const { code, stderr } = await tryKubectl(['apply', ...flags, '-f', '-'], { stdin })
        if (/no matches for kind/.test(stderr)) return undefined
        assert.equal(stderr, '')
        assert.equal(code, 0)
        return true
      })
    })
  }
}

test('the names in samples/eks are those that the operator uses by default', () => {
  const { nodepoolName, tolerationKey, tolerationValue, serviceAccount, ...settings } = PLATFORM_VARIABLES
  const pool = objectsOf('karpenter.yaml').find(isNodePool)
  assert.equal(pool?.metadata?.name, nodepoolName.default)
  assert.deepEqual(pool?.spec.template.spec.taints, [
    { key: tolerationKey.default, value: tolerationValue.default, effect: 'NoSchedule' },
  ])
  const { storageClassPerf, storageClassDefault, storageClassGenesis } = settings
  assert.deepEqual(
    objectsOf('storage-classes.yaml').map(({ metadata }) => metadata?.name),
    [storageClassPerf, storageClassDefault, storageClassGenesis].map(variable => variable.default),
  )
  const account = objectsOf('namespace.yaml').find(({ kind }) => kind === 'ServiceAccount')
  assert.equal(account?.metadata?.name, serviceAccount.default)
})

interface Policy {
  readonly Version: string
  readonly Statement: readonly {
    readonly Effect: string
    readonly Action: string | readonly string[]
    readonly Resource?: unknown
    readonly Principal?: unknown
  }[]
}

for (const file of readdirSync(join(DIR, 'iam'))) {
  test(`samples/eks/iam/${file} has the form of a policy`, () => {
    const policy: Policy = JSON.parse(readFileSync(join(DIR, 'iam', file), 'utf8'))
    assert.equal(policy.Version, '2012-10-17')
    for (const { Effect, Action, Resource, Principal } of policy.Statement) {
      assert.equal(Effect, 'Allow')
      for (const action of [Action].flat()) assert.match(action, /^(s3|ec2|sts):[A-Z][A-Za-z]+$/)
      // Whom a trust policy lets in, or what another one is about.
      assert.equal(Principal !== undefined, file.endsWith('-trust.json'))
      assert.equal(Resource === undefined, file.endsWith('-trust.json'))
    }
  })
}
