/** The fake node as a subject of the kubelet's contract: `openFake`. */
import { FakeNodeFixture } from '../support/fake-node-fixture.ts'
import { pods } from '../../src/kube/resources.ts'
import type { Subject } from './subject.ts'

/** Of pods whose name says so, the main container never becomes ready. */
const NEVER_READY = 'unready'
const TERMINATION_MS = 300

export async function openFake(): Promise<Subject> {
  const fixture = await FakeNodeFixture.open({
    crashBackoff: { initialMs: 1000, maxMs: 1000 },
    terminationMs: TERMINATION_MS,
    runToCompletion: ({ env }) => {
      if (env['HANGS'] === 'yes') return new Promise(() => {})
      const { CODE = '0', MESSAGE = '' } = env
      return { exitCode: Number(CODE), ...(MESSAGE !== '' && { message: MESSAGE }) }
    },
  })
  fixture.node.setSeidReady(fixture.key(NEVER_READY), false)
  return {
    client: fixture.client,
    namespace: fixture.namespace,
    image: 'ghcr.io/sei-protocol/seictl:v0.0.25',
    deadlineMs: 20_000,
    markReady: async name => {
      const pod = await fixture.client.get(pods, fixture.key(name))
      if (!pod) throw new Error(`pod ${name}: it is gone`)
      await fixture.submit(pod, 'mark-ready')
    },
    endSidecar: name => fixture.node.restartSidecar(fixture.key(name)),
    crashMain: async name => {
      fixture.node.killSeid(fixture.key(name), 2)
      await Promise.resolve()
    },
    close: () => fixture.close(),
  }
}
