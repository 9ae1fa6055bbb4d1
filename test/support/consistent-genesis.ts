/** Asserts the invariants of a published genesis: `assertConsistent`. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { GenesisVolume, Wanted } from './genesis-volume.ts'

interface Genesis {
  readonly chain_id: string
  readonly validators: readonly { readonly name: string; readonly pub_key: { readonly value: string } }[]
}

/** Genesis file, homes, records and report are consistent, and there are no other files. */
export function assertConsistent(volume: GenesisVolume, { chainId, nodes }: Wanted): void {
  assert.deepEqual(readdirSync(volume.dir), ['genesis'])
  const text = volume.read('genesis/genesis.json')
  const genesis: Genesis = JSON.parse(text)
  const hash = createHash('sha256').update(text).digest('hex')
  assert.equal(genesis.chain_id, chainId)
  assert.equal(genesis.validators.length, nodes)
  assert.equal(volume.read('genesis/chain-id'), `${chainId}\n`)
  assert.equal(volume.read('genesis/genesis.sha256'), `${hash}\n`)
  const records = volume.nodes()
  assert.equal(records.length, nodes)
  const report = [`genesis ${hash}`, ...records.map(({ index, id }) => `${index} ${id}`)]
  assert.equal(volume.message(), `${report.join('\n')}\n`)
  for (const { index, id, address } of records) {
    const home = `genesis/node${index}`
    assert.equal(volume.read(`${home}/config/genesis.json`), text)
    const { pub_key }: { pub_key: { value: string } } = JSON.parse(
      volume.read(`${home}/config/priv_validator_key.json`),
    )
    const validator = genesis.validators.find(({ name }) => name === `node${index}`)
    assert.equal(validator?.pub_key.value, pub_key.value)
    const nodeKey: { id: string } = JSON.parse(volume.read(`${home}/config/node_key.json`))
    assert.equal(nodeKey.id, id)
    assert.ok(text.includes(`"${address}"`), `${address} has no account`)
    const account: { address: string } = JSON.parse(volume.read(`${home}/config/admin_key.json`))
    assert.equal(account.address, address)
  }
}
