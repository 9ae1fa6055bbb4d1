/** What a hand does to the objects of a node, case by case: `REPAIRS`. */
import type { PersistentVolumeClaim, Service } from 'kubernetes-types/core/v1.d.ts'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, ObjectKey, Resource } from '../../src/kube/types.ts'

export interface Repair {
  readonly title: string
  /** Of the node; its objects follow. */
  readonly name: string
  readonly spec?: Partial<SeiNodeSpec>
  readonly resource: Resource
  readonly prefix?: string
  readonly damage: (client: KubeClient, key: ObjectKey) => Promise<void>
  /** The object was deleted, so it must be recreated. */
  readonly isRemoved?: true
}

type Damage = Repair['damage']

function patch(resource: Resource, body: unknown, type: 'merge' | 'json' = 'merge'): Damage {
  return async (client, key) => void (await client.patch(resource, key, body, { type }))
}

function remove(resource: Resource, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Damage {
  return async (client, key) => {
    const object = await client.get(resource, key)
    await client.delete(resource, key, { uid: object?.metadata?.uid ?? '', propagationPolicy })
  }
}

function edit<T extends KubeObject>(resource: Resource<T>, change: (object: T) => void): Damage {
  return async (client, key) => {
    const object = await client.get(resource, key)
    if (!object) throw new Error(`there is no ${resource.kind} ${key.name}`)
    // Unconditionally, as a manual edit does.
    delete object.metadata?.resourceVersion
    change(object)
    await client.replace(resource, object)
  }
}

const NO_LABEL = { metadata: { labels: { 'sei.io/node': null } } }
const NO_OWNER = { metadata: { ownerReferences: null } }

function imageOf(set: StatefulSet): void {
  const seid = set.spec?.template.spec?.containers[0]
  if (seid) seid.image = 'somebody/else:v1'
}

function variableOf(set: StatefulSet): void {
  const sidecar = set.spec?.template.spec?.initContainers?.find(({ name }) => name === 'sei-sidecar')
  for (const variable of sidecar?.env ?? []) if (variable.name === 'SEI_CHAIN_ID') variable.value = 'pacific-1'
}

function portsOf(service: Service): void {
  if (service.spec) service.spec.ports = service.spec.ports?.filter(({ name }) => name !== 'p2p') ?? []
}

function labelsOf(claim: PersistentVolumeClaim): void {
  if (claim.metadata) claim.metadata.labels = { mine: 'yes' }
}

const volume = { resource: persistentVolumeClaims, prefix: 'data-' }

export const REPAIRS: readonly Repair[] = [
  { title: 'an image', name: 'image', resource: statefulSets, damage: edit(statefulSets, imageOf) },
  {
    title: 'no replicas',
    name: 'replicas',
    resource: statefulSets,
    damage: patch(statefulSets, { spec: { replicas: 0 } }),
  },
  { title: 'a variable', name: 'variable', resource: statefulSets, damage: edit(statefulSets, variableOf) },
  {
    title: 'a shorter grace period',
    name: 'grace',
    resource: statefulSets,
    damage: patch(statefulSets, { spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } }),
  },
  { title: 'no node label', name: 'set-label', resource: statefulSets, damage: patch(statefulSets, NO_LABEL) },
  { title: 'no owner', name: 'set-owner', resource: statefulSets, damage: patch(statefulSets, NO_OWNER) },
  {
    title: 'deleted',
    name: 'set-deleted',
    resource: statefulSets,
    damage: remove(statefulSets, 'Background'),
    isRemoved: true,
  },
  {
    title: 'deleted, and its pod orphaned',
    name: 'set-orphan',
    resource: statefulSets,
    damage: remove(statefulSets, 'Orphan'),
    isRemoved: true,
  },
  {
    title: 'deleted after its pod',
    name: 'set-foreground',
    resource: statefulSets,
    damage: remove(statefulSets, 'Foreground'),
    isRemoved: true,
  },
  {
    title: 'another selector',
    name: 'selector',
    resource: services,
    damage: patch(services, { spec: { selector: { 'sei.io/node': 'another' } } }),
  },
  {
    title: 'a narrower selector',
    name: 'narrow',
    resource: services,
    damage: patch(services, { spec: { selector: { more: 'yes' } } }),
  },
  { title: 'a port less', name: 'port', resource: services, damage: edit(services, portsOf) },
  {
    title: 'addresses only when ready',
    name: 'unready',
    resource: services,
    damage: patch(services, { spec: { publishNotReadyAddresses: false } }),
  },
  { title: 'no node label', name: 'service-label', resource: services, damage: patch(services, NO_LABEL) },
  { title: 'no owner', name: 'service-owner', resource: services, damage: patch(services, NO_OWNER) },
  {
    title: 'deleted',
    name: 'service-deleted',
    resource: services,
    damage: remove(services, 'Background'),
    isRemoved: true,
  },
  { title: 'no node label', name: 'volume-label', ...volume, damage: patch(persistentVolumeClaims, NO_LABEL) },
  { title: 'labels of a hand', name: 'volume-labels', ...volume, damage: edit(persistentVolumeClaims, labelsOf) },
  { title: 'no owner', name: 'volume-owner', ...volume, damage: patch(persistentVolumeClaims, NO_OWNER) },
  {
    title: 'no node label, though it is retained and so has no owner',
    name: 'retained-label',
    spec: { storage: { retainOnDelete: true } },
    ...volume,
    damage: patch(persistentVolumeClaims, NO_LABEL),
  },
  {
    title: 'no finalizer',
    name: 'finalizer',
    resource: seiNodes,
    damage: patch(seiNodes, { metadata: { finalizers: null } }),
  },
]
