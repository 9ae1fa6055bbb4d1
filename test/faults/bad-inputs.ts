/** Faults of a SeiNode that only the controller can see: how each is made, what is said of it, and how it is mended. */
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { FIELD_MANAGER } from '../../src/api/names.ts'
import { persistentVolumeClaims, services, statefulSets, storageClasses } from '../../src/kube/resources.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { GENESIS_SPEC, type OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

export interface BadInput {
  /** Names the SeiNode. */
  readonly name: string
  readonly spec: SeiNodeSpec
  /** Before the SeiNode is there. */
  readonly prepare?: (stage: OperatorStage) => Promise<unknown>
  readonly condition: { readonly type: string; readonly status: 'False'; readonly reason: string }
  /** What the condition's message says, in this order: what is wrong, and what to do. */
  readonly says: readonly string[]
  readonly mend: (stage: OperatorStage) => Promise<unknown>
  /** What the node's sidecar executes from beginning to end. */
  readonly executed?: readonly string[]
}

/** StorageClasses belong to no namespace. */
export const MISSING_CLASS = `missing-until-${process.pid}-makes-it`

const progressing = (reason: string) => ({ type: 'Progressing', status: 'False', reason }) as const
const specValid = (reason: string) => ({ type: 'SpecValid', status: 'False', reason }) as const

export const BAD_INPUTS: readonly BadInput[] = [
  {
    name: 'no-prepared-volume',
    spec: { ...GENESIS_SPEC, chainId: 'devnet-1', genesis: { pvc: { dataPVC: 'prepared' } } },
    condition: specValid('DataVolumeNotFound'),
    says: ['genesis.pvc.dataPVC', 'prepared', 'does not exist', 'create it'],
    mend: async stage => {
      await stage.stage.claim('prepared')
      const home = await until('the claim to be known to the node', () => homeOf(stage, 'prepared'))
      home.write('config/genesis.json', '{"chain_id":"devnet-1"}')
    },
    executed: ['config-apply', 'config-validate', 'mark-ready'],
  },
  {
    name: 'no-storage-class',
    spec: { ...GENESIS_SPEC, storage: { storageClassName: MISSING_CLASS, retainOnDelete: false } },
    condition: specValid('StorageClassNotFound'),
    says: [MISSING_CLASS, 'spec.storage.storageClassName', 'does not exist', 'create the StorageClass'],
    mend: async ({ client }) => {
      const model = await client.get(storageClasses, { name: 'gp3' })
      if (!model) throw new Error('StorageClass gp3: expected one of the fake node, found none')
      await client.create(storageClasses, { ...model, metadata: { name: MISSING_CLASS } })
    },
  },
  {
    name: 'no-image',
    spec: { ...GENESIS_SPEC, image: 'registry.example.com/does-not-exist:v1' },
    condition: progressing('ImagePullFailed'),
    says: ['registry.example.com/does-not-exist:v1', 'cannot be pulled', 'Correct spec.image'],
    mend: stage => stage.patch('no-image', { spec: { image: GENESIS_SPEC.image } }),
  },
  {
    name: 'no-sidecar-image',
    spec: { ...GENESIS_SPEC, sidecar: { image: 'registry.example.com/does-not-exist:v2', port: 7777 } },
    condition: progressing('ImagePullFailed'),
    says: ['registry.example.com/does-not-exist:v2', 'cannot be pulled', 'Correct spec.sidecar.image'],
    mend: stage => stage.patch('no-sidecar-image', { spec: { sidecar: { image: 'seictl:v0.0.25' } } }),
  },
  {
    name: 'cut-off',
    spec: GENESIS_SPEC,
    prepare: stage => stage.node.partition(stage.podKey('cut-off'), true),
    condition: { type: 'SidecarReady', status: 'False', reason: 'Unreachable' },
    says: ['ECONNREFUSED', 'Read its log', 'NetworkPolicies'],
    mend: stage => stage.node.partition(stage.podKey('cut-off'), false),
  },
  {
    name: 'failing-task',
    spec: { ...GENESIS_SPEC, overrides: { 'storage.snapshot_interval': 'many' } },
    condition: { type: 'Initialized', status: 'False', reason: 'TaskFailed' },
    says: ['config-apply', 'storage.snapshot_interval', 'sei.io/retry-plan'],
    mend: stage =>
      stage.patch('failing-task', {
        metadata: { annotations: { 'sei.io/retry-plan': 'once' } },
        spec: { overrides: { 'storage.snapshot_interval': '2000' } },
      }),
    executed: ['configure-genesis', 'config-apply', 'config-apply', 'config-validate', 'mark-ready'],
  },
  {
    name: 'too-large',
    spec: { ...GENESIS_SPEC, resources: { requests: { cpu: '20000' } } },
    condition: progressing('Unschedulable'),
    says: ['too-large-0', 'does not fit on any cluster node', 'Insufficient cpu', 'lower spec.resources'],
    mend: stage => stage.patch('too-large', { spec: { resources: { requests: { cpu: '1' } } } }),
  },
  foreign(
    'foreign-claim',
    'PersistentVolumeClaim',
    persistentVolumeClaims,
    'data-foreign-claim',
    {
      spec: { storageClassName: 'gp3', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    ['does not use it', 'sei.io/accept-volume', 'under another name'],
  ),
  foreign('foreign-service', 'Service', services, 'foreign-service', {
    spec: { clusterIP: 'None', selector: { app: 'other' }, ports: [{ name: 'web', port: 80 }] },
  }),
  foreign('foreign-set', 'StatefulSet', statefulSets, 'foreign-set', {
    spec: {
      serviceName: 'other',
      replicas: 0,
      selector: { matchLabels: { app: 'other' } },
      template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    },
  }),
]

function homeOf(stage: OperatorStage, claim: string): Home | undefined {
  try {
    return stage.node.homeOf(stage.key(claim))
  } catch {
    // Its informer has yet to see the claim.
    return undefined
  }
}

/** An object of somebody else has the name that one of the node's own needs. */
function foreign<T extends KubeObject>(
  name: string,
  kind: string,
  resource: Resource<T>,
  objectName: string,
  object: T,
  advice: readonly string[] = ['does not change it', 'under another name, or delete the'],
): BadInput {
  return {
    name,
    spec: GENESIS_SPEC,
    prepare: stage => stage.client.create(resource, { ...object, metadata: stage.key(objectName) }),
    condition: progressing('ForeignObject'),
    says: [`${kind} ${objectName}`, ...advice],
    mend: async stage => {
      const found = await stage.get(resource, objectName)
      const managers = JSON.stringify(found?.metadata?.managedFields)
      if (managers.includes(FIELD_MANAGER)) throw new Error(`${kind} ${objectName} was changed: ${managers}`)
      await stage.client.delete(resource, stage.key(objectName), { uid: found?.metadata?.uid ?? '' })
    },
  }
}
