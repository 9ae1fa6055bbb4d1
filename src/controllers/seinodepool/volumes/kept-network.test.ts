/** Kept volumes that are refused by what they say, before anything is written or run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodePool } from '../../../build/testdata/pools.ts'
import { otherNetwork } from './kept-network.ts'

const pool = seiNodePool('net')

function claim(name: string, marks: Record<string, string>): PersistentVolumeClaim {
  const annotations = Object.fromEntries(Object.entries(marks).map(([key, value]) => [`sei.io/${key}`, value]))
  return { metadata: { name, annotations } }
}

const NETWORK = { 'ceremony-chain': 'devnet-1', 'ceremony-genesis': 'aa' }
const genesis = claim('net-genesis-data', { ...NETWORK, 'ceremony-nodes': '4' })
const unmarked = claim('net-genesis-data', {})
const made = claim('net-genesis-data', { 'made-by': 'uid-of-net' })
const data = claim('data-net-0', NETWORK)
const plain = claim('data-net-1', {})

const rows: readonly (readonly [
  title: string,
  genesis: PersistentVolumeClaim | undefined,
  data: readonly (PersistentVolumeClaim | undefined)[],
  refused?: RegExp,
])[] = [
  ['nothing is there', undefined, [undefined]],
  ['all is of the network', genesis, [data, plain, undefined]],
  ['the genesis volume says nothing, and its Job finds out', unmarked, [data]],
  ['data volumes say nothing, and their Jobs find out', undefined, [plain]],
  ['the pool’s own new genesis volume', made, [plain]],
  [
    'the genesis is of another chain',
    claim('net-genesis-data', { 'ceremony-chain': 'other-1', 'ceremony-nodes': '4' }),
    [],
    /holds the genesis of chain other-1 with 4 nodes, but this pool is of chain devnet-1 with 4\. Create the pool with the settings of that network/,
  ],
  [
    'the genesis is of more nodes',
    claim('net-genesis-data', { 'ceremony-chain': 'devnet-1', 'ceremony-nodes': '5' }),
    [],
    /chain devnet-1 with 5 nodes/,
  ],
  [
    'a data volume is of another chain',
    genesis,
    [data, claim('data-net-1', { 'ceremony-chain': 'x-1' })],
    /data-net-1, .* holds a validator of chain x-1/,
  ],
  [
    'a data volume is of another genesis',
    genesis,
    [claim('data-net-2', { ...NETWORK, 'ceremony-genesis': 'bb' })],
    /data-net-2, .*SHA-256 bb, but .*net-genesis-data holds the genesis with aa/,
  ],
  [
    'the genesis volume of kept data volumes is gone',
    undefined,
    [data],
    /data-net-0, retained .*SHA-256 aa, whose volume does not exist\. Bind PersistentVolumeClaim net-genesis-data.*Deleting this pool does not delete these claims/,
  ],
  ['the pool has made another genesis volume meanwhile', made, [data], /data-net-0, .*whose volume does not exist/],
]

for (const [title, found, volumes, refused] of rows) {
  test(`R2: kept volumes are ${refused ? 'refused' : 'not refused'}: ${title}`, () => {
    const message = otherNetwork(pool, { genesis: found, data: volumes })
    if (!refused) return assert.equal(message, undefined)
    assert.match(message ?? '', refused)
    assert.match(message ?? '', /Deleting this pool does not delete these claims/)
  })
}
