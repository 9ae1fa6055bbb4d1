/** What the operator publishes of itself, and what becomes of a refusal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts'
import { createLogger } from '../runtime/log.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { readPlatform } from './environment.ts'
import { readSettings, settingsPublisher } from './published-settings.ts'
import { VERSION } from './version.ts'

const platform = readPlatform({ SEI_STORAGE_CLASS_PERF: 'fast', SEI_NODE_NETWORK_POLICIES: 'false' })

/** @param refusals how often the API server refuses it */
function published(refusals: number): { done: Promise<void>; found: ConfigMap[]; log: string[]; clock: ManualClock } {
  const clock = new ManualClock()
  const found: ConfigMap[] = []
  const log: string[] = []
  let left = refusals
  const publisher = settingsPublisher({
    apply: async configMap => {
      if (left-- > 0) throw new Error('forbidden')
      found.push(configMap)
    },
    namespace: 'operators',
    namespaces: ['a', 'b'],
    platform,
    operatorImage: () => Promise.resolve('registry.example/operator:v9'),
    clock,
    log: createLogger({ level: 'info', format: 'text', destination: { write: line => void log.push(line) } }),
  })
  const signal = new AbortController().signal
  return { done: publisher.run(signal, signal), found, log, clock }
}

test('version, namespaces and every variable can be read again', async () => {
  const { done, found } = published(0)
  await done
  assert.deepEqual(found.map(readSettings), [
    {
      version: VERSION,
      namespaces: ['a', 'b'],
      platform: { ...platform, operatorImage: 'registry.example/operator:v9' },
    },
  ])
  assert.equal(found[0]?.metadata?.namespace, 'operators')
})

test('a refusal is logged, and tried again', async () => {
  const { done, found, log, clock } = published(2)
  await clock.advance(1_000)
  await clock.advance(2_000)
  await done
  assert.equal(found.length, 1)
  assert.equal(log.filter(line => /the settings could not be published/.test(line)).length, 2)
})
