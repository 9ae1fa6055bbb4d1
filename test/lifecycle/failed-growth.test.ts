/** Growth of data volumes that fails or waits, and what takes it back. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { FILE_SYSTEM_GROWTH, MAXIMUM_SIZE } from '../../testing/fakes/node/volume-binding.ts'
import { persistentVolumeClaims, storageClasses } from '../../src/kube/resources.ts'
import { installPolicy } from '../support/admission-policies.ts'
import { tryKubectl } from '../../testing/kubectl.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'

const sizeIn = (of: string): string => `quantity(string(${of}.spec.resources.requests.storage))`

suite('volumes that do not grow', { concurrency: 8 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a growth that the driver cannot do is reported with its message, and can be reverted to a possible size', async () => {
    const storageClass = await createClass('limited', { [MAXIMUM_SIZE]: '3000Gi' })
    const node = await fixture.running('limited', sized('1000Gi', storageClass))
    await node.change({ storage: { size: '20000Gi' } })
    await node.becomes({
      conditions: { SpecValid: 'ExpansionFailed', Reconciling: 'SpecInvalid' },
      says: {
        SpecValid: [
          'PersistentVolumeClaim data-limited was asked for 20000Gi and has 1000Gi: ControllerResizeInfeasible',
          'volume of 20000Gi is too large for this type of disk',
          'Set spec.storage.size to a size above 1000Gi',
        ],
      },
      events: ['ExpansionFailed'],
    })
    await node.change({ storage: { size: '1000Gi' } })
    await node.becomes({
      conditions: { SpecValid: 'ResizeRefused', Reconciling: 'SpecInvalid' },
      says: { SpecValid: ['Kubernetes takes a request back only to a size above the capacity', 'more than 1000Gi'] },
      events: ['ResizeRefused'],
    })
    await node.change({ storage: { size: '500Gi' } })
    await node.becomes({
      conditions: { SpecValid: 'DataVolumeTooSmall', Reconciling: 'SpecInvalid' },
      says: { SpecValid: ['data-limited has 1000Gi already, which cannot shrink', 'set at least more than 1000Gi'] },
      events: ['DataVolumeTooSmall'],
    })
    assert.equal(await requestOf('limited'), '20000Gi')
    await node.change({ storage: { size: '2000Gi' } })
    await untilCapacity(node, '2000Gi')
    await node.becomes({})
    assert.equal(await requestOf('limited'), '2000Gi')
  })

  test('a growth that needs a restart is reported, and the node continues', async () => {
    const storageClass = await createClass('offline', { [FILE_SYSTEM_GROWTH]: 'on-mount' })
    const node = await fixture.running('offline', sized('100Gi', storageClass))
    await node.change({ storage: { size: '200Gi' } })
    await node.becomes({
      conditions: { SpecValid: 'ExpansionPending' },
      says: {
        SpecValid: [
          'data-offline was asked for 200Gi and has 100Gi',
          'Waiting for user to (re-)start a pod',
          'delete the pod at a convenient time',
        ],
      },
    })
    await node.deletePod()
    // As the kubelet does while it mounts the volume for the next pod.
    const status = { capacity: { storage: '200Gi' }, conditions: null, allocatedResourceStatuses: null }
    await fixture.base.client.patch(
      persistentVolumeClaims,
      fixture.base.key('data-offline'),
      { status },
      { type: 'merge', subresource: 'status' },
    )
    await node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } })
  })

  test('a size that is removed from the spec does not change the claim, and manual changes of the claim are kept', async () => {
    const storageClass = await createClass('by-hand', { [MAXIMUM_SIZE]: '3000Gi' })
    const node = await fixture.running('by-hand', sized('1000Gi', storageClass))
    await node.change({ storage: { size: null } })
    await node.becomes({})
    assert.equal(await requestOf('by-hand'), '1000Gi')
    await request('by-hand', '20000Gi')
    await node.becomes({
      conditions: { SpecValid: 'ExpansionFailed', Reconciling: 'SpecInvalid' },
      says: { SpecValid: ['was asked for 20000Gi and has 1000Gi'] },
      events: ['ExpansionFailed'],
    })
    await request('by-hand', '2500Gi')
    await untilCapacity(node, '2500Gi')
    await node.becomes({})
    assert.equal(await requestOf('by-hand'), '2500Gi')
  })

  test('an API server that refuses to lower a request: its message is reported, and all other fields are applied', async () => {
    const storageClass = await createClass('no-way-back', { [MAXIMUM_SIZE]: '3000Gi' })
    const node = await fixture.running('no-way-back', sized('1000Gi', storageClass))
    await node.change({ storage: { size: '20000Gi' } })
    await node.becomes({
      conditions: { SpecValid: 'ExpansionFailed', Reconciling: 'SpecInvalid' },
      events: ['ExpansionFailed'],
    })
    await forbidLowering('data-no-way-back')
    await node.change({ storage: { size: '2000Gi', retainOnDelete: true } })
    await node.becomes({
      conditions: { SpecValid: 'ResizeRefused', Reconciling: 'SpecInvalid' },
      says: {
        SpecValid: [
          'the API server refuses that PersistentVolumeClaim data-no-way-back, which has 1000Gi, asks for it in place of 20000Gi',
          'field can not be less than previous value',
          'Releases of Kubernetes below 1.32 take no request back',
          'Its growth to 20000Gi failed',
        ],
      },
      events: ['ResizeRefused'],
    })
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-no-way-back')
    assert.equal(claim?.metadata?.ownerReferences, undefined)
    assert.ok(claim?.metadata?.annotations?.['sei.io/initialized-chain'] !== undefined)
    assert.equal(await requestOf('no-way-back'), '20000Gi')
  })

  test('a larger default of the platform is for new volumes: no claim grows when the operator starts with it', async () => {
    await using upgraded = await OperatorFixture.open({ operator: { env: { SEI_STORAGE_SIZE_DEFAULT: '100Gi' } } })
    await upgraded.create('before')
    await upgraded.untilRunning('before')
    await upgraded.operator.stop()
    const operator = new OperatorProcess({
      kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
      namespaces: [upgraded.namespace],
      env: { SEI_STORAGE_SIZE_DEFAULT: '200Gi' },
    })
    await using _ = { [Symbol.asyncDispose]: () => operator.stop() }
    operator.start()
    await upgraded.create('after')
    await upgraded.untilRunning('after')
    const sizeOf = async (name: string): Promise<string | undefined> =>
      (await upgraded.get(persistentVolumeClaims, `data-${name}`))?.spec?.resources?.requests?.['storage']
    // The change of a node is carried out by the operator that has the larger default.
    await upgraded.patch('before', { spec: { storage: { retainOnDelete: true } } })
    await until('the claim without an owner', async () => {
      const claim = await upgraded.get(persistentVolumeClaims, 'data-before')
      return claim?.metadata?.ownerReferences?.length ? undefined : true
    })
    assert.deepEqual([await sizeOf('before'), await sizeOf('after')], ['100Gi', '200Gi'])
  })

  async function createClass(name: string, parameters: Record<string, string>): Promise<string> {
    const metadata = { name: `${fixture.base.namespace}-${name}` }
    const object: StorageClass = { metadata, provisioner: 'sei.io/fake', allowVolumeExpansion: true, parameters }
    await fixture.base.client.create(storageClasses, object)
    return metadata.name
  }

  async function request(name: string, size: string): Promise<void> {
    const body = { spec: { resources: { requests: { storage: size } } } }
    await fixture.base.client.patch(persistentVolumeClaims, fixture.base.key(`data-${name}`), body, { type: 'merge' })
  }

  /** As the API server of Kubernetes 1.31 and older does, in its words. */
  async function forbidLowering(claim: string): Promise<void> {
    const { namespace } = fixture.base
    const rule = {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['UPDATE'],
      resources: ['persistentvolumeclaims'],
      resourceNames: [claim],
    }
    const validation = {
      expression: `!${sizeIn('object')}.isLessThan(${sizeIn('oldObject')})`,
      message: 'spec.resources.requests.storage: Forbidden: field can not be less than previous value',
      reason: 'Invalid',
    }
    const spec = { matchConstraints: { resourceRules: [rule] }, validations: [validation] }
    const binding = { validationActions: ['Deny'] }
    await installPolicy({ kind: 'ValidatingAdmissionPolicy', name: `${namespace}-${claim}`, namespace, spec, binding })
    const patch = '{"spec":{"resources":{"requests":{"storage":"1001Gi"}}}}'
    await until('the policy to be in force', async () => {
      const { stderr } = await tryKubectl([
        'patch',
        'pvc',
        '-n',
        namespace,
        claim,
        '--dry-run=server',
        `--patch=${patch}`,
      ])
      return stderr.includes('less than previous value') || undefined
    })
  }

  async function untilCapacity(node: LivingNode, size: string): Promise<void> {
    await node.until(`its volume to have ${size}`, () => {
      const claim = fixture.view.claims.get(fixture.view.key(`data-${node.name}`))
      return claim?.status?.capacity?.['storage'] === size
    })
  }

  async function requestOf(name: string): Promise<string | undefined> {
    const claim = await fixture.base.get(persistentVolumeClaims, `data-${name}`)
    return claim?.spec?.resources?.requests?.['storage']
  }
})

function sized(size: string, storageClassName?: string): SpecInput {
  return { ...GENESIS_SPEC, storage: { size, ...(storageClassName === undefined ? {} : { storageClassName }) } }
}
