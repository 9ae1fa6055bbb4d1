/** A genesis file for tests, in the form in which seid prints it. */

export function genTx(index: number, amount = '10000000'): object {
  const message = {
    '@type': '/cosmos.staking.v1beta1.MsgCreateValidator',
    description: { moniker: `node${index}` },
    pubkey: { '@type': '/cosmos.crypto.ed25519.PubKey', key: `key${index}=` },
    value: { denom: 'usei', amount },
  }
  return { body: { messages: [message] }, signatures: ['s'] }
}

export function genesisText(genTxs: readonly object[] = [genTx(0), genTx(1)]): string {
  const genesis = {
    genesis_time: '2026-01-01T00:00:00Z',
    chain_id: 'devnet-1',
    consensus_params: { timeout: { bypass_commit_timeout: false }, abci: { vote_extensions_enable_height: 0 } },
    app_hash: '',
    app_state: {
      bank: { supply: [], denom_metadata: null },
      gov: {
        deposit_params: { min_deposit: [{ denom: 'usei', amount: '10000000' }] },
        voting_params: { voting_period: '172800s' },
      },
      genutil: { gen_txs: genTxs },
      oracle: {},
    },
  }
  return `${JSON.stringify(genesis, null, 2)}\n`
}
