/** What only the cluster can tell of a spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { validateNode, type SpecFacts } from './validate.ts'

const facts: SpecFacts = {
  prepared: undefined,
  own: undefined,
  storageClassName: 'fast',
  storageClassExists: true,
  wantedClassExists: true,
  canGrow: true,
  volumeUser: undefined,
}
const prepared = seiNode('a', { chainId: 'devnet', genesis: { pvc: { dataPVC: 'data-devnet-0' } } })
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
    status: { phase: 'Bound' },
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
    /StorageClass fast .*may not read StorageClasses/,
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
    'the kept volume is of a replayer, and the node a full one',
    seiNode('a'),
    { own: keptBy('replayer') },
    'VolumeOfOtherMode',
    true,
    /a replayer, which does not check its state against the chain, and this one is of mode full/,
    /create the SeiNode under another name, which leaves the claim as it is; deleting the claim deletes that state/,
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
    /data-a, kept from an earlier SeiNode of this name, is used as it is: .*no-such-class, which does not exist/,
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
    const verdict = validateNode(node, { ...facts, ...more })
    assert.deepEqual([verdict.reason, verdict.blocks], [reason, blocks])
    for (const word of words) assert.match(verdict.message, word)
  })
}
