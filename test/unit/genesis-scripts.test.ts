/** The genesis Job, its scripts run by a real shell with a fake seid: one genesis, published once, whatever happens in between. */
import assert from 'node:assert/strict'
import { chmodSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installFakeSeid } from '../../testing/fakes/seid/fake-seid.ts'
import { GENESIS_CEREMONY, GENESIS_PUBLISH, PREP_VOLUME } from '../../src/build/scripts.gen.ts'
import { assertConsistent } from '../support/consistent-genesis.ts'
import { GenesisVolume, type Wanted } from '../support/genesis-volume.ts'

const bin = mkdtempSync(join(tmpdir(), 'seid-'))
installFakeSeid(join(bin, 'seid'))
after(() => rmSync(bin, { recursive: true }))

const WANTED = { chainId: 'devnet-1', nodes: 3 } as const satisfies Wanted
const ADDRESS = 'sei1pxv8c7qx0fc3mw9xudwa6cc40acw6g6qu80hz3'

/** In front of the fake: `script` runs at each call, which it may count and end. */
function seidWith(name: string, script: string): string {
  const dir = join(bin, name)
  mkdirSync(dir)
  writeFileSync(join(dir, 'seid'), `#!/bin/sh\n${script}\nexec '${join(bin, 'seid/seid')}' "$@"\n`)
  chmodSync(join(dir, 'seid'), 0o755)
  return dir
}

interface Genesis {
  readonly app_state: {
    readonly bank: { readonly balances: readonly { readonly address: string; readonly coins: string }[] }
    readonly gov: { readonly voting_params: { readonly voting_period: string } }
  }
}

test('R2: the genesis Job makes one genesis for all validators, with accounts and parameters, and reports it', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  const wanted = {
    ...WANTED,
    accounts: [`${ADDRESS}=5usei,7uother`],
    params: { 'app_state.gov.voting_params.voting_period': '30s' },
  }
  assert.deepEqual((await volume.job(wanted)).status, 0)
  assertConsistent(volume, wanted)
  const genesis: Genesis = JSON.parse(volume.read('genesis/genesis.json'))
  assert.ok(
    genesis.app_state.bank.balances.some(({ address, coins }) => address === ADDRESS && coins === '5usei,7uother'),
  )
  assert.equal(genesis.app_state.gov.voting_params.voting_period, '30s')
})

test('R2: a new network may have the chain id of one that seid knows', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  const wanted = { ...WANTED, chainId: 'arctic-1' }
  assert.deepEqual(await volume.job(wanted), { status: 0, stderr: '' })
  assertConsistent(volume, wanted)
})

test('only its own user can read the files of the Job', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  await volume.job(WANTED)
  for (const path of globSync('**', { cwd: join(volume.dir, 'genesis') })) {
    assert.equal(statSync(join(volume.dir, 'genesis', path)).mode & 0o077, 0, path)
  }
})

test('R2: a finished ceremony is never repeated: a second run of the Job reports the same genesis', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  await volume.job(WANTED)
  const before = volume.message()
  const again = await volume.job({ ...WANTED, params: { nothing: 1 } })
  assert.deepEqual(again, { status: 0, stderr: '' })
  assert.equal(volume.message(), before)
  assertConsistent(volume, WANTED)
})

for (const [other, found] of [
  [{ chainId: 'devnet-2', nodes: 3 }, 'chain devnet-1 with 3 nodes, wanted is chain devnet-2 with 3'],
  [{ chainId: 'devnet-1', nodes: 4 }, 'chain devnet-1 with 3 nodes, wanted is chain devnet-1 with 4'],
] as const) {
  test(`R2: a volume with another network's genesis is refused for good: ${found}`, async () => {
    using volume = new GenesisVolume(join(bin, 'seid'))
    await volume.job(WANTED)
    const { status, stderr } = await volume.job(other)
    assert.equal(status, 65)
    assert.ok(stderr.includes(found), stderr)
    assertConsistent(volume, WANTED)
  })
}

test('a directory genesis that no ceremony published is refused and not changed', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  mkdirSync(join(volume.dir, 'genesis'))
  writeFileSync(join(volume.dir, 'genesis/keys'), 'of somebody')
  const { status, stderr } = await volume.job(WANTED)
  assert.equal(status, 65)
  assert.match(stderr, /directory genesis without the mark \.complete/)
  assert.equal(volume.read('genesis/keys'), 'of somebody')
})

test('an interrupted ceremony is restarted, not continued', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  await volume.ceremony({ chainId: 'other', nodes: 5 })
  assert.equal(volume.isPublished(), false)
  assert.equal((await volume.job(WANTED)).status, 0)
  assertConsistent(volume, WANTED)
})

// Counts the calls beside the program, and at the one that is given kills all that runs in the container.
const KILLING = `here="\${0%/*}"
read -r count <"$here/count"
read -r kill_at <"$here/kill-at"
echo $((count + 1)) >"$here/count"
[ "$count" != "$kill_at" ] || { "$here/../seid/seid" "$@" >/dev/null 2>&1; kill -KILL 0; }`

test('R2: killed at any call of seid and run again, there is one consistent genesis', async () => {
  const dir = seidWith('killing', KILLING)
  const calls = async (killAt: number, volume: GenesisVolume): Promise<number | undefined> => {
    writeFileSync(join(dir, 'kill-at'), String(killAt))
    writeFileSync(join(dir, 'count'), '0')
    return (await volume.job({ ...WANTED, nodes: 2 })).status
  }
  let killed = 0
  for (let at = 0; ; at += 1, killed += 1) {
    using volume = new GenesisVolume(dir)
    if ((await calls(at, volume)) === 0) break
    assert.equal(volume.isPublished(), false)
    assert.equal(await calls(-1, volume), 0)
    assertConsistent(volume, { ...WANTED, nodes: 2 })
  }
  assert.ok(killed > 12, `it was killed ${killed} times`)
})

test('a key of another ceremony among the files is noticed before anything is published', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  using other = new GenesisVolume(join(bin, 'seid'))
  await volume.ceremony(WANTED)
  await other.ceremony(WANTED)
  volume.patch({})
  const key = 'node1/config/priv_validator_key.json'
  writeFileSync(join(volume.dir, '.work', key), other.read(`.work/${key}`))
  const { status, stderr } = await volume.publish()
  assert.equal(status, 1)
  assert.match(stderr, /the key of validator 1 is not in the genesis file/)
  assert.equal(volume.isPublished(), false)
})

for (const account of ['sei1pxv8c7qx0fc3mw9xudwa6cc40acw6g6q!=5usei', `${ADDRESS}=usei`]) {
  test(`an account that seid refuses is refused for good, by its name: ${account}`, async () => {
    using volume = new GenesisVolume(join(bin, 'seid'))
    const { status, stderr } = await volume.job({ ...WANTED, accounts: [account] })
    assert.equal(status, 65)
    assert.ok(stderr.includes(`account ${account.split('=')[0]} of spec.genesis.accounts was not added`), stderr)
    assert.match(stderr, /^Error: /)
    assert.doesNotMatch(stderr, /Usage/)
  })
}

test('a genesis that seid finds invalid is refused for good, in its words', async () => {
  using volume = new GenesisVolume(join(bin, 'seid'))
  const { status, stderr } = await volume.job({
    ...WANTED,
    params: { 'app_state.gov.voting_params.voting_period': 'soon' },
  })
  assert.equal(status, 65)
  assert.match(stderr, /voting period must be a positive duration[^]*seid finds the genesis file invalid/)
  assert.equal(volume.isPublished(), false)
})

test('any other death of seid is retriable', async () => {
  using volume = new GenesisVolume(seidWith('out-of-memory', '[ "$1" != gentx ] || exit 137'))
  assert.equal((await volume.job(WANTED)).status, 137)
  using lacking = new GenesisVolume('/nonexistent')
  const { status, stderr } = await lacking.job(WANTED)
  assert.equal(status, 127)
  assert.match(stderr, /seid: not found/)
})

for (const text of ['$(touch pwned)', '`touch pwned`', '"; touch pwned; "', '*']) {
  test(`a chain id or an account is never run as a program: ${text}`, async () => {
    using volume = new GenesisVolume(join(bin, 'seid'))
    assert.equal((await volume.ceremony({ chainId: text, nodes: 1 })).status, 0)
    assert.equal(volume.read('.work/chain-id'), `${text}\n`)
    assert.equal((await volume.ceremony({ ...WANTED, accounts: [`${text}=${text}`] })).status, 65)
    assert.deepEqual(globSync('**/pwned', { cwd: join(volume.dir, '..') }), [])
  })
}

test('Kubernetes passes the scripts unchanged: they contain neither $$ nor $(NAME)', () => {
  for (const script of [GENESIS_CEREMONY, GENESIS_PUBLISH, PREP_VOLUME]) {
    assert.doesNotMatch(script, /\$\$|\$\([A-Za-z_][A-Za-z0-9_]*\)/)
  }
})
