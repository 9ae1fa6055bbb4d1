/** Refusals of older sidecars and of invalid parameters: how the node continues, and what the user reads. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { FAILED } from './ending.ts'
import { PEER_A, RETAINED, sidecarOf, UPDATE } from './specs.ts'

const OLDER = { sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.40' } }
const RENEWED = { tasks: ['mark-ready'], parts: { pod: 'new' } } as const
const CATCHING_UP = { Ready: 'CatchingUp' } as const
const SYNC_TASKS = [
  'configure-genesis',
  'config-apply',
  'discover-peers',
  'configure-state-sync',
  'config-validate',
  'mark-ready',
]
const UPDATED = ['UpdateStarted', 'ConfigUpdated']

suite('older sidecars', { concurrency: 7 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a change of configuration reaches a node whose sidecar cannot read what a newer one wrote', async () => {
    const node = await fixture.running('down', sidecarOf('v0.0.70', { overrides: { 'mempool.size': '6000' } }))
    await node.change(OLDER)
    await node.becomes(RENEWED)
    await node.change({ overrides: { 'mempool.size': '7000' } })
    await node.becomes({ tasks: ['config-apply', ...UPDATE], events: UPDATED, parts: { pod: 'new' } })
    assert.match(configOf('down'), /^\s*size = 7000$/m)
    // From now on it is in the older format, and the next change needs no rewrite.
    await node.change({ overrides: { 'mempool.size': '8000' } })
    await node.becomes({ tasks: UPDATE, events: UPDATED, parts: { pod: 'new' } })
  })

  test('a node that has not synced its state yet gets a full rewrite, and state sync is configured again', async () => {
    const name = 'syncing'
    fixture.base.node.setSeidReady(fixture.base.podKey(name), false)
    const spec = { peers: [{ static: { addresses: [PEER_A] } }], snapshot: { stateSync: {} } }
    const node = await fixture.create(name, sidecarOf('v0.0.56', spec))
    await node.becomes({ conditions: CATCHING_UP, tasks: SYNC_TASKS, events: ['PlanStarted', 'PlanComplete'] })
    await node.change(OLDER)
    await node.becomes({ conditions: CATCHING_UP, ...RENEWED })
    await node.change({ overrides: { 'mempool.size': '7000' } })
    await node.becomes({
      conditions: CATCHING_UP,
      // Refused in both pods; then as a whole.
      tasks: ['config-apply', 'config-apply', ...SYNC_TASKS.slice(1)],
      events: ['UpdateStarted', ...UPDATED],
      parts: { pod: 'new' },
    })
    assert.match(configOf(name), /^\s*size = 7000$/m)
  })

  test('a kept volume is adopted by a node with an older sidecar', async () => {
    const kept = await fixture.running('adopted', {
      ...RETAINED,
      ...sidecarOf('v0.0.70'),
      storage: { retainOnDelete: true },
    })
    await kept.remove()
    await kept.isGone({ parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } })
    const next = await fixture.create('adopted', { ...RETAINED, ...OLDER })
    await next.becomes({
      tasks: ['config-apply', 'config-validate', 'mark-ready'],
      events: ['VolumeAdopted', 'PlanComplete'],
      parts: { claim: 'same' },
    })
  })

  test('a value that the sidecar refuses is reported in plain text', async () => {
    const node = await fixture.running('refused')
    await node.change({ overrides: { 'chain.concurrency_workers': '-2' } })
    const text = 'config validation failed: ERROR chain.concurrency_workers: concurrency_workers must be >= -1'
    await node.becomes({
      conditions: { Ready: 'UpdateFailed', Reconciling: 'UpdateFailed' },
      says: { Ready: [text], Reconciling: [text] },
      tasks: ['config-apply'],
      events: ['UpdateStarted', 'UpdateFailed'],
    })
    const { message } = await fixture.base.untilEvent('refused', 'UpdateFailed')
    assert.ok(message?.includes(text), message)
  })

  test('a genesis file of another hash than the spec names fails the bootstrap, and the right one does not', async () => {
    const s3 = { uri: 's3://genesis/devnet-7/genesis.json', region: 'us-east-2' }
    const spec = (sha256: string) => sidecarOf('v0.0.70', { chainId: 'devnet-7', genesis: { s3: { ...s3, sha256 } } })
    const wrong = await fixture.create('wrong-genesis', spec('ab'.repeat(32)))
    const { status } = await wrong.becomes({
      base: FAILED,
      phase: 'Failed',
      says: { Initialized: [`expected ${'ab'.repeat(32)}`] },
      tasks: ['configure-genesis'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    const found = /SHA-256 ([0-9a-f]{64})/.exec(status?.initPlan?.tasks[0]?.error ?? '')?.[1] ?? ''
    await fixture.running('right-genesis', spec(found), GENESIS_TASKS)
  })

  function configOf(name: string): string {
    const home = fixture.homeOf(`data-${name}`)
    return `${home?.read('config/config.toml')}\n${home?.read('config/app.toml')}`
  }
})
