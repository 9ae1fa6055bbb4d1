/** Children whose name is taken, or was a moment ago. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { services } from '../../kube/resources.ts'
import { answer, failure, scriptedServer } from '../../kube/scripted-server.ts'
import { Store } from '../../runtime/store.ts'
import { nodeOwner } from '../seinode/owner.ts'
import { applyChild, type Child } from './apply-child.ts'

const owner = nodeOwner(seiNode('a'))
const { signal } = new AbortController()
const details = { name: 'a', kind: 'services' }
const made: Service = { metadata: { name: 'a', namespace: 'sei', uid: 'new' } }

/** The child of a cache that knows of none. */
function child(): Child<Service> {
  const store = new Store<Service>(object => object)
  return { resource: services, store, name: 'a', build: () => ({ metadata: { name: 'a', namespace: 'sei' } }) }
}

test('an object that is deleted between the attempt to create ours and the look at it is in the way no more', async () => {
  const script: ((response: ServerResponse) => void)[] = [
    response => failure(response, 409, 'Conflict', { details }),
    response => failure(response, 404, 'NotFound', { details }),
    response => answer(response, 201, made),
  ]
  await using server = await scriptedServer((_, response) => script.shift()?.(response))
  const state = await applyChild(server.client(), owner, child(), signal)
  assert.deepEqual(state, { kind: 'applied', object: made })
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ['PATCH', 'GET', 'PATCH'],
  )
})

test('an object that can be neither created nor found is told of, and not asked for without end', async () => {
  await using server = await scriptedServer(({ method }, response) =>
    method === 'GET'
      ? failure(response, 404, 'NotFound', { details })
      : failure(response, 409, 'Conflict', { details }),
  )
  await assert.rejects(applyChild(server.client(), owner, child(), signal), {
    message: 'Service sei/a: it can neither be created, since it exists, nor be found',
  })
  assert.equal(server.requests.length, 4)
})
