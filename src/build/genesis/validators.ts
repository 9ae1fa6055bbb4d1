/** The list `validators` of a genesis file, which Tendermint needs beside the genesis transactions: `genesisValidators`. */
import { valueAt } from '../../lib/exact-json.ts'
import { GenesisError } from './genesis-error.ts'

/** Units of stake per unit of voting power: the chain's power reduction, which is not a parameter. */
const STAKE_PER_POWER = 1_000_000n

const GEN_TXS = ['app_state', 'genutil', 'gen_txs']
const MESSAGE_TYPE = '/cosmos.staking.v1beta1.MsgCreateValidator'

/**
 * One validator for each genesis transaction. seid refuses to start if a validator's power differs from its stake. Without
 * the list no node can state-sync from the chain.
 */
export function genesisValidators(genesis: unknown): readonly object[] {
  const transactions = valueAt(genesis, GEN_TXS)
  if (!Array.isArray(transactions)) throw new GenesisError(`genesis.json: expected a list at ${GEN_TXS.join('.')}`)
  const validators = transactions.map(validatorOf)
  if (validators.length === 0)
    throw new GenesisError(`genesis.json: ${GEN_TXS.join('.')} is empty: nobody makes blocks`)
  return validators
}

function validatorOf(transaction: unknown, index: number): object {
  const message = valueAt(transaction, ['body', 'messages', '0'])
  const text = (path: readonly string[]): string | undefined => {
    const value = valueAt(message, path)
    return typeof value === 'string' ? value : undefined
  }
  const key = text(['pubkey', 'key'])
  const moniker = text(['description', 'moniker'])
  if (text(['@type']) !== MESSAGE_TYPE || key === undefined || moniker === undefined) {
    throw new GenesisError(`genesis.json: transaction ${index} of ${GEN_TXS.join('.')} creates no validator`)
  }
  const power = powerOf(text(['value', 'amount']), index)
  return { pub_key: { type: 'tendermint/PubKeyEd25519', value: key }, power, name: moniker }
}

function powerOf(amount: string | undefined, index: number): string {
  const stake = amount !== undefined && /^\d+$/.test(amount) ? BigInt(amount) : 0n
  const power = stake / STAKE_PER_POWER
  if (power > 0n && power * STAKE_PER_POWER === stake) return String(power)
  throw new GenesisError(
    `genesis.json: validator ${index} stakes ${amount ?? 'nothing'}: expected a multiple of ${STAKE_PER_POWER}`,
  )
}
