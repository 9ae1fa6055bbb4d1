/** Builders of manifests for the tables of the CRD tests. */
import assert from 'node:assert/strict'

export interface InvalidCase {
  readonly title: string
  readonly spec: unknown
  /** Texts that the refusal has to hold: the field first. */
  readonly says: readonly string[]
  /** Instead of a generated one. */
  readonly name?: string
}

export interface UpdateCase {
  readonly title: string
  readonly before: unknown
  readonly after: unknown
  /** Texts that the refusal has to hold, or that it is accepted. */
  readonly says: readonly string[] | 'accepted'
}

type Spec = Readonly<Record<string, unknown>>

const peerSource = { static: { addresses: [`${'ab'.repeat(20)}@peer.example.com:26656`] } }
const s3Snapshot = { s3: { region: 'us-east-2' } }

export const peers = [peerSource]
export const snapshot = s3Snapshot
export const genesisS3 = { s3: { uri: 's3://genesis/pacific-1/genesis.json', region: 'us-east-2' } }
export const genesisPvc = { pvc: { dataPVC: 'data-devnet-0' } }
export const replayer = { peers, snapshot }
export const generation = { keepRecent: 2 }

/** The smallest SeiNode, with `fields` over it. */
export function node(fields: Spec = {}): Spec {
  return { chainId: 'pacific-1', image: 'sei:v1', ...fields }
}

/** The smallest SeiNodePool, with `fields` over it. */
export function pool(fields: Spec = {}): Spec {
  return { chainId: 'devnet-1', nodeConfiguration: { nodeCount: 4, image: 'sei:v1' }, ...fields }
}

/** The smallest SeiNodePool, with `fields` over its nodeConfiguration. */
export function poolOf(fields: Spec): Spec {
  return pool({ nodeConfiguration: { nodeCount: 4, image: 'sei:v1', ...fields } })
}

/** `spec` without `field`. */
export function without(spec: Spec, field: string): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== field))
}

/** Asserts that `stored` holds all of `applied`; it may have the API server's defaults too. */
export function assertHolds(stored: unknown, applied: unknown, path = 'spec'): void {
  if (typeof applied !== 'object' || applied === null) {
    assert.deepEqual(stored, applied, `${path} was lost or changed`)
    return
  }
  assert.ok(typeof stored === 'object' && stored !== null, `${path} was lost`)
  assert.equal(Array.isArray(stored), Array.isArray(applied), `${path} changed its type`)
  const found: Readonly<Record<string, unknown>> = { ...stored }
  for (const [key, value] of Object.entries(applied)) assertHolds(found[key], value, `${path}.${key}`)
}
