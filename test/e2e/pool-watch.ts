/** Counts a pool's Ready pods during a change: `watchReadiness`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'

import type { KubeClient } from '../../src/kube/client.ts'
import { pods } from '../../src/kube/resources.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { NAMESPACE } from './pool-fixture.ts'

export interface ReadinessWatch {
  /** The smallest number of Ready pods at any moment since the start. */
  readonly fewestReady: number
  stop(): Promise<void>
}

/** From every event of the API server, so that no moment is missed. Resolves when the pods are known. */
export async function watchReadiness(client: KubeClient, names: readonly string[]): Promise<ReadinessWatch> {
  const stopping = new AbortController()
  const log = createLogger({ level: 'warn', format: 'text' })
  const informer = new Informer<Pod>({ client, resource: pods, namespaces: [NAMESPACE], log, clock: systemClock })
  const running = informer.run(stopping.signal)
  await informer.synced
  let fewestReady = names.length
  const count = (): void => {
    const ready = names.filter(name => {
      const pod = informer.store.get(`${NAMESPACE}/${name}`)
      return pod !== undefined && isPodReady(pod)
    })
    fewestReady = Math.min(fewestReady, ready.length)
  }
  count()
  const unsubscribe = informer.store.subscribe(count)
  return {
    get fewestReady() {
      return fewestReady
    },
    stop: async () => {
      unsubscribe()
      stopping.abort()
      await running
    },
  }
}
