/** What the controllers have the API server tell them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { platform } from '../build/testdata/platform.ts'
import type { KubeClient } from '../kube/client.ts'
import { refuse, refusingClient } from '../kube/testdata/refusing-client.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { createLogger } from '../runtime/log.ts'
import { Metrics } from '../runtime/metrics.ts'
import { createControllers } from './index.ts'

test('failure mode 40: of kinds that others have many of, only labelled objects are held in memory', async () => {
  const stop = new AbortController()
  const asked: { readonly plural: string; readonly labelSelector: string | undefined }[] = []
  const client: Pick<KubeClient, 'list'> = {
    list: ({ plural }, { labelSelector } = {}) => {
      asked.push({ plural, labelSelector })
      if (asked.length === informers.length) stop.abort()
      return Promise.reject(new Error('there is no server'))
    },
  }
  const { informers } = createControllers({
    client: { ...refusingClient, ...client },
    dialSidecar: refuse,
    peers: { resolve: refuse },
    seid: { status: refuse, peers: refuse, signers: refuse, upgrade: refuse },
    chainIntervalMs: 15_000,
    missedShare: 0.5,
    kubelets: { volumes: refuse },
    volumeIntervalMs: 60_000,
    operatorImage: refuse,
    platform,
    events: { event: refuse },
    clock: new ManualClock(0),
    newID: () => '',
    log: createLogger({ level: 'error', format: 'json' }),
    metrics: new Metrics(),
    namespaces: [],
    maxRestarting: 1,
    ownNamespace: 'sei-system',
    concurrency: 1,
  })
  await Promise.all(informers.map(informer => informer.run(stop.signal)))
  // Our own kinds, one that every cluster has few of, and one where those of others decide what the operator's own allow.
  const whole = asked.filter(({ labelSelector }) => labelSelector === undefined).map(({ plural }) => plural)
  assert.deepEqual(new Set(whole), new Set(['seinodes', 'seinodepools', 'storageclasses', 'networkpolicies']))
  assert.ok(asked.every(({ labelSelector }) => labelSelector === undefined || labelSelector.startsWith('sei.io/')))
})
