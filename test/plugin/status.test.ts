/** `kubectl sei status` on a real control plane. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PluginFixture } from './plugin-fixture.ts'

let fixture: PluginFixture

before(async () => {
  fixture = await PluginFixture.open()
  await Promise.all([fixture.pools.create('devnet', 4), fixture.pools.base.create('rpc-0')])
  await Promise.all([fixture.pools.untilReady('devnet'), fixture.pools.base.untilRunning('rpc-0')])
})
after(() => fixture[Symbol.asyncDispose]())

test('x', async () => {
  const a = await fixture.run(['status'])
  console.log(a.stdout, a.stderr)
  for (const args of [
    ['status', 'devnet-1'],
    ['status', 'devnet'],
    ['status', 'rpc-0'],
  ]) {
    const b = await fixture.run(args)
    console.log(b.stdout, b.stderr)
  }
  assert.ok(a)
})
