/** The genesis Job and the prep Jobs with the real seid: killed at random points and run again, they make one chain that starts. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { resolveSeid } from '../../testing/fakes/seid/resolve-seid.ts'
import { assertConsistent } from '../support/consistent-genesis.ts'
import type { Ended, Wanted } from '../support/genesis-volume.ts'
import { GenesisVolume } from '../support/genesis-volume.ts'
import { RealSeid } from './real-seid.ts'

const KILLS = 20
/** Up to here each kill has a volume of its own; larger ceremonies are killed repeatedly on the same one. */
const SMALL = 3

const seed = Number(process.env['CEREMONY_SEED'] ?? Date.now() % 1_000_000)
const seid = await resolveSeid(process.env)

/** Fractions of a run, the same ones for the same seed; more than kills, since a run may end before its moment. */
function moments(salt: number): readonly number[] {
  const thousandths = fc.noBias(fc.integer({ min: 0, max: 999 }))
  return fc.sample(thousandths, { seed: seed + salt, numRuns: 10 * KILLS }).map(each => each / 1000)
}

/** How a run ends that is killed after so many milliseconds, if it is not quicker. */
async function killedAfter(ms: number, run: (kill: AbortSignal) => Promise<Ended>): Promise<Ended> {
  const kill = new AbortController()
  const timer = setTimeout(() => kill.abort(), ms)
  try {
    return await run(kill.signal)
  } finally {
    clearTimeout(timer)
  }
}

async function millisecondsOf(run: () => Promise<Ended>): Promise<number> {
  const started = performance.now()
  const { status, stderr } = await run()
  assert.equal(status, 0, stderr)
  return performance.now() - started
}

function assertValid(volume: GenesisVolume): void {
  const file = join(volume.dir, 'genesis/genesis.json')
  const home = volume.dataVolume('validate')
  const args = ['validate-genesis', file, '--home', home]
  const { status, stderr } = spawnSync(seid.path, args, { encoding: 'utf8', env: { HOME: home } })
  assert.equal(status, 0, stderr)
}

async function assertPublished(volume: GenesisVolume, wanted: Wanted): Promise<void> {
  const { status, stderr } = await volume.job(wanted)
  assert.equal(status, 0, stderr)
  assertConsistent(volume, wanted)
  assertValid(volume)
}

/** A real node of the network gets as far as it can alone: a block where it is the only validator. */
async function assertStarts(volume: GenesisVolume, nodes: number): Promise<void> {
  const home = volume.dataVolume('node')
  const index = nodes - 1
  const { status, stderr } = await volume.prep(index, home)
  assert.equal(status, 0, stderr)
  await using node = await RealSeid.start(seid.path, home)
  await node.untilLogged('Completed ABCI Handshake')
  if (nodes === 1) await node.untilHeight(3)
}

describe(`random moments of seed ${seed} (CEREMONY_SEED=${seed} repeats them)`, { concurrency: 2 }, () => {
  for (const nodes of [1, 3, 4, 7, 20]) {
    test(`R2: a ceremony of ${nodes} killed at ${KILLS} random moments and run again makes one genesis that starts`, async t => {
      const wanted = {
        chainId: 'devnet-1',
        nodes,
        params: { 'app_state.gov.voting_params.voting_period': '30s' },
      }
      using volumes = new DisposableStack()
      const another = (): GenesisVolume => volumes.use(new GenesisVolume(dirname(seid.path)))
      const measured = another()
      let ms = await millisecondsOf(() => measured.job(wanted))
      let volume = another()
      let killed = 0
      for (const moment of moments(nodes)) {
        if (killed === KILLS) break
        const started = performance.now()
        const { status, stderr } = await killedAfter(moment * ms, kill => volume.job(wanted, kill))
        if (status === undefined) killed += 1
        else {
          // It was quicker than the one that was measured.
          assert.equal(status, 0, stderr)
          ms = Math.min(ms, performance.now() - started)
        }
        if (status === undefined && nodes > SMALL) continue
        await assertPublished(volume, wanted)
        volume = another()
      }
      assert.equal(killed, KILLS)
      await assertPublished(volume, wanted)
      t.diagnostic(`one run takes ${Math.round(ms)} ms`)
      await assertStarts(volume, nodes)
    })
  }

  test(`R2: the preparation of a volume killed at ${KILLS} random moments and run again gives it its validator, once`, async t => {
    using volume = new GenesisVolume(dirname(seid.path))
    await volume.job({ chainId: 'devnet-1', nodes: 1 })
    let ms = await millisecondsOf(() => volume.prep(0, volume.dataVolume('measured')))
    let killed = 0
    for (const [index, moment] of moments(0).entries()) {
      if (killed === KILLS) break
      const home = volume.dataVolume(`killed-${index}`)
      const started = performance.now()
      const { status } = await killedAfter(moment * ms, kill => volume.prep(0, home, kill))
      if (status === undefined) killed += 1
      else ms = Math.min(ms, performance.now() - started)
      assert.deepEqual(await volume.prep(0, home), { status: 0, stderr: '' })
      for (const path of ['config/genesis.json', 'config/priv_validator_key.json', 'data/priv_validator_state.json']) {
        assert.equal(readFileSync(join(home, path), 'utf8'), volume.read(`genesis/node0/${path}`), path)
      }
      assert.ok(existsSync(join(home, '.prep-done')))
    }
    assert.equal(killed, KILLS)
    t.diagnostic(`one run takes ${Math.round(ms)} ms`)
  })

  test('an account with a wrong checksum is refused permanently, with a message that names it', async () => {
    using volume = new GenesisVolume(dirname(seid.path))
    const address = 'sei1zg69v7yszg69v7yszg69v7yszg69v7ys8xdv96'
    const { status, stderr } = await volume.job({ chainId: 'devnet-1', nodes: 1, accounts: [`${address}=1usei`] })
    assert.equal(status, 65)
    assert.ok(stderr.includes(`account ${address} of spec.genesis.accounts was not added`), stderr)
  })

  test('R2: an account of the spec owns its balance; the private key of it is not asked for', async () => {
    using volume = new GenesisVolume(dirname(seid.path))
    const address = await foreignAddress()
    const wanted = { chainId: 'devnet-1', nodes: 1, accounts: [`${address}=5uatom,7usei`] }
    await assertPublished(volume, wanted)
    const genesis: { app_state: { bank: { balances: readonly { address: string; coins: unknown }[] } } } = JSON.parse(
      volume.read('genesis/genesis.json'),
    )
    const balance = genesis.app_state.bank.balances.find(each => each.address === address)
    assert.deepEqual(balance?.coins, [
      { denom: 'uatom', amount: '5' },
      { denom: 'usei', amount: '7' },
    ])
  })
})

/** An account of another network: nobody here has its key. */
async function foreignAddress(): Promise<string> {
  using volume = new GenesisVolume(dirname(seid.path))
  await volume.job({ chainId: 'other-1', nodes: 1 })
  return volume.nodes()[0]?.address ?? assert.fail('it has no node')
}
