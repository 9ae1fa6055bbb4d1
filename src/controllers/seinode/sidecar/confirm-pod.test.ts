/** A task is sent only to a pod that the API server still has as the cache has it, at the cost of one question in a while. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransportError } from '../../../kube/errors.ts'
import { refusingClient } from '../../../kube/testdata/refusing-client.ts'
import type { KubeObject, ObjectKey } from '../../../kube/types.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { SidecarError } from '../../../sidecar/errors.ts'
import { VerifiedChildren } from '../../shared/children/verified-children.ts'
import { sidecarState } from '../../shared/pods/pod-state.ts'
import type { NodeLocalState } from '../local-state.ts'
import { podOf } from '../testdata/objects.ts'
import { podConfirmation } from './confirm-pod.ts'
import { PlanCursor } from './plan-runner.ts'

const CACHED = podOf()

const asCached = (): Promise<Pod | undefined> => Promise.resolve(CACHED)

function setUp() {
  const clock = new ManualClock()
  const local: NodeLocalState = { cursor: new PlanCursor(), verified: new VerifiedChildren() }
  const asked: string[] = []
  let answer = asCached
  const client = {
    ...refusingClient,
    get: async <T extends KubeObject>(_: unknown, { namespace, name }: ObjectKey) => {
      asked.push(`${namespace}/${name}`)
      const found = await answer()
      const copy: T | undefined = found && JSON.parse(JSON.stringify(found))
      return copy
    },
  }
  const confirm = (pod = CACHED): Promise<void> => {
    const state = sidecarState(pod)
    assert.equal(state.kind, 'running')
    return podConfirmation(pod, state, local, { client, clock })(undefined)
  }
  return { asked, clock, confirm, answerBy: (by: typeof asCached) => (answer = by) }
}

test('the tasks of a bootstrap cost one question', async () => {
  const { asked, clock, confirm } = setUp()
  for (let task = 0; task < 7; task += 1) {
    await confirm()
    await clock.advance(500)
  }
  assert.deepEqual(asked, ['sei/a-0'])
})

test('a while later, the API server is asked again', async () => {
  const { asked, clock, confirm } = setUp()
  await confirm()
  await clock.advance(5_000)
  await confirm()
  assert.equal(asked.length, 2)
})

const STARTED_AGAIN = podOf({ sidecar: { containerID: 'containerd://sei-sidecar-2' } })

for (const [what, pod] of [
  ['another pod of the name', { ...CACHED, metadata: { ...CACHED.metadata, uid: 'pod-2' } }],
  ['another address', podOf({ ip: '10.0.0.2' })],
  ['another start of the sidecar', STARTED_AGAIN],
] as const) {
  test(`${what} in the cache is confirmed anew at once`, async () => {
    const { asked, confirm, answerBy } = setUp()
    await confirm()
    answerBy(() => Promise.resolve(pod))
    await confirm(pod)
    assert.equal(asked.length, 2)
  })
}

for (const [what, found, words] of [
  ['is gone', undefined, 'it is gone'],
  [
    'has another UID',
    { ...CACHED, metadata: { ...CACHED.metadata, uid: 'pod-2' } },
    'a new pod (uid pod-2) has its name',
  ],
  ['is being deleted', podOf({ terminating: true }), 'it is being deleted'],
  ['has another address', podOf({ ip: '10.0.0.2' }), 'its address is 10.0.0.2'],
  ['has no address', podOf({ ip: undefined }), 'it has no address'],
  ['runs another start of the sidecar', STARTED_AGAIN, 'its sidecar has stopped or started again'],
  ['runs no sidecar', podOf({ sidecar: { state: {} } }), 'its sidecar has stopped or started again'],
] as const) {
  test(`no task is sent where the pod ${what}, and the API server is asked each time`, async () => {
    const { asked, confirm, answerBy } = setUp()
    answerBy(() => Promise.resolve(found))
    for (const attempt of [1, 2]) {
      await assert.rejects(confirm(), (error: unknown) => {
        assert.ok(error instanceof SidecarError)
        assert.deepEqual([error.kind, error.sent], ['unavailable', 'no'])
        assert.equal(
          error.message,
          `pod a-0 at 10.0.0.1 has changed: ${words}. No task is sent until the operator's watch of pods shows it`,
        )
        return true
      })
      assert.equal(asked.length, attempt)
    }
  })
}

test('no task is sent while the API server does not answer', async () => {
  const { confirm, answerBy } = setUp()
  answerBy(() =>
    Promise.reject(new TransportError({ operation: 'get', object: 'pods sei/a-0' }, 'connect', 'connection refused')),
  )
  await assert.rejects(confirm(), { name: 'SidecarError', kind: 'unavailable', sent: 'no' })
})

test('an error that is none of the API server is not hidden', async () => {
  const { confirm, answerBy } = setUp()
  const error = new TypeError('unforeseen')
  answerBy(() => Promise.reject(error))
  await assert.rejects(confirm(), error)
})
