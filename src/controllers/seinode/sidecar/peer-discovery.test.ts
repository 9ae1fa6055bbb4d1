/** What becomes of discover-peers on a sidecar that does not know it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Peer } from '../../../api/shared.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { platform } from '../../../build/testdata/platform.ts'
import type { PeerResolution } from '../../../peers/resolve-peers.ts'
import type { Refusal } from './plan-runner.ts'
import { discoveryNote, refusedDiscovery } from './run-plans.ts'

type Spec = NonNullable<Parameters<typeof seiNode>[1]>

const A = `${'a'.repeat(40)}@one.example:26656`
const B = `${'b'.repeat(40)}@10.0.0.1:26656`
const named: Peer = { static: { addresses: [A] } }
const tagged: Peer = { ec2Tags: { region: 'us-east-2', tags: { Network: 'pacific-1' } } }
const { signal } = new AbortController()

/** @param resolution left out: nobody is asked */
function refuse(spec: Spec, resolution?: PeerResolution): Promise<Refusal> {
  const resolve = (): Promise<PeerResolution> => {
    assert.ok(resolution, 'the peers were looked up')
    return Promise.resolve(resolution)
  }
  return refusedDiscovery(
    seiNode('a', spec),
    'unknown task type: discover-peers',
    { peers: { resolve }, platform },
    signal,
  )
}

test('static peers have been set by config-apply, and nobody is asked', async () => {
  const refusal = await refuse({ peers: [named] })
  assert.deepEqual(refusal, {
    kind: 'completed',
    note: 'the sidecar does not support the task discover-peers; config-apply set the static peers',
  })
})

test("a user's own value of the key wins, and nobody is asked", async () => {
  const refusal = await refuse({ peers: [tagged], overrides: { 'network.p2p.persistent_peers': A } })
  assert.equal(refusal.kind, 'completed')
})

test('peers that are found are set by a config-apply that changes nothing else', async () => {
  const params = {
    mode: 'archive',
    incremental: true,
    targetVersion: 0,
    overrides: { 'network.p2p.persistent_peers': `${B},${A}` },
  }
  const refusal = await refuse({ mode: 'archive', peers: [tagged, named] }, { kind: 'resolved', addresses: [B, A] })
  assert.deepEqual(refusal, { kind: 'instead', body: { type: 'config-apply', params } })
  assert.equal(
    discoveryNote({ params }),
    'the sidecar does not support the task discover-peers; the operator looked up 2 peers, which config-apply set',
  )
})

test("a replayer's peers are its own", async () => {
  const spec: Spec = { replayer: { peers: [tagged], snapshot: { stateSync: {} } } }
  const refusal = await refuse(spec, { kind: 'resolved', addresses: [B] })
  assert.equal(refusal.kind, 'instead')
})

test('peers that cannot be found fail the task, with what to do', async () => {
  const refusal = await refuse({ peers: [tagged] }, { kind: 'failed', error: 'there is no instance. Start one' })
  assert.deepEqual(refusal, {
    kind: 'rejected',
    error:
      'unknown task type: discover-peers, so the operator looked for the peers itself: there is no instance. Start one',
  })
})

test('peers that cannot be looked up just now are waited for', async () => {
  const refusal = await refuse({ peers: [tagged] }, { kind: 'wait', message: 'too many requests' })
  assert.deepEqual(refusal, { kind: 'unresolved', message: 'too many requests' })
})
