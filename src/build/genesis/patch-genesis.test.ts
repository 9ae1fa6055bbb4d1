/** Tests of patch-genesis.ts and what it is made of: parameters of every type, the validators, and what is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { valueAt } from '../../lib/exact-json.ts'
import { GenesisError } from './genesis-error.ts'
import type { ParamValue } from './param-value.ts'
import { patchedGenesis } from './patch-genesis.ts'
import { genesisText, genTx } from './testdata/genesis.ts'

type Params = Readonly<Record<string, ParamValue>>

/** The value at a path of the patched file. */
function at(path: string, params: Params): unknown {
  return valueAt(JSON.parse(patchedGenesis(genesisText(), params)), path.split('.'))
}

const VOTING_PERIOD = 'app_state.gov.voting_params.voting_period'
const BYPASS = 'consensus_params.timeout.bypass_commit_timeout'
const HEIGHT = 'consensus_params.abci.vote_extensions_enable_height'
const DEPOSIT = 'app_state.gov.deposit_params.min_deposit'
const METADATA = 'app_state.bank.denom_metadata'

const WRITTEN: readonly (readonly [path: string, value: ParamValue, written: unknown])[] = [
  [VOTING_PERIOD, '30s', '30s'],
  [VOTING_PERIOD, 30, '30'],
  [VOTING_PERIOD, 'say "hi"', 'say "hi"'],
  [VOTING_PERIOD, '', ''],
  [HEIGHT, 7, 7],
  [HEIGHT, '7', 7],
  [HEIGHT, '-0.5e3', -500],
  [BYPASS, 'true', true],
  [BYPASS, 'false', false],
  [DEPOSIT, '[{"denom":"usei","amount":"1"}]', [{ denom: 'usei', amount: '1' }]],
  [DEPOSIT, '[]', []],
  ['app_state.gov.voting_params', '{"voting_period":"1s"}', { voting_period: '1s' }],
  [`${DEPOSIT}.0.amount`, 5, '5'],
  [METADATA, '[{"base":"usei"}]', [{ base: 'usei' }]],
  [METADATA, '{}', {}],
]

for (const [path, value, written] of WRITTEN) {
  test(`R2: spec.genesis.params ${path}: ${JSON.stringify(value)} becomes ${JSON.stringify(written)}`, () => {
    assert.deepEqual(at(path, { [path]: value }), written)
  })
}

test('a number beyond the precision of JavaScript is written unchanged', () => {
  const patched = patchedGenesis(genesisText(), { [HEIGHT]: '123456789012345678901' })
  assert.match(patched, /"vote_extensions_enable_height": 123456789012345678901\b/)
})

test('a parent is set before what is in it, whatever their order', () => {
  const params = { [VOTING_PERIOD]: '5s', 'app_state.gov': '{"voting_params":{"voting_period":"1s"}}' }
  assert.deepEqual(at('app_state.gov', params), { voting_params: { voting_period: '5s' } })
})

const REFUSED: readonly (readonly [path: string, value: ParamValue, message: RegExp])[] = [
  [
    'app_state.gov.foo.bar',
    1,
    /app_state\.gov\.foo\.bar is not in genesis\.json: app_state\.gov has deposit_params, voting_params$/,
  ],
  ['nothing', 1, /nothing is not in genesis\.json: genesis\.json has genesis_time, chain_id/],
  ['app_state.oracle.x', 1, /app_state\.oracle is empty$/],
  [`${VOTING_PERIOD}.x`, 1, /voting_period is a string, with nothing in it$/],
  [`${DEPOSIT}.3`, '{}', /min_deposit is a list of 1, with items from number 0$/],
  ['app_state.__proto__', '{}', /app_state\.__proto__ is not in genesis\.json/],
  [HEIGHT, 'soon', /is a number in genesis\.json: expected a number such as 5 or "0\.5", found the text "soon"$/],
  [HEIGHT, '0x10', /expected a number such as 5/],
  [HEIGHT, 2 ** 53, /expected whole numbers up to 9007199254740991 as such, and all others as text, found the number/],
  [BYPASS, 1, /is a boolean in genesis\.json: expected "true" or "false", found the number 1$/],
  [BYPASS, 'yes', /expected "true" or "false", found the text "yes"$/],
  [DEPOSIT, '10usei', /is a list in genesis\.json: expected a list as JSON, such as "\[\]", found the text "10usei"$/],
  [DEPOSIT, '{}', /expected a list as JSON/],
  ['app_state.gov.voting_params', '[]', /is an object in genesis\.json: expected an object as JSON/],
  [METADATA, '"text"', /is null in genesis\.json: expected a list or an object as JSON/],
  ['chain_id', 'other', /chain_id cannot be set: it is spec\.chainId$/],
  ['validators', '[]', /validators cannot be set: they are made of the genesis transactions$/],
  ['app_state.genutil.gen_txs', '[]', /cannot be set: its transactions are signed/],
  ['app_state', '{}', /app_state cannot be set because it holds app_state\.genutil/],
]

for (const [path, value, message] of REFUSED) {
  test(`R2: refused for good: ${path}: ${JSON.stringify(value)}`, () => {
    assert.throws(
      () => patchedGenesis(genesisText(), { [path]: value }),
      error => error instanceof GenesisError && message.test(error.message) && error.message.includes(path),
    )
  })
}

test('R2: the validators are those of the genesis transactions, with the power of their stake', () => {
  const text = patchedGenesis(genesisText([genTx(0, '10000000'), genTx(1, '2000000000000000000000000')]), {})
  const genesis: { validators: unknown } = JSON.parse(text)
  assert.deepEqual(genesis.validators, [
    { pub_key: { type: 'tendermint/PubKeyEd25519', value: 'key0=' }, power: '10', name: 'node0' },
    { pub_key: { type: 'tendermint/PubKeyEd25519', value: 'key1=' }, power: '2000000000000000000', name: 'node1' },
  ])
})

for (const amount of ['0', '999999', '10000001', '-10000000', '1e7']) {
  test(`a stake of ${amount} has no power: refused`, () => {
    assert.throws(() => patchedGenesis(genesisText([genTx(0, amount)]), {}), /validator 0 stakes .*multiple of 1000000/)
  })
}

test('a genesis without transactions is refused: it has no validators', () => {
  assert.throws(() => patchedGenesis(genesisText([]), {}), /gen_txs is empty: nobody makes blocks/)
  assert.throws(() => patchedGenesis('{}', {}), /expected a list at app_state\.genutil\.gen_txs/)
  assert.throws(() => patchedGenesis(genesisText([{ body: {} }]), {}), /transaction 0 .* creates no validator/)
})

test('a second patch with the same parameters changes no byte', () => {
  const value: fc.Arbitrary<readonly [string, ParamValue]> = fc.constantFrom(
    ...WRITTEN.map(([path, given]) => [path, given] as const),
  )
  fc.assert(
    fc.property(fc.uniqueArray(value, { selector: ([path]) => path }), chosen => {
      // Of parameters within one another, only one is left.
      const params = Object.fromEntries(
        chosen.filter(([path]) => !chosen.some(([other]) => path.startsWith(`${other}.`))),
      )
      const once = patchedGenesis(genesisText(), params)
      assert.equal(patchedGenesis(once, params), once)
    }),
  )
})

test('without parameters nothing but the validators is added', () => {
  const text = genesisText()
  assert.deepEqual(JSON.parse(patchedGenesis(text, {})), {
    ...JSON.parse(text),
    validators: JSON.parse(patchedGenesis(text, {})).validators,
  })
})
