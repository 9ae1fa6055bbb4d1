/** Tests of seid-rpc.ts, through the process that it is part of: what a validator answers, and what it leaves on its volume. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { MemoryHome, seidInit } from '../sidecar/index.ts'
import { leaseAddresses } from './addresses.ts'
import { Chains } from './chain.ts'
import { gatedPod } from './pod-fixture.ts'
import { podPlan } from './pod-plan.ts'
import { SeidProcess } from './seid-process.ts'

const NOT_LINUX = process.platform === 'linux' ? false : 'this system has no loopback addresses of its own for pods'

interface Status {
  readonly node_info: { readonly id: string; readonly network: string }
  readonly sync_info: {
    readonly latest_block_height: string
    readonly latest_block_time: string
    readonly catching_up: boolean
  }
  readonly validator_info: { readonly voting_power: string }
}

/** The home of the only validator of a chain. */
function validatorHome(): MemoryHome {
  const home = new MemoryHome()
  seidInit(home, { chainId: 'devnet-1', moniker: 'node0' })
  const { pub_key }: { pub_key: object } = JSON.parse(home.read('config/priv_validator_key.json') ?? '')
  home.write('config/genesis.json', JSON.stringify({ chain_id: 'devnet-1', validators: [{ pub_key, power: '10' }] }))
  return home
}

test('a validator says where it is, and its volume what it signed last', { skip: NOT_LINUX }, async () => {
  const addresses = await leaseAddresses()
  const clock = new ManualClock()
  const container = podPlan(gatedPod()).containers.find(({ name }) => name === 'seid') ?? assert.fail()
  const home = validatorHome()
  const podIP = addresses.take()
  const common = { namespace: 'sei', pod: 'node-0', podIP, container, clock, onChange: () => {} }
  const chains = new Chains(clock)
  const started: SeidProcess[] = []
  const run = async (): Promise<SeidProcess> => {
    const seid = await SeidProcess.start({ ...common, volumes: new Map([['/sei', home]]) }, { readyMs: 0, chains })
    started.push(seid)
    return seid
  }
  const status = async (): Promise<Status> => JSON.parse(await (await fetch(`http://${podIP}:26657/status`)).text())
  try {
    const seid = await run()
    const first = await status()
    assert.match(first.node_info.id, /^[0-9a-f]{40}$/)
    assert.deepEqual([first.node_info.network, first.validator_info.voting_power], ['devnet-1', '10'])
    assert.deepEqual(first.sync_info, {
      latest_block_height: '0',
      latest_block_time: '1970-01-01T00:00:00.000Z',
      catching_up: false,
    })
    await clock.advance(2000)
    assert.equal((await status()).sync_info.latest_block_height, '5')
    seid.setStalled(true)
    await clock.advance(2000)
    assert.equal((await status()).sync_info.latest_block_height, '5')
    await seid.signal('SIGTERM')
    await assert.rejects(status())
    assert.deepEqual(JSON.parse(home.read('data/priv_validator_state.json') ?? ''), { height: '5', round: 0, step: 3 })
    await run()
    await clock.advance(400)
    assert.equal((await status()).sync_info.latest_block_height, '6')
  } finally {
    for (const seid of started) await seid.signal('SIGKILL')
    await addresses.close()
  }
})
