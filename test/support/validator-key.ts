/** Keys and signing states of validators in seid's file format: `newKey`, `signingState`. */
import { randomBytes } from 'node:crypto'

export interface Key {
  readonly json: string
  /** What no log may hold. */
  readonly secret: string
  readonly address: string
}

export function newKey(): Key {
  const id = randomBytes(20).toString('hex')
  const secret = randomBytes(64).toString('base64')
  const priv_key = { type: 'tendermint/PrivKeyEd25519', value: secret }
  const pub_key = { type: 'tendermint/PubKeyEd25519', value: randomBytes(32).toString('base64') }
  return {
    json: JSON.stringify({ address: id.toUpperCase(), pub_key, priv_key }),
    secret,
    address: `seivalcons1${id.replaceAll('1', 'z').replaceAll('b', 'q')}`,
  }
}

export function signingState(height: number): string {
  return JSON.stringify({ height: String(height), round: 0, step: 3 })
}
