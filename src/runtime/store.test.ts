/** What a store keeps, finds and reports, event by event. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/types.ts'
import { compareResourceVersions, Store } from './store.ts'

interface Thing extends KubeObject {
  readonly color?: string
}

function thing(
  name: string,
  resourceVersion: number,
  more: { uid?: string; namespace?: string; color?: string } = {},
): Thing {
  const { uid = `uid-${name}`, namespace = 'ns', color } = more
  return {
    metadata: { namespace, name, uid, resourceVersion: String(resourceVersion) },
    ...(color === undefined ? {} : { color }),
  }
}

/** A store with the given list, and its changes since. */
function setUp(items: readonly Thing[] = [], resourceVersion = '100') {
  const store = new Store<Thing>()
  store.replace(items, { resourceVersion })
  const changes: string[] = []
  const name = (object: Readonly<Thing>) => `${object.metadata?.name}@${object.metadata?.resourceVersion}`
  let replaying = true
  const stop = store.subscribe(change => {
    if (replaying) return
    const from = change.type === 'updated' ? ` from ${name(change.previous)}` : ''
    changes.push(`${change.type} ${name(change.object)}${from}`)
  })
  replaying = false
  const keys = () => [...store.values()].map(name).toSorted((a, b) => a.localeCompare(b))
  return { store, changes, keys, stop }
}

test('resourceVersions compare as numbers, beyond what a double holds too', () => {
  const ascending = ['0', '9', '10', '99', '100', '9007199254740993', '9007199254740994', '10000000000000000000']
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) {
      assert.equal(Math.sign(compareResourceVersions(a, b)), Math.sign(i - j), `${a} against ${b}`)
    }
  }
})

test('watch events add, update and delete, and listeners get each change', () => {
  const { store, changes, keys } = setUp()
  store.applied(thing('a', 101))
  store.applied(thing('a', 102))
  store.deleted(thing('a', 103))
  assert.deepEqual(changes, ['added a@101', 'updated a@102 from a@101', 'deleted a@102'])
  assert.deepEqual(keys(), [])
})

test('an event that is older than the object here changes nothing, and neither does one of the same version', () => {
  const { store, changes, keys } = setUp([thing('a', 50)])
  store.applied(thing('a', 49))
  store.applied(thing('a', 50))
  store.deleted(thing('a', 49))
  assert.deepEqual(changes, [])
  assert.deepEqual(keys(), ['a@50'])
})

test('a delete and a creation that were missed show as deleted and added', () => {
  const { store, changes } = setUp([thing('a', 50, { uid: 'first' })])
  store.applied(thing('a', 110, { uid: 'second' }))
  assert.deepEqual(changes, ['deleted a@50', 'added a@110'])
})

test('the deletion of an earlier object does not remove a later one with the same name', () => {
  const { store, changes } = setUp()
  store.observeWrite(thing('a', 120, { uid: 'second' }))
  store.deleted(thing('a', 110, { uid: 'first' }))
  assert.deepEqual(changes, ['added a@120'])
})

test('a list removes what it lacks, except what was written after it', () => {
  const { store, changes, keys } = setUp([thing('gone', 50), thing('stays', 51)])
  store.observeWrite(thing('new', 130))
  store.replace([thing('stays', 51), thing('other', 60)], { resourceVersion: '120' })
  assert.deepEqual(changes, ['added new@130', 'added other@60', 'deleted gone@50'])
  assert.deepEqual(keys(), ['new@130', 'other@60', 'stays@51'])
})

test('a list that is older than an own write does not take that write back', () => {
  const { store, keys } = setUp([thing('a', 50)])
  store.observeWrite(thing('a', 130))
  store.replace([thing('a', 50)], { resourceVersion: '120' })
  assert.deepEqual(keys(), ['a@130'])
})

test('a list of one namespace keeps the objects of others', () => {
  const { store, keys } = setUp([thing('a', 50, { namespace: 'x' }), thing('b', 51, { namespace: 'y' })])
  store.replace([], { resourceVersion: '120', namespace: 'x' })
  assert.deepEqual(keys(), ['b@51'])
})

test('a list that is older than the watch means a cluster restored from a backup: it is authoritative', () => {
  const { store, keys } = setUp([thing('a', 90), thing('b', 95)])
  store.applied(thing('a', 5000))
  store.replace([thing('a', 40)], { resourceVersion: '45' })
  assert.deepEqual(keys(), ['a@40'])
  store.applied(thing('a', 46))
  assert.deepEqual(keys(), ['a@46'])
})

test('after a restore of etcd with bumped revisions the list is newer than all, its objects older: they are believed', () => {
  const { store, changes, keys } = setUp([thing('a', 90, { color: 'old' }), thing('b', 95), thing('c', 96)])
  store.applied(thing('a', 5000, { color: 'new' }))
  store.observeWrite(thing('b', 5001))
  store.observeWrite(thing('d', 5002))
  changes.splice(0)
  const newestBefore = store.newest()
  store.observeWrite(thing('c', 1_000_000_070))
  store.replace([thing('a', 90, { color: 'old' }), thing('b', 95), thing('c', 96)], {
    resourceVersion: '1000000060',
    newestBefore,
  })
  assert.deepEqual(changes, [
    'updated c@1000000070 from c@96',
    'updated a@90 from a@5000',
    'updated b@95 from b@5001',
    'deleted d@5002',
  ])
  assert.equal(store.get('ns/a')?.color, 'old')
  assert.deepEqual(keys(), ['a@90', 'b@95', 'c@1000000070'])
})

test('a list older than an own write that was answered before it was asked for is of a restored cluster', () => {
  const { store, keys } = setUp([thing('a', 50)])
  store.observeWrite(thing('a', 4990))
  const newestBefore = store.newest()
  assert.equal(newestBefore, '4990')
  store.replace([thing('a', 50)], { resourceVersion: '110', newestBefore })
  assert.deepEqual(keys(), ['a@50'])
  assert.equal(store.newest(), '110')
})

test('an object in a list with a known version but other content is authoritative', () => {
  const { store, changes } = setUp([thing('a', 50, { color: 'red' }), thing('b', 60)])
  store.replace([thing('a', 50, { color: 'blue' }), thing('b', 60)], { resourceVersion: '200' })
  assert.deepEqual(changes, ['updated a@50 from a@50'])
  assert.equal(store.get('ns/a')?.color, 'blue')
})

test('an object that was restored under its old UID is another one than that which followed it', () => {
  const { store, changes } = setUp([thing('a', 90, { uid: 'second' })])
  store.replace([thing('a', 40, { uid: 'first' })], { resourceVersion: '1000000000' })
  assert.deepEqual(changes, ['deleted a@90', 'added a@40'])
})

test('the newest version that is known is that of the namespace in question, or of all', () => {
  const store = new Store<Thing>()
  assert.equal(store.newest(), undefined)
  store.replace([], { resourceVersion: '10', namespace: 'x' })
  store.observeWrite(thing('a', 12, { namespace: 'x' }))
  store.observeWrite(thing('a', 20, { namespace: 'y' }))
  store.observeWrite(thing('a', 18, { namespace: 'y' }))
  assert.deepEqual(
    [store.newest('x'), store.newest('y'), store.newest('z'), store.newest()],
    ['12', '20', undefined, '20'],
  )
})

test('failure mode 38: an own write is read at once, and its echo from the watch is no change', () => {
  const { store, changes } = setUp([thing('a', 50)])
  store.observeWrite(thing('a', 101, { color: 'red' }))
  assert.equal(store.get('ns/a')?.color, 'red')
  store.applied(thing('a', 101, { color: 'red' }))
  assert.deepEqual(changes, ['updated a@101 from a@50'])
})

test('the late answer to a write does not bring back an object that was deleted meanwhile', () => {
  const { store, keys } = setUp([thing('a', 50)])
  store.deleted(thing('a', 110))
  store.observeWrite(thing('a', 105))
  assert.deepEqual(keys(), [])
})

test('versions of one namespace do not affect writes in another', () => {
  const store = new Store<Thing>()
  store.replace([], { resourceVersion: '10', namespace: 'x' })
  store.replace([], { resourceVersion: '500', namespace: 'y' })
  store.observeWrite(thing('a', 100, { namespace: 'x' }))
  store.observeWrite(thing('a', 100, { namespace: 'y' }))
  assert.ok(store.get('x/a') !== undefined)
  assert.equal(store.get('y/a'), undefined)
})

test('indexes follow every change, and find objects that were here before them', () => {
  const { store } = setUp([thing('a', 50, { color: 'red' }), thing('b', 51, { color: 'red' })])
  const byColor = store.index(object => (object.color === undefined ? [] : [object.color]))
  const names = (color: string) => byColor(color).map(object => object.metadata?.name)
  assert.deepEqual(names('red'), ['a', 'b'])
  store.applied(thing('a', 101, { color: 'blue' }))
  store.applied(thing('c', 102, { color: 'blue' }))
  assert.deepEqual([names('red'), names('blue')], [['b'], ['a', 'c']])
  store.deleted(thing('a', 103))
  store.applied(thing('c', 104, { uid: 'another', color: 'green' }))
  assert.deepEqual([names('red'), names('blue'), names('green'), names('none')], [['b'], [], ['c'], []])
})

test('a listener gets all present objects, and nothing after it unsubscribed', () => {
  const { store, changes, stop } = setUp([thing('a', 50)])
  const heard: string[] = []
  store.subscribe(change => heard.push(`${change.type} ${change.object.metadata?.name}`))
  assert.deepEqual(heard, ['added a'])
  stop()
  store.applied(thing('b', 101))
  assert.deepEqual(heard, ['added a', 'added b'])
  assert.deepEqual(changes, [])
})

test('the answer to an own write passes the transform', () => {
  const store = new Store<Thing>(object => ({ ...object, color: 'seen' }))
  store.observeWrite(thing('a', 12))
  assert.equal(store.get('ns/a')?.color, 'seen')
})

test('an object without resourceVersion is refused by name', () => {
  const { store } = setUp()
  assert.throws(() => store.applied({ kind: 'Thing', metadata: { name: 'a' } }), /Thing a: expected a resourceVersion/)
})
