/** Which image a step of a Job gets that the operator's own code performs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ApiError } from '../kube/errors.ts'
import type { ObjectKey } from '../kube/types.ts'
import { ownImage } from './own-image.ts'

const IN_CLUSTER = { POD_NAME: 'manager-1', POD_NAMESPACE: 'sei' }
const { signal } = new AbortController()

interface Reader {
  readonly get: (key: ObjectKey) => Promise<Pod | undefined>
  readonly asked: string[]
}

function reader(answer: () => Pod | undefined): Reader {
  const asked: string[] = []
  return {
    asked,
    get: async key => {
      asked.push(key.name)
      return answer()
    },
  }
}

const POD: Pod = {
  spec: {
    containers: [
      { name: 'proxy', image: 'proxy:v1' },
      { name: 'manager', image: 'mirror/operator:v2' },
    ],
  },
}

test('R2: in a cluster it is the image of the own pod, asked for once', async () => {
  const { get, asked } = reader(() => POD)
  const image = ownImage(get, IN_CLUSTER, 'release:v1')
  assert.deepEqual(asked, [])
  assert.equal(await image(signal), 'mirror/operator:v2')
  assert.equal(await image(signal), 'mirror/operator:v2')
  assert.deepEqual(asked, ['manager-1'])
})

test('R2: a configured image takes precedence, and outside a cluster no request is sent', async () => {
  const { get, asked } = reader(() => POD)
  assert.equal(await ownImage(get, { ...IN_CLUSTER, SEI_OPERATOR_IMAGE: 'mine:v3' }, 'mine:v3')(signal), 'mine:v3')
  assert.equal(await ownImage(get, {}, 'release:v1')(signal), 'release:v1')
  assert.deepEqual(asked, [])
})

test('R2: without the right to read the pod, or without the pod, the release is used', async () => {
  const forbidden = reader(() => {
    throw new ApiError({ operation: 'get', object: 'Pod sei/manager-1' }, 403, { message: 'forbidden' })
  })
  assert.equal(await ownImage(forbidden.get, IN_CLUSTER, 'release:v1')(signal), 'release:v1')
  const gone = reader(() => undefined)
  assert.equal(await ownImage(gone.get, IN_CLUSTER, 'release:v1')(signal), 'release:v1')
})

test('R2: while the API server cannot be reached it is queried again', async () => {
  let isDown = true
  const { get } = reader(() => {
    if (isDown) throw new Error('connection refused')
    return POD
  })
  const image = ownImage(get, IN_CLUSTER, 'release:v1')
  await assert.rejects(image(signal), /connection refused/)
  isDown = false
  assert.equal(await image(signal), 'mirror/operator:v2')
})
