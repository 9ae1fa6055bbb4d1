/** Tests of seid as the process of a container: what its probes may ask. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { gatedPod } from './pod-fixture.ts'
import { podPlan } from './pod-plan.ts'
import { SeidProcess } from './seid-process.ts'

async function start(readyMs: number) {
  const clock = new ManualClock()
  const container = podPlan(gatedPod()).containers.find(({ name }) => name === 'seid')
  assert(container)
  const context = { namespace: 'sei', pod: 'node-0', podIP: '127.1.0.1', container, volumes: new Map(), clock }
  return { clock, seid: await SeidProcess.start({ ...context, onChange: () => {} }, { readyMs }) }
}

test('seid answers probes of its RPC port and paths alone', async () => {
  const { seid } = await start(0)
  const asked = [
    { path: '/lag_status', port: 26657 },
    { path: '/health', port: 26657 },
    { path: '/healthz', port: 26657 },
    { path: '/lag_status', port: 26656 },
  ]
  assert.deepEqual(
    asked.map(probe => seid.answers(probe)),
    [true, true, false, false],
  )
})

test('seid answers once it is ready', async () => {
  const { seid, clock } = await start(500)
  const probe = { path: '/lag_status', port: 26657 }
  assert.equal(seid.answers(probe), false)
  await clock.advance(500)
  assert.equal(seid.answers(probe), true)
})
