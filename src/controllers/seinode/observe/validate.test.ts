/** What only the cluster can tell of a spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { MAX_NODE_OVERRIDES_SIZE, MAX_OVERRIDE_VALUE, MAX_UPGRADE_OVERRIDES_SIZE } from '../../../api/limits.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { TARGET_HEIGHT_NOTE } from '../../../plan/ignored-location.ts'
import { snapshotHashOf } from '../../../plan/used-snapshot.ts'
import { planOf, podOf } from '../testdata/objects.ts'
import { validateNode, type SpecFacts } from './validate.ts'

const LONGEST = 'x'.repeat(MAX_OVERRIDE_VALUE)

const facts: SpecFacts = {
  prepared: undefined,
  own: undefined,
  storageClassName: 'fast',
  storageClassExists: true,
  wantedClassExists: true,
  canGrow: true,
  volumeUser: undefined,
  pod: undefined,
}
const prepared = seiNode('a', { chainId: 'devnet', genesis: { pvc: { dataPVC: 'data-devnet-0' } } })

/** A node whose spec names this snapshot, after its sidecar was sent the one at s3://one/ (or what the note is about). */
function bootstrapping(
  s3: { readonly uri: string; readonly targetHeight?: number },
  phase: 'Active' | 'Complete',
  note?: string,
): ReturnType<typeof seiNode> {
  const peers = [{ static: { addresses: [`${'ab'.repeat(20)}@a.example:26656`] } }]
  const node = seiNode('a', { peers, snapshot: { s3: { region: 'us-east-2', ...s3 } } })
  const sent = seiNode('a', { peers, snapshot: { s3: { region: 'us-east-2', ...s3, uri: 's3://one/' } } })
  const specHash = snapshotHashOf('snapshot-restore', sent.spec) ?? ''
  const task = {
    type: 'snapshot-restore',
    status: 'Complete',
    specHash,
    ...(note === undefined ? {} : { note }),
  } as const
  // The spec that the bootstrap ended with is not what it had restored.
  return { ...node, status: { initPlan: { phase, snapshotHash: 'of the end', tasks: [task] } } }
}

const going = { metadata: { name: 'data-devnet-0', deletionTimestamp: '2026-05-01T12:00:00Z' } }

const replayer = seiNode('a', {
  replayer: { peers: [], snapshot: { stateSync: {}, trustPeriod: '1h' } },
})

/** A claim that a node of that mode left behind. */
function keptBy(mode: string): PersistentVolumeClaim {
  const annotations = {
    'sei.io/initialized-chain': 'pacific-1',
    'sei.io/initialized-plan': 'plan-1',
    'sei.io/initialized-mode': mode,
  }
  return {
    metadata: { name: 'data-a', annotations },
    spec: { storageClassName: 'gp3', resources: { requests: { storage: '1000Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '1000Gi' } },
  }
}

type Row = readonly [
  title: string,
  node: ReturnType<typeof seiNode>,
  facts: Partial<SpecFacts>,
  reason: string,
  blocks: boolean,
  ...words: readonly RegExp[],
]

const rows: readonly Row[] = [
  ['its class exists', seiNode('a'), {}, 'Valid', false],
  [
    'the default class is missing',
    seiNode('a'),
    { storageClassExists: false },
    'StorageClassNotFound',
    false,
    /StorageClass fast \(the platform's default\) does not exist/,
  ],
  [
    'the class that the spec names is missing',
    seiNode('a', { storage: { storageClassName: 'fast' } }),
    { storageClassExists: false },
    'StorageClassNotFound',
    false,
    /spec\.storage\.storageClassName/,
  ],
  [
    'its class is gone, and its volume is bound already',
    seiNode('a'),
    { storageClassExists: false, own: { status: { phase: 'Bound' } } },
    'Valid',
    false,
  ],
  [
    'its class is missing, and its claim waits for it',
    seiNode('a'),
    { storageClassExists: false, own: { status: { phase: 'Pending' } } },
    'StorageClassNotFound',
    false,
  ],
  [
    'whether its class exists is not known, and its claim waits',
    seiNode('a'),
    { storageClassExists: 'unknown', own: { status: { phase: 'Pending' } } },
    'StorageClassNotChecked',
    false,
    /may not read StorageClasses .*StorageClass fast exists$/,
  ],
  [
    'whether its class exists is not known, and its volume is bound already',
    seiNode('a'),
    { storageClassExists: 'unknown', own: { status: { phase: 'Bound' } } },
    'Valid',
    false,
  ],
  [
    'the prepared volume is there, whatever its class',
    prepared,
    { prepared: { metadata: { name: 'data-devnet-0' } }, storageClassExists: false },
    'Valid',
    false,
  ],
  [
    'the prepared volume is not there',
    prepared,
    {},
    'DataVolumeNotFound',
    true,
    /genesis\.pvc\.dataPVC/,
    /PersistentVolumeClaim data-devnet-0 in namespace sei does not exist/,
  ],
  [
    'the prepared volume is being deleted',
    prepared,
    { prepared: going },
    'DataVolumeTerminating',
    true,
    /being deleted/,
  ],
  [
    'the largest overrides of a spec and of an upgrade, which are in effect together',
    seiNode('a', {
      overrides: {
        ...Object.fromEntries(
          Array.from({ length: MAX_NODE_OVERRIDES_SIZE / MAX_OVERRIDE_VALUE }, (_, i) => [`a.b${i}`, LONGEST]),
        ),
        'a.upgrade': 'x'.repeat(MAX_UPGRADE_OVERRIDES_SIZE),
      },
    }),
    {},
    'Valid',
    false,
  ],
  [
    'a stored override that moves a port',
    seiNode('a', { overrides: { 'network.rpc.listen_address': 'tcp://0.0.0.0:27657' } }),
    {},
    'SettingRefused',
    false,
    /^overrides: network\.rpc\.listen_address must be "tcp:\/\/0\.0\.0\.0:26657" or left out: ports are fixed/,
    /in use unchanged: correct it$/,
  ],
  [
    'a stored entrypoint with another home',
    seiNode('a', { entrypoint: { args: ['start', '--home', '/data'] } }),
    {},
    'SettingRefused',
    false,
    /--home at \/sei/,
  ],
  [
    'a snapshot edited after it was restored, in the bootstrap still',
    bootstrapping({ uri: 's3://two/' }, 'Active'),
    {},
    'SnapshotNotUsed',
    false,
    /spec\.snapshot was changed after snapshot-restore had been sent to the sidecar/,
    /To start from the new one, create a SeiNode under another name$/,
  ],
  [
    'a snapshot edited after it was restored, when the bootstrap is complete',
    bootstrapping({ uri: 's3://two/' }, 'Complete'),
    {},
    'SnapshotNotUsed',
    false,
    /changed after the bootstrap/,
  ],
  ['a snapshot edited and put back', bootstrapping({ uri: 's3://one/' }, 'Complete'), {}, 'Valid', false],
  [
    'a snapshot edited after a restore whose sidecar does not say whether it knows targetHeight: both are told',
    bootstrapping({ uri: 's3://two/', targetHeight: 5 }, 'Complete', TARGET_HEIGHT_NOTE),
    {},
    'SnapshotNotUsed',
    false,
    /changed after the bootstrap/,
    /targetHeight may have been ignored/,
  ],
  [
    'a restore whose sidecar does not say whether it knows targetHeight',
    bootstrapping({ uri: 's3://one/', targetHeight: 5 }, 'Active', TARGET_HEIGHT_NOTE),
    {},
    'TargetHeightUnknown',
    false,
    /those before v0\.0\.27 restore the newest snapshot/,
  ],
  [
    'the prepared volume is being deleted, and the pod that has it in use lives on',
    { ...prepared, status: { initPlan: planOf(['mark-ready'], 1) } },
    { prepared: { metadata: { ...going.metadata, uid: 'volume-1' } }, pod: podOf() },
    'Valid',
    false,
  ],
  [
    'the prepared volume is being deleted, and it is not the one that the pod uses',
    { ...prepared, status: { initPlan: planOf(['mark-ready'], 1) } },
    { prepared: { metadata: { ...going.metadata, uid: 'volume-2' } }, pod: podOf() },
    'DataVolumeTerminating',
    true,
  ],
  [
    'the kept volume is of a replayer, and the node a full one',
    seiNode('a'),
    { own: keptBy('replayer') },
    'VolumeOfOtherMode',
    true,
    /a replayer, which does not check its state against the chain, and this one is of mode full/,
    /create the SeiNode under another name, which does not change the claim\. Deleting the claim permanently deletes that state/,
  ],
  ['the kept volume is of a full node, and the node a replayer', replayer, { own: keptBy('full') }, 'Valid', false],
  ['the kept volume is of a replayer, and so is the node', replayer, { own: keptBy('replayer') }, 'Valid', false],
  [
    'the kept volume is of an archive node, and the node a replayer',
    replayer,
    { own: keptBy('archive') },
    'VolumeOfOtherMode',
    true,
    /of mode archive, and this one is a replayer/,
  ],
  [
    'the kept volume is of another class and larger than the spec asks for',
    seiNode('a', { storage: { storageClassName: 'no-such-class', size: '500Gi' } }),
    { own: keptBy('full'), wantedClassExists: false },
    'VolumeAdoptedAsIs',
    false,
    /data-a, which existed before the SeiNode, is used unchanged: .*no-such-class, which does not exist/,
    /spec\.storage\.size is 500Gi, and it has 1000Gi.*create a SeiNode under another name/,
  ],
  [
    'the volume is its own and not adopted, and larger than the spec asks for',
    { ...seiNode('a', { storage: { size: '500Gi' } }), status: { initPlan: { phase: 'Complete', tasks: [] } } },
    { own: keptBy('full') },
    'DataVolumeTooSmall',
    false,
  ],
]

for (const [title, node, more, reason, blocks, ...words] of rows) {
  test(`${reason}${blocks ? ', and nothing is made' : ''}: ${title}`, () => {
    const condition = validateNode(node, { ...facts, ...more })
    assert.deepEqual([condition.reason, condition.blocks], [reason, blocks])
    for (const word of words) assert.match(condition.message, word)
  })
}
