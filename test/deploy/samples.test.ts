/** The files in samples/eks and samples/kind: the API server accepts them, with Karpenter's own CRDs, and they fit the settings of the operator. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { PersistentVolume } from 'kubernetes-types/core/v1.d.ts'
import { parse, parseAllDocuments } from 'yaml'
import { PLATFORM_VARIABLES } from '../../src/cli/environment.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { karpenterCrds } from '../../testing/karpenter-crds.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { until } from '../support/until.ts'

/** What no API server reads. */
const FOR_OTHER_PROGRAMS: ReadonlySet<string> = new Set(['values.yaml', 'cluster.yaml'])

interface NodePool extends KubeObject {
  readonly spec: { readonly template: { readonly spec: { readonly taints: unknown } } }
}

/** @param file below samples/ */
function textOf(file: string): string {
  return readFileSync(join(ROOT, 'samples', file), 'utf8')
}

function objectsOf(file: string): readonly KubeObject[] {
  return parseAllDocuments(textOf(file)).map((document): KubeObject => document.toJS())
}

function isVolume(object: KubeObject): object is PersistentVolume {
  return object.kind === 'PersistentVolume'
}

function isNodePool(object: KubeObject): object is NodePool {
  return object.kind === 'NodePool'
}

before(async () => {
  const files = [...(await karpenterCrds(process.env)), join(ROOT, 'config/crd/bases')]
  for (const file of files) await kubectl(['apply', '--server-side', '--force-conflicts', '-f', file])
  const kinds = ['nodepools.karpenter.sh', 'ec2nodeclasses.karpenter.k8s.aws', 'seinodes.sei.io', 'seinodepools.sei.io']
  for (const kind of kinds) {
    await kubectl(['wait', `crd/${kind}`, '--for=condition=Established', '--timeout=60s'])
  }
})

const files = ['eks', 'kind'].flatMap(dir => {
  const names = readdirSync(join(ROOT, 'samples', dir))
  return names.filter(name => name.endsWith('.yaml') && !FOR_OTHER_PROGRAMS.has(name)).map(name => `${dir}/${name}`)
})

for (const file of files) {
  for (const object of objectsOf(file)) {
    test(`the API server accepts ${object.kind} ${object.metadata?.name} of samples/${file}`, async () => {
      // Not stored, under a name of its own: the cluster of the tests has StorageClasses of these names.
      const metadata = { ...object.metadata, name: `sample-${object.metadata?.name}` }
      if (metadata.namespace !== undefined) metadata.namespace = 'default'
      const stdin = JSON.stringify({ ...object, metadata })
      const flags = ['--server-side', '--dry-run=server', '--validate=strict', '--field-manager=sample-tests']
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
  const pool = objectsOf('eks/karpenter.yaml').find(isNodePool)
  assert.equal(pool?.metadata?.name, nodepoolName.default)
  assert.deepEqual(pool?.spec.template.spec.taints, [
    { key: tolerationKey.default, value: tolerationValue.default, effect: 'NoSchedule' },
  ])
  const { storageClassPerf, storageClassDefault, storageClassGenesis } = settings
  assert.deepEqual(
    objectsOf('eks/storage-classes.yaml').map(({ metadata }) => metadata?.name),
    [storageClassPerf, storageClassDefault, storageClassGenesis].map(variable => variable.default),
  )
  const account = objectsOf('eks/namespace.yaml').find(({ kind }) => kind === 'ServiceAccount')
  assert.equal(account?.metadata?.name, serviceAccount.default)
})

test('samples/kind names its own StorageClass, the directory that kind mounts and the label of its machine', () => {
  const values: { readonly env: Readonly<Record<string, string>> } = parse(textOf('kind/values.yaml'))
  const cluster: {
    readonly nodes: readonly {
      readonly labels: Readonly<Record<string, string>>
      readonly extraMounts: readonly { readonly containerPath: string }[]
    }[]
  } = parse(textOf('kind/cluster.yaml'))
  const [machine] = cluster.nodes
  const volume = objectsOf('kind/genesis-volume.yaml').find(isVolume)
  assert.equal(volume?.spec?.storageClassName, values.env[PLATFORM_VARIABLES.storageClassGenesis.name])
  assert.equal(volume?.spec?.capacity?.['storage'], values.env[PLATFORM_VARIABLES.storageSizeGenesis.name])
  assert.equal(volume?.spec?.local?.path, machine?.extraMounts[0]?.containerPath)
  assert.deepEqual(machine?.labels, { 'karpenter.sh/nodepool': PLATFORM_VARIABLES.nodepoolName.default })
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

for (const file of readdirSync(join(ROOT, 'samples/eks/iam'))) {
  test(`samples/eks/iam/${file} has the form of a policy`, () => {
    const policy: Policy = JSON.parse(textOf(`eks/iam/${file}`))
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
