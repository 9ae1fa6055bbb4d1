/**
 * What the sample pool is built into, against a file. A change of a SeiNode rolls the pool when the operator is upgraded, so
 * it must be meant: `UPDATE_GOLDEN=1 node --test src/build/pool/golden.test.ts` writes the file anew,
 * `oxfmt src/build/testdata` makes it readable.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { platform } from '../testdata/platform.ts'
import { samplePool } from '../testdata/pools.ts'
import { buildDisruptionBudget } from './disruption-budget.ts'
import { buildGenesisJob } from './genesis-job.ts'
import { poolNames } from './names.ts'
import { buildPoolNetworkPolicy } from './network-policy.ts'
import { buildPoolNode } from './node.ts'
import { buildPrepJob } from './prep-job.ts'
import { buildGenesisVolume, buildPoolDataVolume } from './volume.ts'

const GOLDEN = join(import.meta.dirname, '../testdata/golden/pool-devnet.json')
const PEERS = '0123456789abcdef0123456789abcdef01234567@devnet-1-0.devnet-1.sei.svc.cluster.local:26656'

test('R2: the objects of the sample pool and of its first node are the ones on file', () => {
  const pool = samplePool()
  const [first] = poolNames(pool).nodes
  assert.ok(first)
  const state = { live: undefined, resizing: { canGrow: true } }
  const objects = [
    buildGenesisVolume(pool, platform, state),
    buildPoolDataVolume(pool, first, platform, state),
    buildGenesisJob(pool, platform, 'uid-of-genesis'),
    buildPrepJob(pool, first, platform, { genesisUID: 'uid-of-genesis', dataUID: 'uid-of-data' }),
    buildPoolNode(pool, first, PEERS),
    buildPoolNetworkPolicy(pool, platform),
    buildDisruptionBudget(pool),
  ]
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(GOLDEN, JSON.stringify(objects))
  assert.deepEqual(objects, JSON.parse(readFileSync(GOLDEN, 'utf8')))
})
