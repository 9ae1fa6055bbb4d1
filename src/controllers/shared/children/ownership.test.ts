/** Whose an object is, by UID. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { nodeOwner } from '../../seinode/owner.ts'
import { isOwn, ownershipOf } from './ownership.ts'

const stored = seiNode('a')
const node = nodeOwner(stored)
const label = { 'sei.io/node': 'a' }
const reference = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', name: 'a', uid: 'uid-of-a', controller: true }

test('an object that this very node controls is ours, with or without its label', () => {
  assert.deepEqual(ownershipOf({ metadata: { ownerReferences: [reference] } }, node), { kind: 'ours' })
})

test('a labelled object without owner is unowned: a retained volume', () => {
  assert.deepEqual(ownershipOf({ metadata: { labels: label } }, node), { kind: 'unowned' })
  const bystander = { ...reference, kind: 'Backup', uid: 'backup', controller: false }
  assert.deepEqual(ownershipOf({ metadata: { labels: label, ownerReferences: [bystander] } }, node), {
    kind: 'unowned',
  })
})

const foreign: readonly (readonly [title: string, metadata: object, owner: RegExp])[] = [
  [
    'of something else',
    { labels: label, ownerReferences: [{ ...reference, kind: 'Helm', name: 'x', uid: 'y' }] },
    /^Helm x$/,
  ],
  ['of another node', { ownerReferences: [{ ...reference, name: 'b', uid: 'other' }] }, /^SeiNode b$/],
  ['without label or owner', {}, /did not make/],
  ['with the label of another node', { labels: { 'sei.io/node': 'b' } }, /did not make/],
]

for (const [title, metadata, owner] of foreign) {
  test(`failure mode 24: an object ${title} is foreign`, () => {
    const ownership = ownershipOf({ metadata }, node)
    assert.equal(ownership.kind, 'foreign')
    assert.match(ownership.kind === 'foreign' ? ownership.owner : '', owner)
  })
}

test('an owner that does not control counts for nothing', () => {
  const { controller: _, ...plain } = reference
  assert.equal(ownershipOf({ metadata: { ownerReferences: [plain] } }, node).kind, 'foreign')
})

test('failure mode 18: an object of an earlier node of that name is not its own, and not to be adopted', () => {
  const object = { metadata: { labels: label, ownerReferences: [{ ...reference, uid: 'gone' }] } }
  assert.deepEqual(ownershipOf(object, node), { kind: 'earlier', uid: 'gone' })
  assert.equal(isOwn(object, node), false)
})

test('a retained volume that the node bootstrapped stays its own when its labels are taken away', () => {
  const status = { initPlan: { phase: 'Complete' as const, volumeUID: 'volume-1', tasks: [] } }
  const bootstrapped = nodeOwner({ ...stored, status })
  assert.equal(ownershipOf({ metadata: { uid: 'volume-1' } }, bootstrapped).kind, 'unowned')
  assert.equal(ownershipOf({ metadata: { uid: 'volume-2' } }, bootstrapped).kind, 'foreign')
  assert.equal(
    ownershipOf({ metadata: {} }, nodeOwner({ ...stored, status: { initPlan: { phase: 'Active', tasks: [] } } })).kind,
    'foreign',
  )
})
