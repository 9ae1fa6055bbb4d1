/** A data volume outlives what it must outlive, and its claim is never changed in a way that the API server refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { buildDataVolume } from './data-volume.ts'
import { seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

const kept = seiNode('n', { storage: { retainOnDelete: true } })

function liveClaim(size: string, spec: object = {}, annotations: Record<string, string> = {}): PersistentVolumeClaim {
  const resources = { requests: { storage: size } }
  return {
    metadata: { name: 'data-n', annotations },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gp3-10k-750', resources, ...spec },
  }
}

test('R5: a data volume is ReadWriteOnce, of the size and class in effect', () => {
  assert.deepEqual(buildDataVolume(seiNode('n'), platform)?.spec, {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'gp3-10k-750',
    resources: { requests: { storage: '1000Gi' } },
  })
})

test('a node on a prepared volume gets no volume of its own', () => {
  const node = seiNode('n', { genesis: { pvc: { dataPVC: 'prepared' } } })
  assert.equal(buildDataVolume(node, platform), undefined)
})

test('a volume goes with its node', () => {
  const owners = buildDataVolume(seiNode('n'), platform)?.metadata?.ownerReferences
  assert.deepEqual(
    owners?.map(({ kind, uid, controller }) => ({ kind, uid, controller })),
    [{ kind: 'SeiNode', uid: 'uid-of-n', controller: true }],
  )
})

test('with retainOnDelete the volume has no owner that the garbage collector would delete it with', () => {
  assert.equal(buildDataVolume(kept, platform)?.metadata?.ownerReferences, undefined)
})

test('a kept volume says which chain and plan it was initialised by', () => {
  const annotations = buildDataVolume(kept, platform, { initialized: { planID: 'plan-1', caughtUpAt: undefined } })
    ?.metadata?.annotations
  assert.equal(annotations?.['sei.io/initialized-chain'], 'pacific-1')
  assert.equal(annotations?.['sei.io/initialized-plan'], 'plan-1')
})

test('a node that takes over a kept volume leaves in place what the volume says of itself', () => {
  const said = { 'sei.io/initialized-chain': 'atlantic-2', 'sei.io/initialized-plan': 'old', other: 'x' }
  const annotations = buildDataVolume(kept, platform, { live: liveClaim('1000Gi', {}, said) })?.metadata?.annotations
  assert.equal(annotations?.['sei.io/initialized-chain'], 'atlantic-2')
  assert.equal(annotations?.['sei.io/initialized-plan'], 'old')
  assert.equal(annotations?.['other'], undefined)
})

test('a volume that goes with its node says nothing of plans', () => {
  const annotations = buildDataVolume(seiNode('n'), platform, {
    initialized: { planID: 'plan-1', caughtUpAt: undefined },
  })?.metadata?.annotations
  assert.deepEqual(
    Object.keys(annotations ?? {}).filter(key => key.startsWith('sei.io/')),
    ['sei.io/applied-hash'],
  )
})

test('a claim keeps its class and access modes when the platform changes its defaults', () => {
  const live = liveClaim('1000Gi', { storageClassName: 'gp2', accessModes: ['ReadWriteOncePod'] })
  const spec = buildDataVolume(seiNode('n'), { ...platform, storageClassPerf: 'io2' }, { live })?.spec
  assert.equal(spec?.storageClassName, 'gp2')
  assert.deepEqual(spec?.accessModes, ['ReadWriteOncePod'])
})

test('a claim without a class is left without one', () => {
  const live: PersistentVolumeClaim = { spec: { accessModes: ['ReadWriteOnce'] } }
  assert.equal('storageClassName' in (buildDataVolume(seiNode('n'), platform, { live })?.spec ?? {}), false)
})

test("the size in the spec resizes a claim that is bound, and the platform's default does not", () => {
  const live = { ...liveClaim('500Gi'), status: { phase: 'Bound', capacity: { storage: '500Gi' } } }
  const requested = (node: ReturnType<typeof seiNode>): string | undefined =>
    buildDataVolume(node, platform, { live })?.spec?.resources?.requests?.['storage']
  assert.equal(requested(seiNode('n', { storage: { size: '1000Gi' } })), '1000Gi')
  assert.equal(requested(seiNode('n')), '500Gi')
})

test('no GitOps tool prunes a claim, or takes it for a part of an application', () => {
  const labels = { 'app.kubernetes.io/instance': 'theirs', 'argocd.argoproj.io/instance': 'theirs' }
  for (const node of [seiNode('n'), kept]) {
    const { metadata } = buildDataVolume({ ...node, metadata: { ...node.metadata, labels } }, platform) ?? {}
    const { annotations = {} } = metadata ?? {}
    assert.equal(annotations['argocd.argoproj.io/sync-options'], 'Prune=false,Delete=false')
    assert.equal(annotations['kustomize.toolkit.fluxcd.io/prune'], 'disabled')
    assert.equal(annotations['helm.sh/resource-policy'], 'keep')
    assert.deepEqual(
      Object.keys(metadata?.labels ?? {}).filter(key => key.endsWith('/instance')),
      [],
    )
    assert.equal(metadata?.labels?.['sei.io/node'], 'n')
  }
})
