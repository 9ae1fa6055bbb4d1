/** What the operator publishes of itself, and what becomes of a refusal. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts'
import { createLogger } from '../runtime/log.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { readPlatform } from './environment.ts'
import { readSettings, settingsPublisher } from './published-settings.ts'
import { VERSION } from './version.ts'

const platform = readPlatform({ SEI_STORAGE_CLASS_PERF: 'fast', SEI_NODE_NETWORK_POLICIES: 'false' })

interface Published {
  readonly found: readonly ConfigMap[]
  readonly log: readonly string[]
  readonly clock: ManualClock
}

/** @param refusals which attempts the API server refuses, counted from 0 */
async function published(t: TestContext, refusals: readonly number[] = []): Promise<Published> {
  const clock = new ManualClock()
  const found: ConfigMap[] = []
  const log: string[] = []
  let attempt = 0
  const publisher = settingsPublisher({
    apply: async configMap => {
      if (refusals.includes(attempt++)) throw new Error('forbidden')
      found.push(configMap)
    },
    namespace: 'operators',
    namespaces: ['a', 'b'],
    platform,
    operatorImage: () => Promise.resolve('registry.example/operator:v9'),
    clock,
    log: createLogger({ level: 'info', format: 'text', destination: { write: line => void log.push(line) } }),
  })
  const stop = new AbortController()
  const ended = publisher.run(stop.signal, stop.signal)
  t.after(() => {
    stop.abort()
    return ended
  })
  await clock.advance(0)
  return { found, log, clock }
}

test('version, namespaces and every variable can be read again', async t => {
  const { found } = await published(t)
  assert.deepEqual(found.map(readSettings), [
    {
      version: VERSION,
      namespaces: ['a', 'b'],
      platform: { ...platform, operatorImage: 'registry.example/operator:v9' },
    },
  ])
  assert.equal(found[0]?.metadata?.namespace, 'operators')
})

test('a refusal is logged, and tried again', async t => {
  const { found, log, clock } = await published(t, [0, 1])
  await clock.advance(1_000)
  assert.equal(found.length, 0)
  await clock.advance(2_000)
  assert.equal(found.length, 1)
  assert.equal(log.filter(line => /the settings could not be published/.test(line)).length, 2)
})

test('they are published every hour, so that one who deletes or edits them does not leave them so', async t => {
  const { found, log, clock } = await published(t, [1])
  await clock.advance(3_599_000)
  assert.equal(found.length, 1)
  // Refused once, then tried again as soon as the first attempt was.
  await clock.advance(2_000)
  assert.equal(found.length, 2)
  await clock.advance(3_600_000)
  assert.equal(found.length, 3)
  assert.deepEqual(found[2], found[0])
  assert.equal(log.length, 1)
})
