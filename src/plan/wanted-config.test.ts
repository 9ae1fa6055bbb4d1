/** What a config-apply of the largest spec sets is in status whole, the keys of the plan before it too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_NODE_OVERRIDES, MAX_OVERRIDE_KEYS } from '../api/limits.ts'
import { seiNode } from '../build/testdata/nodes.ts'
import { platform } from '../build/testdata/platform.ts'
import { advance, newPlan } from './task-plan.ts'
import { wantedConfig } from './wanted-config.ts'

const overridesOf = (prefix: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: MAX_NODE_OVERRIDES }, (_, i) => [`${prefix}.k${i}`, 'x']))

function largest(prefix: string): ReturnType<typeof wantedConfig> {
  const node = seiNode('a', {
    chainId: 'devnet',
    mode: 'validator',
    genesis: { s3: { uri: 's3://genesis/devnet.json', region: 'us-east-2' } },
    peers: [{ static: { addresses: [`${'ab'.repeat(20)}@a.example:26656`] } }],
    snapshotGeneration: { keepRecent: 2 },
    overrides: overridesOf(prefix),
  })
  return wantedConfig(node, platform)
}

test('the most overrides, and those of the operator, replaced by as many others: no key is lost', () => {
  const [before, after] = [largest('a'), largest('b')]
  const plan = { ...newPlan(['config-apply'], 'volume'), overrideKeys: before.overrideKeys }
  const { overrideKeys = [] } = advance(plan, { kind: 'accepted', taskID: 'id', config: after }, '2026-05-01T12:00:00Z')
  assert.deepEqual(new Set(overrideKeys), new Set([...before.overrideKeys, ...after.overrideKeys]))
  assert.ok(overrideKeys.length > MAX_NODE_OVERRIDES * 2 && overrideKeys.length <= MAX_OVERRIDE_KEYS)
})
