/** A setting that was stored before it was refused is reported, with what it costs the pool. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { platform } from '../../build/testdata/platform.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import { validatePool } from './validate.ts'

test('R1: a pool with a refused override says that its SeiNodes cannot be created again', () => {
  const nodeConfiguration = { nodeCount: 1, image: 'seid:v1', overrides: { 'evm.http_port': '18545' } }
  const facts = { claims: [], classExists: () => true, canGrow: () => true }
  const { reason, message } = validatePool(seiNodePool('net', { nodeConfiguration }), facts, platform)
  assert.equal(reason, 'SettingRefused')
  assert.match(
    message,
    /overrides: evm\.http_port must be .*a SeiNode of the pool that is deleted cannot be created again$/,
  )
})
