/** Runs the operator's own reconciles on a copy of the cluster until nothing is left to do: `simulate`. */
import {
  CONSENSUS_ADDRESS_LABEL,
  NODE_LABEL,
  POOL_JOB_LABEL,
  POOL_LABEL,
  UPGRADE_POD_LABEL,
} from '../../../api/names.ts'
import { seiNodePools, seiNodes } from '../../../api/resources.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { PlatformConfig } from '../../../build/platform.ts'
import { dataVolumeKey } from '../../../controllers/seinode/children/data-volume.ts'
import { selectionOf } from '../../../controllers/seinode/children/network-policy.ts'
import type { NodeDependencies } from '../../../controllers/seinode/dependencies.ts'
import { NodeLocalStates } from '../../../controllers/seinode/local-state.ts'
import { reconcileNode } from '../../../controllers/seinode/reconcile.ts'
import type { PoolDependencies } from '../../../controllers/seinodepool/dependencies.ts'
import { reconcilePool } from '../../../controllers/seinodepool/reconcile.ts'
import { VerifiedChildren } from '../../../controllers/shared/children/verified-children.ts'
import { LocalStates } from '../../../controllers/shared/local-state.ts'
import type { Requeue } from '../../../controllers/shared/requeue.ts'
import { groupOf, poolOf, RolloutGate } from '../../../controllers/shared/rollout-gate.ts'
import {
  jobs,
  leases,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
  storageClasses,
} from '../../../kube/resources.ts'
import type { KubeObject } from '../../../kube/types.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { SimulatedChain } from './chain.ts'
import { Journal } from './journal.ts'
import { Machines } from './machines.ts'
import { simulatedSidecars } from './sidecars.ts'
import { worldClient } from './world-client.ts'
import type { World } from './world.ts'

/** Nodes of one chain that restart at once, unless the operator is told otherwise. */
const MAX_RESTARTING = 1
/** What is due later is none of the change's. Milliseconds. */
const HORIZON_MS = 120_000
/** In a row, each with nothing to do. */
const MAX_PAUSES = 8
const MAX_ROUNDS = 2_000

export interface SimulationOptions {
  readonly platform: PlatformConfig
  /** The operator's own. */
  readonly ownNamespace: string
  /** Keys of the SeiNodes and SeiNodePools that are reconciled, and with the pools their nodes. */
  readonly keys: ReadonlySet<string>
  readonly mayReadClasses: boolean
  readonly newID: () => string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signal: AbortSignal
}

export interface Simulation {
  readonly journal: Journal
  /** By key of a SeiNode or SeiNodePool, what its last reconcile failed with. */
  readonly failures: ReadonlyMap<string, string>
  /** False: it was ended before it came to rest. */
  readonly isSettled: boolean
}

interface Task {
  readonly key: string
  readonly reconcile: () => Promise<Requeue | undefined>
}

export async function simulate(world: World, options: SimulationOptions): Promise<Simulation> {
  const { keys, signal } = options
  const clock = new ManualClock(options.now)
  const journal = new Journal()
  const machines = new Machines(world, journal, () => new Date(clock.now()).toISOString())
  const { ofNodes, ofPools } = dependenciesOf(world, machines, journal, clock, options)
  const nodeStates = new NodeLocalStates()
  const poolStates = new LocalStates(() => new VerifiedChildren())
  const failures = new Map<string, string>()
  const isOfPool = (node: SeiNode): boolean => keys.has(`SeiNodePool ${node.metadata.namespace}/${poolOf(node)}`)
  const tasks = (): readonly Task[] => [
    ...world
      .list(seiNodePools)
      .map(keyOf)
      .flatMap((key): readonly Task[] => {
        const name = `SeiNodePool ${key}`
        return keys.has(name) ? [{ key: name, reconcile: () => reconcilePool(key, poolStates, ofPools, signal) }] : []
      }),
    ...world.list(seiNodes).flatMap((node): readonly Task[] => {
      const key = keyOf(node)
      const name = `SeiNode ${key}`
      if (!keys.has(name) && !isOfPool(node)) return []
      return [{ key: name, reconcile: () => reconcileNode(key, nodeStates, ofNodes, signal) }]
    }),
  ]
  for (let round = 0, pauses = 0; round < MAX_ROUNDS; round += 1) {
    const before = world.version + journal.length
    const delay = await runAll(tasks(), machines, failures, signal)
    if (world.version + journal.length !== before) pauses = 0
    else if (delay === undefined || delay > HORIZON_MS || pauses === MAX_PAUSES)
      return { journal, failures, isSettled: true }
    else {
      pauses += 1
      clock.jump(Math.max(delay, 1))
    }
  }
  return { journal, failures, isSettled: false }
}

/** @returns when the next has something to do, milliseconds */
async function runAll(
  tasks: readonly Task[],
  machines: Machines,
  failures: Map<string, string>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const delays: number[] = []
  for (const { key, reconcile } of tasks) {
    try {
      const { requeueAfterMs, backoffMaxMs } = (await reconcile()) ?? {}
      delays.push(...[requeueAfterMs, backoffMaxMs].filter(ms => ms !== undefined))
      failures.delete(key)
    } catch (error) {
      signal.throwIfAborted()
      failures.set(key, error instanceof Error ? error.message : String(error))
    }
    machines.settle()
  }
  return delays.length === 0 ? undefined : Math.min(...delays)
}

function dependenciesOf(
  world: World,
  machines: Machines,
  journal: Journal,
  clock: ManualClock,
  { platform, ownNamespace, mayReadClasses, newID }: SimulationOptions,
): { readonly ofNodes: NodeDependencies; readonly ofPools: Omit<PoolDependencies, 'verified'> } {
  const nodes = world.store(seiNodes)
  const nodePods = world.store(pods, labelled(NODE_LABEL))
  const poolVolumes = world.store(persistentVolumeClaims, labelled(POOL_LABEL))
  const policies = world.store(networkPolicies)
  const keyLeases = world.store(leases, labelled(CONSENSUS_ADDRESS_LABEL))
  const classes = world.store(storageClasses)
  classes.isReadable = mayReadClasses
  const chain = new SimulatedChain(world, clock)
  const gate = new RolloutGate({
    nodesInGroup: nodes.index(node => [groupOf(node)]),
    nodes,
    pods: nodePods,
    maxRestarting: MAX_RESTARTING,
    chain,
    now: () => clock.now(),
  })
  const shared = {
    client: worldClient(world),
    platform,
    chain,
    volumes: { finding: () => undefined, known: () => undefined, observeSize: () => undefined },
    gate,
    clock,
    events: { event: () => undefined },
  }
  return {
    ofNodes: {
      ...shared,
      newID,
      reservations: { namespace: ownNamespace, watched: [] },
      dialSidecar: simulatedSidecars(world, machines, journal),
      peers: { resolve: () => Promise.reject(new Error('a simulated operator looks up no peers')) },
      stores: {
        nodes,
        nodesOnVolume: nodes.index(node => [dataVolumeKey(node)]),
        dataVolumes: world.store(persistentVolumeClaims, labelled(NODE_LABEL)),
        poolVolumes,
        services: world.store(services, labelled(NODE_LABEL)),
        statefulSets: world.store(statefulSets, labelled(NODE_LABEL)),
        pods: nodePods,
        upgradePods: world.store(pods, labelled(UPGRADE_POD_LABEL)),
        networkPolicies: policies,
        policiesBySelection: policies.index(policy => [selectionOf(policy)]),
        storageClasses: classes,
        keyLeases,
        leasesOfHolder: keyLeases.index(({ spec }) => (spec?.holderIdentity ? [spec.holderIdentity] : [])),
        nodesOfKey: nodes.index(({ status }) => (status?.validator ? [status.validator.consensusAddress] : [])),
      },
    },
    ofPools: {
      ...shared,
      operatorImage: () => Promise.resolve(platform.operatorImage),
      stores: {
        pools: world.store(seiNodePools),
        nodes,
        volumes: poolVolumes,
        jobs: world.store(jobs, labelled(POOL_LABEL)),
        disruptionBudgets: world.store(podDisruptionBudgets, labelled(POOL_LABEL)),
        networkPolicies: policies,
        jobPods: world.store(pods, labelled(POOL_JOB_LABEL)),
        nodePods,
        storageClasses: classes,
      },
    },
  }
}

function labelled(label: string): (object: Readonly<KubeObject>) => boolean {
  return ({ metadata }) => metadata?.labels?.[label] !== undefined
}
