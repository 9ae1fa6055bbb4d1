/** spec.paused stops every write to a node's objects and its sidecar, and says so; resuming goes on from there. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { readAuditLog } from '../../testing/audit-log.ts'
import { USERS } from '../../testing/controlplane/credentials.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { NODE_CONDITIONS } from '../../src/api/conditions.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorStage } from '../support/operator-stage.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { nextSidecar } from '../support/sidecar-restart.ts'
import { until } from '../support/until.ts'

const BOOTSTRAP = ['configure-genesis', 'config-apply', 'config-validate', 'mark-ready']
const PAUSE = { spec: { paused: true } }
const RESUME = { spec: { paused: false } }

suite('spec.paused', () => {
  let stage: OperatorStage
  let gate: PromiseWithResolvers<void>

  before(async () => {
    gate = Promise.withResolvers()
    stage = await OperatorStage.open({
      node: {
        sidecarFor: ({ pod }) => ({
          tasks: type => (pod === 'midway-0' && type === 'config-apply' ? { block: gate.promise } : undefined),
        }),
      },
    })
    // Whatever happens to it is repaired, which shows that the operator has seen what happened before.
    await stage.create('other')
    await stage.untilRunning('other', 60_000)
  })
  after(() => stage[Symbol.asyncDispose]())

  test('a node that is created paused gets nothing but a status that says so in every condition', async () => {
    await stage.create('asleep', { ...GENESIS_SPEC, paused: true })
    const node = await untilPaused('asleep')
    assert.deepEqual(
      node.status?.conditions?.map(({ type }) => type).toSorted((a, b) => a.localeCompare(b)),
      Object.keys(NODE_CONDITIONS).toSorted((a, b) => a.localeCompare(b)),
    )
    assert.equal(node.status?.observedGeneration, node.metadata.generation)
    await otherIsRepaired()
    assert.equal(await there(statefulSets, 'asleep'), false)
    assert.equal(await there(services, 'asleep'), false)
    assert.equal(await there(persistentVolumeClaims, 'data-asleep'), false)

    await stage.patch('asleep', RESUME)
    await stage.untilRunning('asleep', 60_000)
    assert.deepEqual(stage.executedBy('asleep'), BOOTSTRAP)
  })

  test('a node that runs is left as it is: edits wait, damage stays, its sidecar is not spoken to', async () => {
    await stage.create('awake')
    await stage.untilRunning('awake', 60_000)
    await stage.patch('awake', PAUSE)
    await untilPaused('awake')
    const from = Date.now()
    const sidecar = stage.node.sidecarOf(stage.podKey('awake'))
    const asked = sidecar.requests.length

    await stage.patch('awake', { spec: { image: 'sei-protocol/seid:v6.5.0', overrides: { 'evm.slow': 'true' } } })
    await stage.stage.remove(services, 'awake')
    await stage.client.patch(
      statefulSets,
      stage.key('awake'),
      { metadata: { labels: { 'sei.io/chain-id': 'x' } } },
      { type: 'merge' },
    )
    await stage.node.restartSidecar(stage.podKey('awake'))
    const next = await nextSidecar(stage, 'awake', sidecar)
    await stage.untilNode(
      'awake',
      'the pause told of the newest generation',
      ({ metadata, status }) => status?.observedGeneration === metadata.generation,
    )
    await otherIsRepaired()

    assert.deepEqual([sidecar.requests.length, next.requests.length], [asked, 0])
    assert.equal(await there(services, 'awake'), false)
    const set = await stage.get(statefulSets, 'awake')
    assert.equal(set?.metadata?.labels?.['sei.io/chain-id'], 'x')
    assert.equal(set?.spec?.template.spec?.containers[0]?.image, GENESIS_SPEC.image)
    assert.deepEqual(await writesSince(from, 'awake'), ['update seinodes/status'])

    const pod = await stage.get(pods, 'awake-0')
    await stage.patch('awake', RESUME)
    await until('everything to be as the spec says', async () => {
      const now = await stage.get(statefulSets, 'awake')
      const image = now?.spec?.template.spec?.containers[0]?.image
      const label = now?.metadata?.labels?.['sei.io/chain-id']
      const isNew = (await stage.get(pods, 'awake-0'))?.metadata?.uid !== pod?.metadata?.uid
      return isNew && image === 'sei-protocol/seid:v6.5.0' && label === 'arctic-1' ? true : undefined
    })
    await until('the Service', async () => ((await there(services, 'awake')) ? true : undefined))
    await stage.untilNode(
      'awake',
      'Ready again',
      node => isReady(node) && conditionOf(node, 'Paused')?.status === 'False',
      60_000,
    )
  })

  test('R8: a bootstrap that is paused sends no further task, and goes on with the next when it is resumed', async () => {
    await stage.create('midway')
    await until('config-apply to run', () => (stage.executedBy('midway').length === 2 ? true : undefined), {
      deadlineMs: 60_000,
    })
    await stage.patch('midway', PAUSE)
    const node = await untilPaused('midway')
    assert.equal(conditionOf(node, 'Initialized')?.reason, 'PlanActive')
    gate.resolve()
    await otherIsRepaired()
    assert.deepEqual(stage.executedBy('midway'), BOOTSTRAP.slice(0, 2))

    await stage.patch('midway', RESUME)
    await stage.untilRunning('midway', 60_000)
    const posted = postedTasks(stage.node.sidecarOf(stage.podKey('midway')))
    assert.deepEqual(
      posted.map(([type]) => type),
      BOOTSTRAP,
    )
  })

  test('a pause and its end leave Ready as it was, and no trace of Unknown', async () => {
    await stage.patch('other', PAUSE)
    await untilPaused('other')
    await stage.patch('other', RESUME)
    const node = await stage.untilNode('other', 'Ready again', isReady)
    assert.deepEqual(
      node.status?.conditions?.filter(({ status }) => status === 'Unknown'),
      [],
    )
  })

  async function untilPaused(name: string): Promise<SeiNode> {
    const node = await stage.untilNode(
      name,
      'Paused',
      ({ metadata, status }) =>
        status?.observedGeneration === metadata.generation &&
        status?.conditions?.some(({ type, status: holds }) => type === 'Paused' && holds === 'True') === true,
    )
    const ready = conditionOf(node, 'Ready')
    assert.deepEqual([ready?.status, ready?.reason], ['Unknown', 'Paused'])
    assert.match(ready?.message ?? '', /Set spec\.paused to false/)
    return node
  }

  /** The operator has worked on what happened after the caller's last step. */
  async function otherIsRepaired(): Promise<void> {
    const service = await stage.get(services, 'other')
    await stage.stage.remove(services, 'other')
    await until('the Service of another node to be made again', async () => {
      const now = await stage.get(services, 'other')
      return now && now.metadata?.uid !== service?.metadata?.uid ? true : undefined
    })
  }

  async function there<T extends KubeObject>(resource: Resource<T>, name: string): Promise<boolean> {
    return (await stage.get(resource, name)) !== undefined
  }

  /** What the operator wrote of the node and its objects. */
  async function writesSince(from: number, name: string): Promise<readonly string[]> {
    const requests = await readAuditLog(attachedControlPlane(process.env).auditLogPath, USERS.operator.name)
    const writes = requests.filter(
      ({ namespace, receivedAt, verb, name: of }) =>
        namespace === stage.namespace &&
        receivedAt >= from &&
        !['get', 'list', 'watch'].includes(verb) &&
        (of === name || of === `${name}-0` || of === `data-${name}`),
    )
    return [...new Set(writes.map(({ verb, target }) => `${verb} ${target}`))]
  }
})
