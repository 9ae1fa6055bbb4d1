/** The fake node as a subject of the kubelet's contract: `openFake`. */
import { Stage } from '../support/fake-node-fixture.ts'
import { pods } from '../../src/kube/resources.ts'
import type { Subject } from './subject.ts'

/** Of pods whose name says so, the main container never becomes ready. */
const NEVER_READY = 'unready'
const TERMINATION_MS = 300

export async function openFake(): Promise<Subject> {
  const stage = await Stage.open({
    crashBackoff: { initialMs: 1000, maxMs: 1000 },
    terminationMs: TERMINATION_MS,
    runToCompletion: ({ env }) => {
      if (env['HANGS'] === 'yes') return new Promise(() => {})
      const { CODE = '0', MESSAGE = '' } = env
      return { exitCode: Number(CODE), ...(MESSAGE !== '' && { message: MESSAGE }) }
    },
  })
  stage.node.setSeidReady(stage.key(NEVER_READY), false)
  return {
    client: stage.client,
    namespace: stage.namespace,
    image: 'ghcr.io/sei-protocol/seictl:v0.0.25',
    deadlineMs: 20_000,
    markReady: async name => {
      const pod = await stage.client.get(pods, stage.key(name))
      if (!pod) throw new Error(`pod ${name}: it is gone`)
      await stage.submit(pod, 'mark-ready')
    },
    endSidecar: name => stage.node.restartSidecar(stage.key(name)),
    crashMain: async name => {
      stage.node.killSeid(stage.key(name), 2)
      await Promise.resolve()
    },
    close: () => stage.close(),
  }
}
