/** What a reconcile works with where nothing may reach beyond the sidecar: `dependenciesOf`. */
import { platform } from '../../../build/testdata/platform.ts'
import { refuse, refusingClient } from '../../../kube/testdata/refusing-client.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { Store } from '../../../runtime/store.ts'
import type { SidecarClient } from '../../../sidecar/client.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { noChain } from '../../shared/chain/testdata/no-chain.ts'
import { RolloutGate } from '../../shared/rollout-gate.ts'
import { NOW, PLAN_ID } from './objects.ts'

export interface SidecarDependencies extends NodeDependencies {
  readonly clock: ManualClock
  /** `host:port` of every sidecar that was dialled. */
  readonly dialled: string[]
}

/** Whoever asks the API server or looks up peers gets an error. */
export function dependenciesOf(sidecar: SidecarClient): SidecarDependencies {
  const dialled: string[] = []
  return {
    client: refusingClient,
    stores: {
      nodes: new Store(),
      nodesOnVolume: () => [],
      dataVolumes: new Store(),
      poolVolumes: new Store(),
      services: new Store(),
      statefulSets: new Store(),
      pods: new Store(),
      upgradePods: new Store(),
      networkPolicies: new Store(),
      policiesBySelection: () => [],
      storageClasses: new Store(),
      keyLeases: new Store(),
      leasesOfHolder: () => [],
      nodesOfKey: () => [],
    },
    dialSidecar: ({ host, port }) => {
      dialled.push(`${host}:${port}`)
      return sidecar
    },
    peers: { resolve: refuse },
    platform,
    chain: noChain,
    volumes: { finding: () => undefined, known: () => undefined, observeSize: () => undefined },
    gate: new RolloutGate({
      nodesInGroup: () => [],
      nodes: new Store(),
      pods: new Store(),
      maxRestarting: 1,
      chain: noChain,
      now: () => NOW,
    }),
    reservations: { namespace: 'sei-system', watched: [] },
    events: { event: refuse },
    clock: new ManualClock(NOW),
    newID: () => PLAN_ID,
    dialled,
  }
}
