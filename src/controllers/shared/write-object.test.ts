/** An object that was stored before a rule refused one of its values gets its finalizer, and loses it, all the same; a status whose answer was lost has its events. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NODE_FINALIZER } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import type { KubeClient, WriteOptions } from '../../kube/client.ts'
import { ApiError, TransportError } from '../../kube/errors.ts'
import { refusingClient } from '../../kube/testdata/refusing-client.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import type { EventInput } from '../../runtime/event-filter.ts'
import { Store } from '../../runtime/store.ts'
import { ObjectWriter, type StatusEvent } from './write-object.ts'

const asked = { operation: 'patch', object: 'seinodes.sei.io sei/a' }
const made = seiNode('a')
const unseen: SeiNode = { ...made, metadata: { ...made.metadata, resourceVersion: '1' } }
const { signal } = new AbortController()

/** Refuses an object without a status, as the rules of a creation do, or whatever it is. */
function serverOf(stored: SeiNode, refuses: 'without status' | 'always'): { client: KubeClient; writes: string[] } {
  const writes: string[] = []
  let live: SeiNode = stored
  const client: KubeClient = {
    ...refusingClient,
    replace: async <T extends KubeObject>(_: unknown, object: T, options: WriteOptions = {}) => {
      const status: SeiNodeStatus = JSON.parse(JSON.stringify('status' in object ? object.status : {}))
      writes.push(`${options.subresource} ${status.phase}`)
      live = { ...live, metadata: { ...live.metadata, resourceVersion: '2' }, status }
      return { ...object, metadata: live.metadata }
    },
    patch: async <T extends KubeObject>(_: Resource<T>, __: unknown, body: unknown) => {
      if (refuses === 'always' || !live.status) throw new ApiError(asked, 422, { reason: 'Invalid' })
      writes.push('finalizer')
      const { metadata }: Pick<SeiNode, 'metadata'> = JSON.parse(JSON.stringify(body))
      live = { ...live, metadata: { ...live.metadata, ...metadata, resourceVersion: '3' } }
      const answer: T = JSON.parse(JSON.stringify(live))
      return answer
    },
  }
  return { client, writes }
}

function writerOf(client: KubeClient): ObjectWriter<SeiNodeStatus, SeiNode> {
  return new ObjectWriter<SeiNodeStatus, SeiNode>(seiNodes, NODE_FINALIZER, { phase: 'Pending' }, client, new Store())
}

test('R1: an object without a status that is refused as a new one gets a status, and then its finalizer', async () => {
  const { client, writes } = serverOf(unseen, 'without status')
  const { metadata, status } = await writerOf(client).ensureFinalizer(unseen, signal)
  assert.deepEqual(writes, ['status Pending', 'finalizer'])
  assert.deepEqual([metadata.finalizers, status?.phase], [[NODE_FINALIZER], 'Pending'])
})

test('R1: an object that has a status gets no other one, and is refused for what it is', async () => {
  const node = { ...unseen, status: { phase: 'Running' as const } }
  const { client, writes } = serverOf(node, 'always')
  await assert.rejects(writerOf(client).ensureFinalizer(node, signal), /422 Invalid/)
  assert.deepEqual(writes, [])
})

test('R1: an object without a status that is refused as a new one loses its finalizer all the same', async () => {
  const restored: SeiNode = { ...unseen, metadata: { ...unseen.metadata, finalizers: [NODE_FINALIZER] } }
  const { client, writes } = serverOf(restored, 'without status')
  await writerOf(client).removeFinalizer(restored, signal)
  assert.deepEqual(writes, ['status Pending', 'finalizer'])
})

function news(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  return [{ type: 'Normal', reason: `${before?.phase}To${after.phase}`, note: '', action: 'Test' }]
}

/** What the read after a write without an answer finds; an error where it fails too. */
type Found = SeiNodeStatus | Error

/** Reports the change from Pending to Running by a server that does not answer the write. */
async function reportUnanswered(failure: Error, found: Found) {
  const stored: SeiNode = { ...unseen, status: { phase: 'Pending' } }
  const client: KubeClient = {
    ...refusingClient,
    replace: () => Promise.reject(failure),
    get: async <T extends KubeObject>() => {
      if (found instanceof Error) throw found
      const live = { ...stored, metadata: { ...stored.metadata, resourceVersion: '2' }, status: found }
      const answer: T = JSON.parse(JSON.stringify(live))
      return answer
    },
  }
  const reported: string[] = []
  const events = { event: ({ reason }: EventInput) => void reported.push(reason) }
  const [result] = await Promise.allSettled([
    writerOf(client).report(stored, { phase: 'Running' }, { events, news }, signal),
  ])
  return { result, reported }
}

for (const [what, error] of [
  ['the connection breaks', new TransportError(asked, 'reset', 'socket hang up')],
  ['the server gives up on the request', new ApiError(asked, 504, { reason: 'Timeout' })],
] as const) {
  test(`${what} while the status is written: its change is reported`, async () => {
    const { result, reported } = await reportUnanswered(error, { phase: 'Running' })
    assert.equal(result.status === 'fulfilled' && result.value.metadata.resourceVersion, '2')
    assert.deepEqual(reported, ['PendingToRunning'])
  })

  for (const [found, state] of [
    ['it is not written', { phase: 'Pending' }],
    ['the object cannot be read either', new TransportError(asked, 'connect', 'connection refused')],
  ] as const) {
    test(`${what} and ${found}: nothing is reported, and the write has failed`, async () => {
      const { result, reported } = await reportUnanswered(error, state)
      assert.deepEqual(result, { status: 'rejected', reason: error })
      assert.deepEqual(reported, [])
    })
  }
}
