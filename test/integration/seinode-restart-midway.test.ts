/** Sidecars and pods that start over in the middle of a bootstrap. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { SidecarChoice, SidecarRequest } from '../../testing/fakes/node/options.ts'
import { pods } from '../../src/kube/resources.ts'
import { GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { nextSidecar } from '../support/sidecar-restart.ts'
import { until } from '../support/until.ts'

const DONE = ['configure-genesis', 'config-apply']
const REST = ['config-validate', 'mark-ready']

/** What the sidecar that comes next is sent, by whether it remembers the task that it was at. */
const RELEASES: readonly (readonly [release: string, sent: readonly string[]])[] = [
  ['v0.0.16', ['config-apply', ...REST]],
  ['v0.0.20', ['config-apply', ...REST]],
  ['v0.0.22', ['config-apply', ...REST]],
  ['v0.0.25', REST],
  ['v0.0.40', REST],
  ['v0.0.66', REST],
]

suite('failure mode 2: what starts over while config-apply runs', () => {
  let stage: OperatorStage

  before(async () => {
    stage = await OperatorStage.open({ node: { sidecarFor: stuckAtFirst() } })
  })
  after(() => stage[Symbol.asyncDispose]())

  for (const [release, sent] of RELEASES) {
    test(`${release}: a sidecar that restarts is sent ${sent.join(', ')}, and nothing that was complete`, async () => {
      const name = release.replaceAll('.', '-')
      await stage.create(name, { ...GENESIS_SPEC, sidecar: sidecarOf(release) })
      await assertGoesOn(name, sent, () => stage.node.restartSidecar(stage.podKey(name)))
    })
  }

  test('so is the sidecar of the next pod', async () => {
    await stage.create('pod', { ...GENESIS_SPEC, sidecar: sidecarOf('v0.0.22') })
    await assertGoesOn('pod', ['config-apply', ...REST], () => stage.stage.remove(pods, 'pod-0'))
  })

  async function assertGoesOn(name: string, sent: readonly string[], restart: () => Promise<void>): Promise<void> {
    await until(`${name} to be at config-apply`, () =>
      stage.executedBy(name).length === DONE.length ? true : undefined,
    )
    const stuck = stage.node.sidecarOf(stage.podKey(name))
    // Its answer is in status before anything else happens.
    await stage.untilNode(
      name,
      'config-apply is submitted',
      ({ status }) => status?.initPlan?.tasks[1]?.status === 'Submitted',
    )
    await restart()
    const next = await nextSidecar(stage, name, stuck)
    const node = await stage.untilRunning(name)
    assert.deepEqual(
      postedTasks(stuck).map(([type]) => type),
      DONE,
    )
    assert.deepEqual(
      postedTasks(next).map(([type]) => type),
      sent,
    )
    assert.deepEqual(
      node.status?.initPlan?.tasks.map(({ attempt }) => attempt),
      [1, 1, 1, 1],
    )
  }
})

function sidecarOf(release: string): { readonly image: string; readonly port: number } {
  return { image: `ghcr.io/sei-protocol/seictl:${release}`, port: 7777 }
}

/** config-apply never ends in the first sidecar of each pod's name. */
function stuckAtFirst(): (request: SidecarRequest) => SidecarChoice {
  const started = new Set<string>()
  return ({ pod }) => {
    if (started.has(pod)) return {}
    started.add(pod)
    return { tasks: type => (type === 'config-apply' ? { block: new Promise(() => undefined) } : undefined) }
  }
}
