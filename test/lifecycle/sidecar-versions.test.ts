/** One life with a sidecar of each release that behaves differently: bootstrap, restart, change, move, deletion. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { PROFILES, profileOf } from '../../testing/fakes/sidecar/index.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { PEER_A, PEER_B, RESTORE_TASKS, restoreSpec, sidecarOf, UPDATE, UPDATE_WITH_PEERS } from './specs.ts'

suite('every release of the sidecar', { concurrency: 7 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open({ node: { defaultProfile: 'latest' } })
  })
  after(() => fixture[Symbol.asyncDispose]())

  for (const release of [...PROFILES, 'latest']) {
    const discovers = profileOf(release).discoversPeers
    /** Static peers reach the newer ones with config-apply. */
    const known = (tasks: readonly string[]): readonly string[] =>
      tasks.filter(type => discovers || type !== 'discover-peers')

    test(`${release}: restores a snapshot, restarts, gets other peers, moves, and is deleted`, async () => {
      const name = `life-${release.replaceAll('.', '-')}`
      const spec = sidecarOf(release, restoreSpec({ uri: `s3://snapshots/${prefixOf(release)}` }))
      const node = await fixture.create(name, spec)
      const { status } = await node.becomes({ tasks: known(RESTORE_TASKS), events: ['PlanStarted', 'PlanComplete'] })
      const discovery = status?.initPlan?.tasks.find(({ type }) => type === 'discover-peers')
      assert.equal(discovery?.note !== undefined, !discovers, discovery?.note)
      assert.match(configOf(name), new RegExp(`persistent-peers = ["']${PEER_A}["']`))
      await fixture.base.node.restartSidecar(node.pod)
      await node.becomes({ tasks: ['mark-ready'] })
      await node.change({ peers: [{ static: { addresses: [PEER_B] } }] })
      await node.becomes({
        tasks: known(UPDATE_WITH_PEERS),
        events: ['UpdateStarted', 'ConfigUpdated'],
        parts: { pod: 'new' },
      })
      assert.match(configOf(name), new RegExp(`persistent-peers = ["']${PEER_B}["']`))
      await node.deletePod()
      await node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } })
      await node.remove()
      await node.isGone()
    })
  }

  test('a node follows its sidecar from the oldest release to the newest and back, on one volume', async () => {
    const node = await fixture.running('upgraded', sidecarOf('v0.0.16'))
    for (const release of ['v0.0.25', 'v0.0.40', 'v0.0.70', 'v0.0.25', 'v0.0.16']) {
      await node.change({ sidecar: { image: `ghcr.io/sei-protocol/seictl:${release}` } })
      await node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } })
    }
    await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.becomes({ tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } })
  })

  for (const release of ['v0.0.31', 'v0.0.40', 'v0.0.70']) {
    test(`${release} reads snapshots from its own location: if the spec names another, a condition reports which is read`, async () => {
      const name = `elsewhere-${release.replaceAll('.', '-')}`
      const node = await fixture.create(name, sidecarOf(release, restoreSpec({ uri: 's3://snapshots/far/away/' })))
      const discovers = profileOf(release).discoversPeers
      await node.becomes({
        conditions: { SpecValid: 'LocationIgnored' },
        says: { SpecValid: ['s3://snapshots/'] },
        tasks: RESTORE_TASKS.filter(type => discovers || type !== 'discover-peers'),
        events: ['PlanStarted', 'PlanComplete'],
      })
    })
  }

  test('v0.0.25 reads snapshots from the location in the spec, and nothing is reported', async () => {
    const node = await fixture.create('here', sidecarOf('v0.0.25', restoreSpec({ uri: 's3://snapshots/far/away/' })))
    await node.becomes({ tasks: RESTORE_TASKS, events: ['PlanStarted', 'PlanComplete'] })
  })

  test('a sidecar of an unknown version is treated as the newest', async () => {
    const image = 'registry.example.com/seictl@sha256:' + 'ab'.repeat(32)
    const spec = { ...sidecarOf('v0.0.25'), sidecar: { image } }
    await fixture.running('by-digest', spec, GENESIS_TASKS)
  })

  function configOf(name: string): string {
    return fixture.homeOf(`data-${name}`)?.read('config/config.toml') ?? ''
  }
})

/** The prefix in the bucket that the release reads; older ones use the one of the spec. */
function prefixOf(release: string): string {
  const { snapshotsIn } = profileOf(release)
  return snapshotsIn === 'chain/state-sync' ? 'arctic-1/state-sync/' : 'arctic-1/'
}
