/** The fake node and an API server that goes away and comes back, on a control plane of its own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { startControlPlane } from '../../testing/controlplane/cluster.ts'
import type { ControlPlane } from '../../testing/controlplane/cluster.ts'
import { pods } from '../../src/kube/resources.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { FakeNodeFixture, conditionOf } from '../support/fake-node-fixture.ts'

let plane: ControlPlane
let fixture: FakeNodeFixture

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  fixture = await FakeNodeFixture.open(
    { log: createLogger({ level: 'error', format: 'text' }) },
    plane.kubeconfigFor('fake'),
  )
})

after(async () => {
  await fixture.close()
  await plane.stop()
})

test('what happens in a pod while the API server is away is reported when it is back, and new pods run', async () => {
  await fixture.claim('data-away')
  await fixture.statefulSet('away')
  const pod = await fixture.until('a sidecar', pods, 'away-0', ({ status }) => status?.podIP !== undefined)
  await plane.stopApiServer()
  assert.equal((await fixture.submit(pod, 'mark-ready')).status, 201)
  await plane.startApiServer()
  await fixture.until('Ready', pods, 'away-0', object => conditionOf(object, 'Ready') === 'True')

  await fixture.claim('data-later')
  await fixture.statefulSet('later')
  await fixture.until('a sidecar', pods, 'later-0', ({ status }) => status?.podIP !== undefined)
})
