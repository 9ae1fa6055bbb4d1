/** Which volumes a node may use without a user's consent, and what counts as consent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { TaskPlan } from '../api/seinode-status.ts'
import { seiNode } from '../build/testdata/nodes.ts'
import { acceptsLoss, acceptsUnsigned, acceptsVolume, blockAdvice, volumeBlock } from './volume-consent.ts'

const MARKED = { 'sei.io/initialized-chain': 'pacific-1', 'sei.io/initialized-plan': 'plan' }
const MADE = { 'sei.io/made-by': 'uid-of-a', 'sei.io/replaces': 'old' }

interface Case {
  readonly title: string
  readonly mode?: 'full' | 'validator' | 'archive'
  /** UID on record; null: a plan without one; absent: the node has no plan. */
  readonly recorded?: string | null
  readonly phase?: TaskPlan['phase']
  /** Annotations of the existing claim; absent: there is none. */
  readonly claim?: Readonly<Record<string, string>>
  readonly uid?: string
  readonly spec?: PersistentVolumeClaim['spec']
  readonly accept?: string
  readonly prepared?: boolean
  readonly blocked?: 'replaced' | 'gone' | 'found'
  /** UID of the SeiNode that controls the claim. */
  readonly controller?: string
  readonly isGoing?: boolean
}

const cases: readonly Case[] = [
  { title: 'the first volume of a validator', mode: 'validator', claim: { 'sei.io/made-by': 'uid-of-a' } },
  { title: 'one that an earlier version made for it', mode: 'validator', claim: {}, controller: 'uid-of-a' },
  { title: 'one that goes with an earlier owner', mode: 'validator', claim: {}, controller: 'gone' },
  { title: 'one that is being deleted', mode: 'validator', claim: {}, isGoing: true },
  { title: 'no claim yet', mode: 'validator' },
  { title: 'a plan of an earlier operator, which kept no UID', mode: 'validator', recorded: null, claim: {} },
  { title: 'a kept volume of a validator', mode: 'validator', claim: { ...MARKED, 'sei.io/claim-uid': 'new' } },
  {
    title: 'a backup of a validator’s volume, without a record',
    mode: 'validator',
    claim: { ...MARKED, 'sei.io/made-by': 'uid-of-a', 'sei.io/claim-uid': 'old' },
    blocked: 'found',
  },
  { title: 'the same of a full node', claim: { ...MARKED, 'sei.io/claim-uid': 'old' } },
  {
    title: 'a validator’s volume whose marks do not say on which claim they were written',
    mode: 'validator',
    claim: MARKED,
    blocked: 'found',
  },
  {
    title: 'a validator’s volume of an earlier node, on which no bootstrap completed',
    mode: 'validator',
    claim: { 'sei.io/made-by': 'earlier' },
    blocked: 'found',
  },
  { title: 'the same of a full node, without marks', claim: { 'sei.io/made-by': 'earlier' } },
  { title: 'one that a person made for a new full node', claim: {}, blocked: 'found' },
  { title: 'the same, accepted', claim: {}, accept: 'new' },
  {
    title: 'one that is filled from a snapshot, for a new full node',
    claim: { 'sei.io/made-by': 'uid-of-a' },
    spec: { dataSource: { kind: 'VolumeSnapshot', name: 'x' } },
    blocked: 'found',
  },
  { title: 'a prepared volume that the spec names', mode: 'validator', prepared: true, claim: {} },
  {
    title: 'a backup of a pool’s prepared volume, under a validator without a record',
    mode: 'validator',
    prepared: true,
    claim: { 'sei.io/claim-uid': 'old' },
    blocked: 'found',
  },
  {
    title: 'the same, which the pool owns',
    mode: 'validator',
    prepared: true,
    claim: { 'sei.io/claim-uid': 'old' },
    controller: 'uid-of-pool',
    blocked: 'found',
  },
  {
    title: 'a prepared volume that is filled from a snapshot, under a validator without a record',
    mode: 'validator',
    prepared: true,
    claim: {},
    spec: { dataSource: { kind: 'VolumeSnapshot', name: 'x' } },
    blocked: 'found',
  },
  {
    title: 'a new prepared volume that the pool owns',
    mode: 'validator',
    prepared: true,
    claim: {},
    controller: 'uid-of-pool',
  },
  {
    title: 'a prepared volume that a pool has on record again',
    mode: 'validator',
    prepared: true,
    claim: { 'sei.io/claim-uid': 'new' },
  },
  { title: 'the volume on record', mode: 'validator', recorded: 'new', claim: {} },
  { title: 'another under a validator', mode: 'validator', recorded: 'old', claim: {}, blocked: 'replaced' },
  {
    title: 'another under a validator that may have signed, though its plan is not seen to be complete',
    mode: 'validator',
    recorded: 'old',
    phase: 'Active',
    claim: {},
    blocked: 'replaced',
  },
  {
    title: 'another under a pool’s validator, that the pool made',
    mode: 'validator',
    recorded: 'old',
    prepared: true,
    claim: { 'sei.io/made-by': 'uid-of-pool', 'sei.io/replaces': 'old' },
    blocked: 'replaced',
  },
  { title: 'another, accepted', mode: 'validator', recorded: 'old', claim: {}, accept: 'new' },
  { title: 'another, accepted among several', mode: 'validator', recorded: 'old', claim: {}, accept: 'x, new,y' },
  {
    title: 'another, accepted another',
    mode: 'validator',
    recorded: 'old',
    claim: {},
    accept: 'x',
    blocked: 'replaced',
  },
  {
    title: 'another, where the one on record was given up',
    mode: 'validator',
    recorded: 'old',
    claim: {},
    accept: 'lost:old',
    blocked: 'replaced',
  },
  { title: 'a validator’s volume is gone', mode: 'validator', recorded: 'old', blocked: 'gone' },
  { title: 'it is given up', mode: 'validator', recorded: 'old', accept: 'lost:old' },
  {
    title: 'it is gone, and was itself accepted once: that is no consent to its loss',
    mode: 'validator',
    recorded: 'old',
    accept: 'old',
    blocked: 'gone',
  },
  { title: 'one before it was given up', mode: 'validator', recorded: 'old', accept: 'lost:older', blocked: 'gone' },
  { title: 'the empty one made by consent', mode: 'validator', recorded: 'old', claim: MADE },
  {
    title: 'a prepared volume that is gone is not the operator’s to make',
    mode: 'validator',
    recorded: 'old',
    prepared: true,
  },
  { title: 'a full node’s volume is gone', recorded: 'old' },
  { title: 'an empty one that the operator made for a full node', recorded: 'old', claim: MADE },
  { title: 'one that a person made for a full node', recorded: 'old', claim: {}, blocked: 'replaced' },
  { title: 'the same in the middle of a bootstrap', recorded: 'old', phase: 'Active', claim: {}, blocked: 'replaced' },
  {
    title: 'one that a user made for an archive node',
    mode: 'archive',
    recorded: 'old',
    claim: {},
    blocked: 'replaced',
  },
  {
    title: 'a backup of the claim on record, with all its annotations',
    recorded: 'old',
    claim: { 'sei.io/made-by': 'uid-of-a', 'sei.io/initialized-chain': 'pacific-1' },
    blocked: 'replaced',
  },
  {
    title: 'a backup of a claim before it',
    recorded: 'old',
    claim: { ...MADE, 'sei.io/replaces': 'oldest' },
    blocked: 'replaced',
  },
  {
    title: 'a copy of one made for another node',
    recorded: 'old',
    claim: { ...MADE, 'sei.io/made-by': 'b' },
    blocked: 'replaced',
  },
  {
    title: 'one that is filled from a snapshot of a volume',
    recorded: 'old',
    claim: MADE,
    spec: { dataSource: { kind: 'VolumeSnapshot', name: 'x' } },
    blocked: 'replaced',
  },
]

for (const {
  title,
  mode,
  recorded,
  phase = 'Complete',
  claim,
  spec,
  accept,
  prepared,
  blocked,
  controller,
  isGoing,
} of cases) {
  test(`failure mode 15: ${blocked === undefined ? 'used' : `blocked, ${blocked}`}: ${title}`, () => {
    const genesis = prepared === true ? { genesis: { pvc: { dataPVC: 'data-a' } } } : {}
    const made = seiNode('a', { ...(mode === undefined ? {} : { mode }), ...genesis })
    const node = {
      ...made,
      metadata: {
        ...made.metadata,
        ...(accept === undefined ? {} : { annotations: { 'sei.io/accept-volume': accept } }),
      },
      ...(recorded === undefined
        ? {}
        : { status: { initPlan: { phase, tasks: [], ...(recorded === null ? {} : { volumeUID: recorded }) } } }),
    }
    const standing = claim && {
      metadata: {
        name: 'data-a',
        uid: 'new',
        annotations: claim,
        ...(isGoing === true ? { deletionTimestamp: '2026-05-01T12:00:00Z' } : {}),
        ...(controller === undefined
          ? {}
          : {
              ownerReferences: [{ apiVersion: 'v1', kind: 'SeiNode', name: 'a', uid: controller, controller: true }],
            }),
      },
      ...(spec ? { spec } : {}),
    }
    const block = volumeBlock(node, standing)
    assert.equal(block?.kind, blocked)
    if (!block) return
    // The value that the message gives is the one that ends the hold.
    const annotations = { 'sei.io/accept-volume': block.accept }
    assert.equal(volumeBlock({ ...node, metadata: { ...node.metadata, annotations } }, standing), undefined)
    const advice = blockAdvice(block, mode === 'validator' ? mode : 'other', 'the label x=y')
    assert.match(advice, new RegExp(`sei\\.io/accept-volume to ${block.accept}`))
    if (block.kind === 'found') {
      assert.equal(/older signing state signs twice.*no pod anywhere runs with it/.test(advice), mode === 'validator')
      assert.match(advice, /To keep it unchanged, create the SeiNode under another name$/)
      return
    }
    const danger = /The signing state of a validator is lost with its volume.*no pod anywhere runs with its key/
    assert.equal(danger.test(advice), mode === 'validator')
    assert.match(advice, /old PersistentVolume/)
    if (block.kind === 'replaced') {
      assert.match(advice, /spec\.paused to true, delete this claim and the pod that uses it, bind a claim/)
    }
  })
}

test('consent to use a claim and consent to lose it are two things', () => {
  const object = { metadata: { annotations: { 'sei.io/accept-volume': 'a, lost:b,unsigned:c' } } }
  assert.deepEqual([acceptsVolume(object, 'a'), acceptsLoss(object, 'a')], [true, false])
  assert.deepEqual([acceptsVolume(object, 'b'), acceptsLoss(object, 'b')], [false, true])
  assert.deepEqual([acceptsVolume(object, 'c'), acceptsUnsigned(object, 'c')], [false, true])
  assert.deepEqual([acceptsUnsigned(object, 'a'), acceptsUnsigned(object, '')], [false, false])
  assert.deepEqual([acceptsVolume({}, ''), acceptsLoss({ metadata: {} }, 'b')], [false, false])
})
