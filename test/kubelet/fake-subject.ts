/** The fake node as a subject of the kubelet's contract: `openFake`. */
import { FakeNodeFixture } from '../support/fake-node-fixture.ts'
import { randomUUID } from 'node:crypto'
import { pods } from '../../src/kube/resources.ts'
import type { Subject } from './subject.ts'

/** The main container of the pod of this name never becomes ready. */
const NEVER_READY = 'unready'
const TERMINATION_MS = 300

export async function openFake(): Promise<Subject> {
  const fixture = await FakeNodeFixture.open({
    crashBackoff: { initialMs: 1000, maxMs: 1000 },
    terminationMs: TERMINATION_MS,
    runScripts: true,
  })
  const { client, namespace, node } = fixture
  node.setSeidReady(fixture.key(NEVER_READY), false)
  return {
    client,
    namespace,
    image: 'ghcr.io/sei-protocol/seictl:v0.0.25',
    deadlineMs: 60_000,
    markReady: async name => {
      const pod = await client.get(pods, fixture.key(name))
      const body = JSON.stringify({ id: randomUUID(), type: 'mark-ready' })
      const answer = await fetch(`http://${pod?.status?.podIP}:7777/v0/tasks`, { method: 'POST', body })
      if (!answer.ok) throw new Error(`mark-ready of pod ${name}: expected success, found ${answer.status}`)
    },
    endSidecar: name => node.restartSidecar(fixture.key(name)),
    crashMain: name => Promise.resolve(node.killSeid(fixture.key(name), 2)),
    close: () => fixture.close(),
  }
}
