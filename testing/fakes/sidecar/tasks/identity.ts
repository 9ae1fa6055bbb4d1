/** generate-identity: the keys of a node, derived from its names so that a test can foresee them. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'

import { defaultsFor } from '../config/defaults.ts'
import { writeConfig } from '../config/config.ts'
import { isObject } from '../params.ts'
import type { Home } from '../home.ts'
import { hasMarker, reader, requireParams, setMarker } from './context.ts'
import type { TaskHandler } from './context.ts'

export const generateIdentity: TaskHandler = async (params, context) => {
  const { profile, home } = context
  const read = reader(params, context, 'generateIdentityParams')
  const wanted = { chainId: read.string('chainId'), moniker: read.string('moniker') }
  if (hasMarker(context, 'identity')) return
  requireParams('generate-identity', wanted)
  if (profile.identity === 'runs-seid') {
    throw new Error('generate-identity: seid init: exec: "seid": executable file not found in $PATH')
  }
  writeNodeKeys(home, `${wanted.chainId}/${wanted.moniker}`)
  const config = defaultsFor('full', wanted.moniker, profile)
  writeConfig(home, config)
  if (home.read('config/genesis.json') === undefined) {
    home.write('config/genesis.json', JSON.stringify({ chain_id: wanted.chainId }))
  }
  setMarker(context, 'identity')
}

/** node_key.json, priv_validator_key.json and, only where absent, the signing state. */
export function writeNodeKeys(home: Home, name: string): void {
  const node = keyPair(`${name}/node`)
  const id = nodeId(node.publicKey)
  home.write('config/node_key.json', JSON.stringify({ id, priv_key: wireKey(node.privateKey) }))
  const validator = keyPair(`${name}/validator`)
  const publicKey = { type: 'tendermint/PubKeyEd25519', value: validator.publicKey.toString('base64') }
  const file = {
    address: nodeId(validator.publicKey).toUpperCase(),
    pub_key: publicKey,
    priv_key: wireKey(validator.privateKey),
  }
  home.write('config/priv_validator_key.json', JSON.stringify(file))
  if (home.read('data/priv_validator_state.json') === undefined) {
    home.write('data/priv_validator_state.json', JSON.stringify({ height: '0', round: 0, step: 0 }))
  }
}

function wireKey(key: Buffer): object {
  return { type: 'tendermint/PrivKeyEd25519', value: key.toString('base64') }
}

/** Undefined where there is no key file; throws where the file holds no key, with seictl's own words. */
export function nodeIdOf(home: Home): string | undefined {
  const text = home.read('config/node_key.json')
  if (text === undefined) return undefined
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new Error('failed to parse node_key.json')
  }
  const key = isObject(file) && isObject(file['priv_key']) ? file['priv_key']['value'] : undefined
  const bytes = Buffer.from(typeof key === 'string' ? key : '', 'base64')
  if (bytes.length !== 64) throw new Error('invalid Ed25519 key in node_key.json')
  return nodeId(bytes.subarray(32))
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
