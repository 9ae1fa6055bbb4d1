/** Sidecars, pods, volumes and the operator start over, and the node goes on where it was. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { FakeSidecar } from '../../testing/fakes/sidecar/index.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { untilAllRunning } from '../support/all-running.ts'
import { median } from '../support/median.ts'
import { GENESIS_SPEC, isReady, OperatorStage } from '../support/operator-stage.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { nextSidecar } from '../support/sidecar-restart.ts'
import { until } from '../support/until.ts'

const BOOTSTRAP = ['configure-genesis', 'config-apply', 'config-validate', 'mark-ready']
/** One of each way in which sidecars remember tasks. */
const RELEASES = ['v0.0.16', 'v0.0.20', 'v0.0.22', 'v0.0.25', 'v0.0.40', 'v0.0.66']
/** From the first answer of a sidecar that started over. */
const MARKED_READY_WITHIN_MS = 5_000

const image = (release: string): { sidecar: { image: string; port: number } } => ({
  sidecar: { image: `ghcr.io/sei-protocol/seictl:${release}`, port: 7777 },
})
const nameOf = (release: string): string => `release-${release.replaceAll('.', '-')}`

suite('what starts over', () => {
  let stage: OperatorStage
  const tookMs: number[] = []

  before(async () => {
    stage = await OperatorStage.open()
    const names = ['killed', 'pod', 'volume', 'kept-volume', 'while-away', 'untouched']
    await Promise.all([
      ...RELEASES.map(release => stage.create(nameOf(release), { ...GENESIS_SPEC, ...image(release) })),
      ...names.map(name =>
        stage.create(name, { ...GENESIS_SPEC, storage: { retainOnDelete: name === 'kept-volume' } }),
      ),
    ])
    await untilAllRunning(stage, RELEASES.length + names.length)
  })
  after(() => stage[Symbol.asyncDispose]())

  for (const release of RELEASES) {
    test(`failure mode 1: ${release}: a sidecar that restarted is marked ready anew, and nothing else is repeated`, async () => {
      const name = nameOf(release)
      const sidecar = sidecarOf(name)
      await stage.node.restartSidecar(stage.podKey(name))
      await assertMarkedReady(name, sidecar)
    })
  }

  test('failure mode 1: so is one that was killed', async () => {
    const sidecar = sidecarOf('killed')
    await stage.node.killSidecar(stage.podKey('killed'))
    await assertMarkedReady('killed', sidecar)
  })

  test('failure mode 1: so is that of a pod that was deleted by hand', async () => {
    const sidecar = sidecarOf('pod')
    await remove(pods, 'pod-0')
    await assertMarkedReady('pod', sidecar)
  })

  for (const name of ['volume', 'kept-volume']) {
    test(`failure mode 15: another volume is bootstrapped from the start (${name})`, async () => {
      const whole = await stage.get(persistentVolumeClaims, `data-${name}`)
      const sidecar = sidecarOf(name)
      await remove(persistentVolumeClaims, `data-${name}`)
      await remove(pods, `${name}-0`)
      const next = await nextSidecar(stage, name, sidecar)
      const node = await stage.untilNode(
        name,
        'Ready on another volume',
        each => isReady(each) && each.status?.dataVolume?.uid !== whole?.metadata?.uid,
      )
      assert.deepEqual(typesOf(next), BOOTSTRAP)
      assert.equal(node.status?.initPlan?.volumeUID, node.status?.dataVolume?.uid)
      const reasons = (await stage.eventsOf(name)).map(({ reason }) => reason)
      assert.deepEqual(reasons.filter(reason => reason === 'VolumeReplaced').length, 1, reasons.join(' '))
    })
  }

  test('failure mode 1: it is marked ready within five seconds of its first answer', () => {
    assert.ok(median(tookMs) < MARKED_READY_WITHIN_MS, `milliseconds: ${tookMs.join(', ')}`)
  })

  // These two restart the operator, so they come last.
  test('failure mode 1: a sidecar that restarted while the operator was away is marked ready when it is back', async () => {
    await stage.operator.kill()
    const sidecar = sidecarOf('while-away')
    await stage.node.restartSidecar(stage.podKey('while-away'))
    const next = await nextSidecar(stage, 'while-away', sidecar)
    assert.deepEqual(typesOf(next), [])
    stage.operator.start()
    await assertMarkedReady('while-away', sidecar)
  })

  test('an operator that starts over asks every sidecar once whether it is ready and what it runs, and sends it nothing', async () => {
    const sidecar = sidecarOf('untouched')
    const version = (await stage.get(seiNodes, 'untouched'))?.metadata.resourceVersion
    await stage.operator.kill()
    const asked = sidecar.requests.length
    stage.operator.start()
    await until('the operator to ask', () => (sidecar.requests.length > asked + 1 ? true : undefined))
    await stage.node.restartSidecar(stage.podKey('pod'))
    await until('the operator to have worked on another node', () =>
      stage.executedBy('pod').length > BOOTSTRAP.length + 1 ? true : undefined,
    )
    assert.deepEqual(
      sidecar.requests.slice(asked).map(({ method, path }) => `${method} ${path}`),
      ['GET /v0/healthz', 'GET /v0/tasks'],
    )
    assert.equal((await stage.get(seiNodes, 'untouched'))?.metadata.resourceVersion, version)
  })

  function sidecarOf(name: string): FakeSidecar {
    return stage.node.sidecarOf(stage.podKey(name))
  }

  /** The sidecar that comes after `sidecar` gets one mark-ready, with an id of its own, and the node is Ready again. */
  async function assertMarkedReady(name: string, sidecar: FakeSidecar): Promise<void> {
    const next = await nextSidecar(stage, name, sidecar)
    const answersSince = Date.now()
    await until(`${name} to be marked ready`, () => (next.ready ? true : undefined), {
      found: () => ({ requests: next.requests, log: stage.operator.log }),
    })
    tookMs.push(Date.now() - answersSince)
    await stage.untilNode(name, 'Ready again', isReady)
    assert.deepEqual(typesOf(next), ['mark-ready'])
    assert.deepEqual(stage.executedBy(name), [...BOOTSTRAP, 'mark-ready'])
    const ids = stage.node.executionsOf(stage.podKey(name)).map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
  }

  async function remove<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
    await stage.stage.remove(resource, name)
  }
})

function typesOf(sidecar: FakeSidecar): readonly string[] {
  return postedTasks(sidecar).map(([type]) => type)
}
