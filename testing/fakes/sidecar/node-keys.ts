/** The keys of a node, derived from its name so that a test can foresee them: `writeNodeKeys`, `nodeIdOf`. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { Home } from './home.ts'

/** node_key.json, priv_validator_key.json and, only where absent, the signing state. */
export function writeNodeKeys(home: Home, name: string): void {
  const node = keyPair(`${name}/node`)
  const id = nodeId(node.publicKey)
  home.write('config/node_key.json', JSON.stringify({ id, priv_key: wireKey(node.privateKey) }))
  const validator = keyPair(`${name}/validator`)
  const file = {
    address: nodeId(validator.publicKey).toUpperCase(),
    pub_key: { type: 'tendermint/PubKeyEd25519', value: validator.publicKey.toString('base64') },
    priv_key: wireKey(validator.privateKey),
  }
  home.write('config/priv_validator_key.json', JSON.stringify(file))
  if (home.read('data/priv_validator_state.json') === undefined) {
    home.write('data/priv_validator_state.json', JSON.stringify({ height: '0', round: 0, step: 0 }))
  }
}

/** Undefined where there is no key file. */
export function nodeIdOf(home: Home): string | undefined {
  const text = home.read('config/node_key.json')
  if (text === undefined) return undefined
  const file: { readonly priv_key: { readonly value: string } } = JSON.parse(text)
  return nodeId(Buffer.from(file.priv_key.value, 'base64').subarray(32))
}

function wireKey(key: Buffer): object {
  return { type: 'tendermint/PrivKeyEd25519', value: key.toString('base64') }
}

function nodeId(publicKey: Buffer): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 40)
}

/** DER of an Ed25519 private key (RFC 8410) up to its 32 seed bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyPair(name: string): { readonly publicKey: Buffer; readonly privateKey: Buffer } {
  const seed = createHash('sha256').update(name).digest()
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  return { publicKey, privateKey: Buffer.concat([seed, publicKey]) }
}
