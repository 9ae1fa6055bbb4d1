/** Random histories of a cluster, which a store gets from a delayed watch, lists in between, and late own writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { KubeObject } from '../kube/types.ts'
import { Store } from './store.ts'

interface Event {
  readonly type: 'applied' | 'deleted'
  readonly object: KubeObject
  readonly version: number
}

/** An API server of one kind: objects, and every event since the beginning. */
class Server {
  readonly objects = new Map<string, KubeObject>()
  readonly events: Event[] = []
  #version = 0

  get version(): number {
    return this.#version
  }

  write(name: string): KubeObject {
    const version = ++this.#version
    const uid = this.objects.get(name)?.metadata?.uid ?? `uid-${version}`
    const object = { metadata: { namespace: 'ns', name, uid, resourceVersion: String(version) } }
    this.objects.set(name, object)
    this.events.push({ type: 'applied', object, version })
    return object
  }

  delete(name: string): void {
    const object = this.objects.get(name)
    if (object === undefined) return
    const version = ++this.#version
    this.objects.delete(name)
    const last = { metadata: { ...object.metadata, resourceVersion: String(version) } }
    this.events.push({ type: 'deleted', object: last, version })
  }
}

const name = fc.constantFrom('a', 'b', 'c')
const step = fc.oneof(
  fc.record({ do: fc.constant('foreignWrite' as const), name }),
  fc.record({ do: fc.constant('delete' as const), name }),
  fc.record({ do: fc.constant('ownWrite' as const), name }),
  fc.record({ do: fc.constant('answer' as const), pick: fc.nat(5) }),
  fc.record({ do: fc.constant('watch' as const), events: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('list' as const) }),
  fc.record({ do: fc.constant('listed' as const) }),
)

const sorted = (objects: Iterable<Readonly<KubeObject>>) =>
  Array.from(objects, object => JSON.stringify(object.metadata)).toSorted((a, b) => a.localeCompare(b))

test('no history makes an object go back in time, and the store ends as the server', () => {
  const history = fc.property(fc.array(step, { maxLength: 60 }), steps => {
    const server = new Server()
    const store = new Store<KubeObject>()
    store.replace([], { resourceVersion: '0' })
    const byName = store.index(object => [object.metadata?.name ?? ''])
    const mirror = new Map<string, KubeObject>()
    const newest = new Map<string, number>()
    const dead = new Set<string>()
    store.subscribe(change => {
      const { uid = '', name: changed = '', resourceVersion } = change.object.metadata ?? {}
      const before = mirror.get(changed)
      assert.equal(
        before === undefined,
        change.type === 'added',
        `${change.type} ${changed} does not follow from before`,
      )
      if (before !== undefined)
        assert.equal(before.metadata?.uid, uid, `${changed} became another object in one change`)
      if (change.type === 'deleted') {
        dead.add(uid)
        mirror.delete(changed)
        return
      }
      assert.ok(!dead.has(uid), `${changed} came back from the dead`)
      assert.ok(Number(resourceVersion) > (newest.get(uid) ?? 0), `${changed} went back in time`)
      newest.set(uid, Number(resourceVersion))
      mirror.set(changed, change.object)
    })
    const answers: KubeObject[] = []
    let watched = 0
    /** The answer to a list in progress; no watch runs until it has arrived. */
    let list: { items: KubeObject[]; resourceVersion: string; seen: number } | undefined
    const takeList = () => {
      const resourceVersion = String(server.version)
      list ??= { items: [...server.objects.values()], resourceVersion, seen: server.events.length }
    }
    const deliverList = () => {
      if (list === undefined) return
      store.replace(list.items, list)
      watched = list.seen
      list = undefined
    }
    const watch = (count: number) => {
      if (list !== undefined) return
      for (const event of server.events.slice(watched, watched + count)) {
        store[event.type](event.object)
        watched++
      }
    }
    for (const action of steps) {
      switch (action.do) {
        case 'foreignWrite':
          server.write(action.name)
          break
        case 'delete':
          server.delete(action.name)
          break
        case 'ownWrite':
          answers.push(server.write(action.name))
          break
        case 'answer': {
          const [answer] = answers.splice(action.pick % Math.max(1, answers.length), 1)
          if (answer !== undefined) store.observeWrite(answer)
          break
        }
        case 'watch':
          watch(action.events)
          break
        case 'list':
          takeList()
          break
        case 'listed':
          deliverList()
          break
      }
    }
    for (const answer of answers) store.observeWrite(answer)
    deliverList()
    watch(Infinity)
    assert.deepEqual(sorted(store.values()), sorted(server.objects.values()))
    assert.deepEqual(sorted(mirror.values()), sorted(server.objects.values()))
    assert.deepEqual(sorted(['a', 'b', 'c'].flatMap(known => byName(known))), sorted(server.objects.values()))
  })
  fc.assert(history, { numRuns: 500 })
})

test('whatever etcd is restored to, and however its revisions continue, the store converges to the server', () => {
  const lives = fc.array(fc.record({ do: fc.constantFrom('write', 'own', 'delete'), name, isHeard: fc.boolean() }), {
    maxLength: 25,
  })
  const history = fc.property(lives, lives, lives, fc.constantFrom(0, 1000), (before, lost, after, bump) => {
    const server = new RestorableServer()
    const store = new Store<KubeObject>()
    store.replace([], { resourceVersion: '0' })
    const mirror = new Map<string, KubeObject>()
    store.subscribe(({ type, object }) => {
      const key = object.metadata?.name ?? ''
      assert.equal(mirror.has(key), type !== 'added', `${type} ${key} does not follow from before`)
      if (type === 'deleted') mirror.delete(key)
      else mirror.set(key, object)
    })
    const live = (steps: typeof before): void => {
      for (const { do: what, name: key, isHeard } of steps) {
        const event = what === 'delete' ? server.remove(key) : server.put(key)
        if (event && what === 'own') store.observeWrite(event)
        if (event && isHeard) store[what === 'delete' ? 'deleted' : 'applied'](event)
      }
    }
    live(before)
    const backup = server.save()
    live(lost)
    server.restore(backup, bump)
    // The list is asked for now; own writes are answered while it is on its way.
    const newestBefore = store.newest()
    const list = { items: [...server.objects.values()], resourceVersion: String(server.version), newestBefore }
    const own = after.filter(each => each.do === 'own').map(each => server.put(each.name))
    for (const write of own) store.observeWrite(write)
    store.replace(list.items, list)
    for (const write of own) store.applied(write)
    assert.deepEqual(sorted(store.values()), sorted(server.objects.values()))
    assert.deepEqual(sorted(mirror.values()), sorted(server.objects.values()))
  })
  fc.assert(history, { numRuns: 500 })
})

/** Objects whose versions continue from an earlier one after a restore, or from far above all. */
class RestorableServer {
  objects = new Map<string, KubeObject>()
  version = 0
  #uids = 0

  put(key: string): KubeObject {
    const uid = this.objects.get(key)?.metadata?.uid ?? `uid-${++this.#uids}`
    const object = { metadata: { namespace: 'ns', name: key, uid, resourceVersion: String(++this.version) } }
    this.objects.set(key, object)
    return object
  }

  remove(key: string): KubeObject | undefined {
    const object = this.objects.get(key)
    if (!object) return undefined
    this.objects.delete(key)
    return { metadata: { ...object.metadata, resourceVersion: String(++this.version) } }
  }

  save(): { readonly objects: ReadonlyMap<string, KubeObject>; readonly version: number } {
    return { objects: new Map(this.objects), version: this.version }
  }

  restore({ objects, version }: ReturnType<RestorableServer['save']>, bump: number): void {
    this.objects = new Map(objects)
    this.version = version + bump
  }
}
