/** Paths as the API server has them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeObject, requireKey, resourcePath } from './resource-path.ts'
import { nodes, pods, statefulSets } from './resources.ts'

test('core and grouped, namespaced and cluster-scoped kinds each have their path', () => {
  assert.equal(resourcePath(pods), '/api/v1/pods')
  assert.equal(resourcePath(pods, { namespace: 'sei', name: 'a' }), '/api/v1/namespaces/sei/pods/a')
  assert.equal(resourcePath(nodes, { namespace: 'ignored', name: 'n' }), '/api/v1/nodes/n')
  assert.equal(
    resourcePath(statefulSets, { namespace: 'sei', name: 'a', subresource: 'status' }),
    '/apis/apps/v1/namespaces/sei/statefulsets/a/status',
  )
})

test('names and query values are escaped and undefined values left out', () => {
  const query = { labelSelector: 'a=b,c in (d)', limit: 500, continue: undefined }
  assert.equal(
    resourcePath(pods, { namespace: 'x', name: '../y' }, query),
    '/api/v1/namespaces/x/pods/..%2Fy?labelSelector=a%3Db%2Cc+in+%28d%29&limit=500',
  )
})

test('objects are described as kubectl names them', () => {
  assert.equal(describeObject(statefulSets, { namespace: 'sei', name: 'a' }), 'statefulsets.apps sei/a')
  assert.equal(describeObject(nodes, { name: 'n' }), 'nodes n')
  assert.equal(describeObject(pods, { namespace: 'sei' }), 'pods in sei')
})

test('a key without a name or a namespace is refused, since its path would be another', () => {
  assert.throws(() => requireKey(pods, { namespace: 'sei' }), /pods: metadata.name is missing/)
  assert.throws(() => requireKey(pods, { name: 'a' }), /pods a: metadata.namespace is missing/)
  assert.deepEqual(requireKey(nodes, { name: 'n' }), { name: 'n' })
})
