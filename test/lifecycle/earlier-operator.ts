/** The objects of a SeiNode as the first-generation operator made them, field by field: `EarlierOperator`. */
import { randomUUID } from 'node:crypto'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import { seidInit } from '../../devcluster/sidecar/index.ts'
import type { StandInNodeOptions } from '../../devcluster/node/index.ts'
import { API_VERSION, NODE_FINALIZER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { TaskPlan } from '../../src/api/seinode-status.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import type { OwnerReference } from '../../src/kube/types.ts'
import { GENESIS_SPEC } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'
import type { Lane } from './lane.ts'
import type { LivingNode, SpecInput } from './living-node.ts'

/** Of its server-side applies; claims it created without naming a manager. */
const MANAGER = 'seinode-controller'
const CREATOR = 'manager'
const SIDECAR = 'ghcr.io/sei-protocol/seictl:v0.0.25'
const PORTS = { 'evm-rpc': 8545, 'evm-ws': 8546, grpc: 9090, p2p: 26656, rpc: 26657, metrics: 26660 }
/** Its pods named no chain, so that a genesis built into the sidecar was out of reach. */
const PARAMS: Readonly<Record<string, object>> = {
  'configure-genesis': { uri: 's3://genesis/arctic-1/genesis.json', region: 'us-east-2' },
  'config-apply': { mode: 'full', incremental: false, targetVersion: 0 },
}
const MOUNTS = [{ name: 'data', mountPath: '/sei' }]

/** Plays its seid-init, which had neither arguments nor environment of today's. */
export const runEarlierInit: NonNullable<StandInNodeOptions['runToCompletion']> = ({ command, env, volumes }) => {
  const home = volumes.get('/sei')
  if (!home || env['SEI_HOME'] !== undefined || !command.join(' ').includes('seid init')) return undefined
  seidInit(home, { chainId: GENESIS_SPEC.chainId, moniker: GENESIS_SPEC.chainId, overwrite: true })
  return { exitCode: 0 }
}

export interface Left {
  readonly spec?: SpecInput
  /** Tasks of the plan that are complete, of those that the sidecar is to run. */
  readonly tasks: readonly string[]
  /** The rest of the stored plan. */
  readonly rest?: TaskPlan['tasks']
  readonly phase: TaskPlan['phase']
}

export class EarlierOperator {
  readonly #lane: Lane

  constructor(lane: Lane) {
    this.#lane = lane
  }

  /** Leaves a node as that operator had it; everything of it counts as there before. */
  async leaves(name: string, { spec = GENESIS_SPEC, tasks, rest = [], phase }: Left): Promise<LivingNode> {
    const lane = this.#lane
    const { client, namespace } = lane.stage
    // Its seid waited for mark-ready in a shell, and the pod was not Ready until then.
    const isMarked = tasks.includes('mark-ready')
    lane.stage.node.setSeidReady(lane.stage.podKey(name), isMarked)
    await lane.create(name, { ...spec, sidecar: { image: SIDECAR } }, { finalizers: [NODE_FINALIZER] })
    const node = await until(`SeiNode ${name} to be seen`, () => lane.view.nodes.get(lane.view.key(name)))
    const metadata = { name, namespace, labels: { 'sei.io/node': name }, ownerReferences: [ownerOf(node)] }
    await client.create(persistentVolumeClaims, claim(metadata), { fieldManager: CREATOR })
    await client.apply(services, service(metadata), { fieldManager: MANAGER, force: true })
    await client.apply(statefulSets, statefulSet(metadata), { fieldManager: MANAGER, force: true })
    const pod = await until(`pod of ${name} to run`, () => running(lane.view.pods.get(lane.view.key(`${name}-0`))))
    const done: TaskPlan['tasks'] = []
    for (const type of tasks) done.push({ type, taskID: await this.#run(pod, type), status: 'Complete' })
    await until(`pod of ${name} to be Ready or not`, () =>
      isReady(lane.view.pods.get(lane.view.key(`${name}-0`))) === isMarked ? true : undefined,
    )
    const status = { phase: 'Running', initPlan: { phase, tasks: [...done, ...rest] } }
    await client.patch(seiNodes, { namespace, name }, { status }, { type: 'merge', subresource: 'status' })
    await until(`status of ${name} to be seen`, () => lane.view.nodes.get(lane.view.key(name))?.status?.initPlan)
    return lane.follow(name)
  }

  async #run(pod: Pod, type: string): Promise<string> {
    const id = randomUUID()
    const base = `http://${pod.status?.podIP}:7777/v0/tasks`
    await fetch(base, { method: 'POST', body: JSON.stringify({ id, type, params: PARAMS[type] }) })
    await until(`${type} of pod ${pod.metadata?.name} to be complete`, async () => {
      const answer = await fetch(`${base}/${id}`)
      return (await answer.text()).includes('"completed"') ? true : undefined
    })
    return id
  }
}

interface Metadata {
  readonly name: string
  readonly namespace: string
  readonly labels: Record<string, string>
  readonly ownerReferences: OwnerReference[]
}

function ownerOf({ metadata: { name, uid = '' } }: Readonly<SeiNode>): OwnerReference {
  return { apiVersion: API_VERSION, kind: 'SeiNode', name, uid, controller: true, blockOwnerDeletion: true }
}

function claim({ name, ...metadata }: Metadata): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, name: `data-${name}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1000Gi' } },
      storageClassName: 'gp3-10k-750',
    },
  }
}

function service(metadata: Metadata): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      clusterIP: 'None',
      selector: metadata.labels,
      publishNotReadyAddresses: true,
      ports: Object.entries(PORTS).map(([name, port]) => ({ name, port, targetPort: port, protocol: 'TCP' })),
    },
  }
}

function statefulSet(metadata: Metadata): StatefulSet {
  const { name, labels } = metadata
  const term = { matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'seid-node',
          shareProcessNamespace: true,
          tolerations: [{ key: 'sei.io/workload', value: 'sei-node', effect: 'NoSchedule' }],
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
          },
          initContainers: [seidInitContainer(), sidecarContainer()],
          containers: [seidContainer()],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${name}` } }],
        },
      },
    },
  }
}

type Container = NonNullable<NonNullable<StatefulSet['spec']>['template']['spec']>['containers'][number]

function seidInitContainer(): Container {
  const { chainId, image } = GENESIS_SPEC
  const script = `seid init ${chainId} --chain-id ${chainId} --home /sei --overwrite && mkdir -p /sei/tmp`
  return { name: 'seid-init', image, command: ['/bin/sh', '-c', script], volumeMounts: MOUNTS }
}

function sidecarContainer(): Container {
  return {
    name: 'sei-sidecar',
    image: SIDECAR,
    restartPolicy: 'Always',
    env: [
      { name: 'SEI_SIDECAR_PORT', value: '7777' },
      { name: 'SEI_HOME', value: '/sei' },
    ],
    ports: [{ name: 'sidecar', containerPort: 7777, protocol: 'TCP' }],
    volumeMounts: MOUNTS,
  }
}

/** It waited for the sidecar in a shell. */
function seidContainer(): Container {
  return {
    name: 'seid',
    image: GENESIS_SPEC.image,
    command: ['/bin/bash', '-c'],
    args: ['while true; do head -1 < /dev/tcp/localhost/7777 | grep -q 200 && break; sleep 5; done; exec seid'],
    env: [{ name: 'TMPDIR', value: '/sei/tmp' }],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    // It asked the sidecar, which shares the pod's address; stand-ins answer for their own container only.
    startupProbe: {
      httpGet: { path: '/lag_status', port: 26_657 },
      initialDelaySeconds: 5,
      periodSeconds: 5,
      failureThreshold: 86_400,
    },
    volumeMounts: MOUNTS,
  }
}

/** The pod, once its sidecar runs. */
function running(pod: Readonly<Pod> | undefined): Readonly<Pod> | undefined {
  const sidecar = pod?.status?.initContainerStatuses?.find(({ name }) => name === 'sei-sidecar')
  return sidecar?.state?.running ? pod : undefined
}

function isReady(pod: Readonly<Pod> | undefined): boolean | undefined {
  return pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
}
