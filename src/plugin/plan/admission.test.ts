/** How the API server is asked about a manifest, and which answers are refusals. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNodes } from '../../api/resources.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { ApiError } from '../../kube/errors.ts'
import type { Call, Transport } from '../../kube/transport.ts'
import { admit } from './admission.ts'

const { signal } = new AbortController()
const how = { fieldManager: 'kubectl', signal }
const manifest = { kind: 'SeiNode', metadata: { name: 'rpc-0', namespace: 'sei' }, spec: { image: 'b' } }

function transportOf(calls: Call[], failure?: ApiError): Pick<Transport, 'json'> {
  return {
    json: async call => {
      calls.push(call)
      if (failure) throw failure
      return JSON.parse(JSON.stringify(call.body))
    },
  }
}

test('a server-side apply that is not stored', async () => {
  const calls: Call[] = []
  const answer = await admit(transportOf(calls), seiNodes, manifest, undefined, how)
  assert.equal(answer.kind, 'admitted')
  assert.deepEqual(
    calls.map(({ path, contentType }) => [path, contentType]),
    [
      [
        '/apis/sei.io/v1alpha1/namespaces/sei/seinodes/rpc-0?fieldManager=kubectl&force=true&dryRun=All&fieldValidation=Strict',
        'application/apply-patch+yaml',
      ],
    ],
  )
})

test('after a client-side apply, what the manifest no longer has goes', async () => {
  const calls: Call[] = []
  const earlier = { spec: { image: 'a', storage: { size: '1Gi' } }, metadata: { name: 'rpc-0' } }
  const live = seiNode('rpc-0')
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(earlier) }
  await admit(transportOf(calls), seiNodes, manifest, { ...live, metadata: { ...live.metadata, annotations } }, how)
  const [call] = calls
  assert.equal(call?.contentType, 'application/merge-patch+json')
  assert.deepEqual(call.body, { ...manifest, spec: { image: 'b', storage: null } })
})

const REFUSALS: readonly (readonly [status: number, message: string, isRefusal: boolean])[] = [
  [422, 'SeiNode.sei.io "rpc-0" is invalid: spec.mode: mode is immutable', true],
  [403, 'seinodes.sei.io "rpc-0" is forbidden: ValidatingAdmissionPolicy says no', true],
  [
    403,
    'seinodes.sei.io "rpc-0" is forbidden: User "me" cannot patch resource "seinodes" in API group "sei.io"',
    false,
  ],
  [500, 'etcd is down', false],
]

for (const [status, message, isRefusal] of REFUSALS) {
  test(`${status} ${message} ${isRefusal ? 'is an answer' : 'ends the plan'}`, async () => {
    const failure = new ApiError({ operation: 'patch', object: 'seinodes' }, status, { message })
    const answer = admit(transportOf([], failure), seiNodes, manifest, undefined, how)
    if (isRefusal) assert.deepEqual(await answer, { kind: 'refused', message })
    else await assert.rejects(answer, failure)
  })
}
