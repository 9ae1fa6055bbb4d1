/** Faults of a SeiNode that only the controller can detect: how each is caused, reported and fixed. */
import { services, storageClasses } from '../../src/kube/resources.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import { GENESIS_SPEC, type OperatorFixture } from '../support/operator-fixture.ts'

export interface BadInput {
  /** Names the SeiNode. */
  readonly name: string
  readonly spec: SeiNodeSpec
  /** Before the SeiNode is there. */
  readonly prepare?: (fixture: OperatorFixture) => Promise<unknown>
  readonly condition: { readonly type: string; readonly status: 'True' | 'False'; readonly reason: string }
  /** What the condition's message says, in this order: what is wrong, and what to do. */
  readonly says: readonly string[]
  readonly mend: (fixture: OperatorFixture) => Promise<unknown>
  /** What the node's sidecar executes from beginning to end. */
  readonly executed?: readonly string[]
}

/** StorageClasses belong to no namespace. */
export const MISSING_CLASS = `missing-until-${process.pid}-makes-it`

const stalled = (reason: string) => ({ type: 'Stalled', status: 'True', reason }) as const
const specValid = (reason: string) => ({ type: 'SpecValid', status: 'False', reason }) as const

export const BAD_INPUTS: readonly BadInput[] = [
  {
    name: 'no-prepared-volume',
    spec: { ...GENESIS_SPEC, chainId: 'devnet-1', genesis: { pvc: { dataPVC: 'prepared' } } },
    condition: specValid('DataVolumeNotFound'),
    says: ['genesis.pvc.dataPVC', 'prepared', 'does not exist', 'Create it'],
    mend: async fixture => {
      const home = await fixture.prepareVolume('prepared')
      home.write('config/genesis.json', '{"chain_id":"devnet-1"}')
    },
    executed: ['config-apply', 'config-validate', 'mark-ready'],
  },
  {
    name: 'no-storage-class',
    spec: { ...GENESIS_SPEC, storage: { storageClassName: MISSING_CLASS, retainOnDelete: false } },
    condition: specValid('StorageClassNotFound'),
    says: [MISSING_CLASS, 'spec.storage.storageClassName', 'does not exist', 'Create the StorageClass'],
    mend: async ({ client }) => {
      const model = await client.get(storageClasses, { name: 'gp3' })
      if (!model) throw new Error('StorageClass gp3: expected one of the fake node, found none')
      await client.create(storageClasses, { ...model, metadata: { name: MISSING_CLASS } })
    },
  },
  {
    name: 'no-image',
    spec: { ...GENESIS_SPEC, image: 'registry.example.com/does-not-exist:v1' },
    condition: stalled('ImagePullFailed'),
    says: ['registry.example.com/does-not-exist:v1', 'cannot be pulled', 'Correct spec.image'],
    mend: fixture => fixture.patch('no-image', { spec: { image: GENESIS_SPEC.image } }),
  },
  {
    name: 'cut-off',
    spec: GENESIS_SPEC,
    prepare: fixture => fixture.node.partition(fixture.podKey('cut-off'), true),
    condition: { type: 'SidecarReady', status: 'False', reason: 'Unreachable' },
    says: ['ECONNREFUSED', 'Read its log', 'NetworkPolicies'],
    mend: fixture => fixture.node.partition(fixture.podKey('cut-off'), false),
  },
  {
    name: 'too-large',
    spec: { ...GENESIS_SPEC, resources: { requests: { cpu: '20000' } } },
    condition: { type: 'Reconciling', status: 'True', reason: 'AwaitingCapacity' },
    says: ['too-large-0', 'does not fit on any cluster node', 'Insufficient cpu', 'lower spec.resources'],
    mend: fixture => fixture.patch('too-large', { spec: { resources: { requests: { cpu: '1' } } } }),
  },
  {
    name: 'foreign-service',
    spec: GENESIS_SPEC,
    prepare: fixture =>
      fixture.client.create(services, {
        metadata: fixture.key('foreign-service'),
        spec: { clusterIP: 'None', selector: { app: 'other' }, ports: [{ name: 'web', port: 80 }] },
      }),
    condition: stalled('ForeignObject'),
    says: ['Service foreign-service', 'does not change it', 'under another name, or delete the'],
    mend: fixture => fixture.base.remove(services, 'foreign-service'),
  },
]
