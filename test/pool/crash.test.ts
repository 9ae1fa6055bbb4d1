/** The operator killed at every write of a pool's birth and of a rollout, and started again. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ApiCall } from '../support/api-call.ts'
import { Killer } from '../support/killer.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { downTogether } from './down-together.ts'
import { PoolFixture } from './pool-fixture.ts'

/** The writes of the pool's own controller. */
const OWN = new Set([
  'seinodepools',
  'seinodepools/status',
  'seinodes',
  'jobs',
  'persistentvolumeclaims',
  'networkpolicies',
  'poddisruptionbudgets',
])

/** Fewer would mean that effects were not seen: finalizer, 2 claims, 2 Jobs, a SeiNode, 2 policies, and some statuses. */
const FEWEST = 11

interface MortalPools extends AsyncDisposable {
  readonly fixture: PoolFixture
  readonly killer: Killer
  /** Counts the effects of one pool only. */
  follow(pool: string): void
}

async function openMortal(): Promise<MortalPools> {
  let pool = ''
  const isOfPool = ({ name }: ApiCall): boolean =>
    name === pool || name.startsWith(`${pool}-`) || name.startsWith(`data-${pool}-`)
  const killer = await Killer.start(call => pool !== '' && isOfPool(call) && OWN.has(call.resource))
  const fixture = await PoolFixture.open({ operator: { kubeconfig: killer.kubeconfigPath } })
  killer.operator = fixture.base.operator
  return {
    fixture,
    killer,
    follow: name => {
      pool = name
    },
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]()
      await killer[Symbol.asyncDispose]()
    },
  }
}

suite('the operator is killed with SIGKILL and started again', { concurrency: true }, () => {
  test("failure mode 42: at each write of a pool's creation: one ceremony, one preparation, one network", async () => {
    await using mortal = await openMortal()
    const { fixture, killer } = mortal
    const struck: string[] = []
    for (let attempt = 1; attempt <= struck.length + 1; attempt++) {
      const name = `born-${attempt}`
      mortal.follow(name)
      killer.arm(attempt)
      await fixture.create(name, 1, { chainId: 'crash-1' })
      const pool = await fixture.untilReady(name)
      const [at] = await killer.disarm()
      const ofCeremony = fixture.read(`${name}-genesis-data`, 'genesis/node0/config/priv_validator_key.json')
      assert.equal(fixture.read(`data-${name}-0`, 'config/priv_validator_key.json'), ofCeremony, at)
      assert.equal(
        `${pool.status?.genesis?.hash}\n`,
        fixture.read(`${name}-genesis-data`, 'genesis/genesis.sha256'),
        at,
      )
      assert.deepEqual(fixture.base.executedBy(`${name}-0`), ['config-apply', 'config-validate', 'mark-ready'], at)
      if (at !== undefined) struck.push(at)
    }
    assert.ok(struck.length >= FEWEST, `${struck.length} effects: ${struck.join(', ')}`)
  })

  test('failure mode 42: at each write of a rollout: every node gets the change, and never two at once', async () => {
    await using mortal = await openMortal()
    const { fixture, killer } = mortal
    await fixture.create('rolled', 4)
    await fixture.untilReady('rolled')
    await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
    const names = [0, 1, 2, 3].map(index => `rolled-${index}`)
    const together = downTogether(
      view,
      names.map(name => `${name}-0`),
    )
    mortal.follow('rolled')
    for (let effect = 1; effect <= 4; effect++) {
      const image = `sei-protocol/seid:v6.5.${effect}`
      killer.arm(effect)
      await fixture.patch('rolled', { spec: { nodeConfiguration: { image } } })
      await fixture.untilReady('rolled')
      assert.equal((await killer.disarm()).length, 1, `the rollout has a write number ${effect}`)
      const images = await Promise.all(names.map(async name => (await fixture.seiNode(name)).spec.image))
      assert.deepEqual(images, Array(4).fill(image))
    }
    assert.deepEqual([...together], [])
  })
})
