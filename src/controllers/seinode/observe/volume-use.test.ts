/** Which of two nodes that name one claim may use it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { Store } from '../../../runtime/store.ts'
import { dataVolumeKey } from '../children/data-volume.ts'
import { NodeLocalStates } from '../local-state.ts'
import { volumeUser } from './volume-use.ts'

const CLAIM = 'uid-of-claim'
const SECOND = '2026-05-01T12:00:00Z'
const LATER = '2026-05-01T12:00:01Z'

interface World {
  readonly nodes: readonly SeiNode[]
  /** By default one that somebody prepared; null: there is none. */
  readonly claim?: PersistentVolumeClaim | null
  readonly statefulSets?: readonly StatefulSet[]
  readonly localStates?: NodeLocalStates
}

/** Name of the node that has the claim of `node`, or undefined where that is its own to use. */
function userBeside(
  node: SeiNode,
  { nodes, claim = claimOf(), statefulSets = [], localStates = new NodeLocalStates() }: World,
) {
  const stores = { nodes: new Store<SeiNode>(), statefulSets: new Store<StatefulSet>() }
  for (const one of nodes) stores.nodes.observeWrite(one)
  for (const one of statefulSets) stores.statefulSets.observeWrite(one)
  const nodesOnVolume = stores.nodes.index(one => [dataVolumeKey(one)])
  return volumeUser(node, claim ?? undefined, localStates, { nodesOnVolume, statefulSets: stores.statefulSets })
}

/** Of two that were made within one second, the one whose UID sorts last came first. */
const first = named('zz-first', 'uid-zz')
const second = named('aa-second', 'uid-aa')
const nodes = [first, second]

test('R8: of two new nodes that name one claim, exactly one may use it', () => {
  assert.equal(userBeside(first, { nodes }), 'aa-second')
  assert.equal(userBeside(second, { nodes }), undefined)
  const older = [named('zz-older', 'uid-zz', SECOND), named('aa-younger', 'uid-aa', LATER)] as const
  assert.equal(userBeside(older[0], { nodes: older }), undefined)
  assert.equal(userBeside(older[1], { nodes: older }), 'zz-older')
})

const uses: readonly (readonly [title: string, world: World])[] = [
  [
    'was bootstrapped on it',
    { nodes: [{ ...first, status: { initPlan: { phase: 'Complete', volumeUID: CLAIM, tasks: [] } } }, second] },
  ],
  [
    'has its StatefulSet already',
    {
      nodes,
      statefulSets: [
        {
          metadata: {
            name: 'zz-first',
            namespace: 'sei',
            uid: 'uid-of-set',
            resourceVersion: '7',
            ownerReferences: [
              { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', name: 'zz-first', uid: 'uid-zz', controller: true },
            ],
          },
        },
      ],
    },
  ],
  ['was let use it a moment ago', { nodes, localStates: letUse(first) }],
]

for (const [title, world] of uses) {
  test(`R8: a node that ${title} keeps its claim from another of the same second`, () => {
    const [holder = first] = world.nodes
    assert.equal(userBeside(holder, world), undefined)
    assert.equal(userBeside(second, world), 'zz-first')
  })
}

test("R8: a node's own claim is refused to it while another that was prepared with it uses it", () => {
  const own = seiNode('a', { chainId: 'devnet' })
  const other = named('b', 'uid-b', SECOND, 'data-a')
  const withTimes = { ...own, metadata: { ...own.metadata, creationTimestamp: LATER, resourceVersion: '3' } }
  assert.equal(userBeside(withTimes, { nodes: [withTimes, other] }), 'b')
})

test('nodes with claims of their own, or of the same name in another namespace, do not share', () => {
  const elsewhere = { ...second, metadata: { ...second.metadata, namespace: 'elsewhere' } }
  assert.equal(userBeside(first, { nodes: [first, elsewhere] }), undefined)
  assert.equal(userBeside(first, { nodes: [first, named('b', 'uid-b', SECOND, 'data-other')] }), undefined)
})

/** `owns` has data-owner as its own claim; `names` has it in `genesis.pvc`. */
const owns = (creationTimestamp: string) => aged(seiNode('owner', { chainId: 'devnet' }), 'uid-owns', creationTimestamp)
const names = (creationTimestamp: string) => named('other', 'uid-names', creationTimestamp, 'data-owner')

const controlled = claimOf({
  ownerReferences: [
    { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', name: 'owner', uid: 'uid-owns', controller: true },
  ],
})
const winners: readonly (readonly [
  claim: string,
  found: PersistentVolumeClaim | null,
  winner: 'owner' | 'other' | 'older',
])[] = [
  ['that is not there goes to the node that makes it', null, 'owner'],
  ['that somebody prepared goes to the node that names it', claimOf(), 'other'],
  ['that one of them made goes to that one', controlled, 'owner'],
  ['with the label of one of them goes to the older', claimOf({ labels: { 'sei.io/node': 'owner' } }), 'older'],
]

for (const [what, claim, winner] of winners) {
  test(`a claim ${what}, and the other is refused it`, () => {
    for (const [owner, other, older] of [
      [owns(SECOND), names(LATER), 'owner'],
      [owns(LATER), names(SECOND), 'other'],
    ] as const) {
      const world = { nodes: [owner, other], claim }
      const expected = winner === 'older' ? older : winner
      assert.equal(userBeside(owner, world), expected === 'owner' ? undefined : 'other')
      assert.equal(userBeside(other, world), expected === 'other' ? undefined : 'owner')
    }
  })
}

test('whatever is known of two nodes that name one claim, exactly one of them is refused it', () => {
  const claims = [null, claimOf(), controlled, claimOf({ labels: { 'sei.io/node': 'owner' } })]
  const times = [SECOND, LATER]
  const firsts = [...times.map(owns), ...times.map(time => named('third', 'uid-third', time, 'data-owner'))]
  const record = { initPlan: { phase: 'Complete' as const, volumeUID: CLAIM, tasks: [] } }
  for (const one of firsts.flatMap(node => [node, { ...node, status: record }])) {
    for (const two of times.map(names).flatMap(node => [node, { ...node, status: record }])) {
      for (const claim of claims) {
        const world = { nodes: [one, two], claim }
        const refused = [userBeside(one, world), userBeside(two, world)].filter(user => user !== undefined)
        assert.equal(refused.length, 1, JSON.stringify(world))
      }
    }
  }
})

function claimOf(metadata: PersistentVolumeClaim['metadata'] = {}): PersistentVolumeClaim {
  return { metadata: { ...metadata, name: 'data-owner', namespace: 'sei', uid: CLAIM } }
}

function aged(node: SeiNode, uid: string, creationTimestamp: string): SeiNode {
  return { ...node, metadata: { ...node.metadata, uid, creationTimestamp, resourceVersion: '1' } }
}

function named(name: string, uid: string, creationTimestamp = SECOND, dataPVC = 'data-devnet-0'): SeiNode {
  const node = seiNode(name, { chainId: 'devnet', genesis: { pvc: { dataPVC } } })
  return aged(node, uid, creationTimestamp)
}

function letUse(node: SeiNode): NodeLocalStates {
  const localStates = new NodeLocalStates()
  const { namespace, name, uid = '' } = node.metadata
  localStates.of(`${namespace}/${name}`, uid).volume = `${namespace}/data-devnet-0`
  return localStates
}
