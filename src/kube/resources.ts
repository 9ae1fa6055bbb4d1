/** The built-in kinds in use, with the types of their objects. */
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.d.ts'
import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { TokenReview } from 'kubernetes-types/authentication/v1.d.ts'
import type { SelfSubjectAccessReview, SubjectAccessReview } from 'kubernetes-types/authorization/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type {
  ConfigMap,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.d.ts'
import type { Event as NewEvent } from 'kubernetes-types/events/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { KubeObject, Resource } from './types.ts'

function namespaced<T extends KubeObject>(group: string, kind: string, plural: string): Resource<T> {
  return { group, version: 'v1', kind, plural, namespaced: true }
}

function clusterScoped<T extends KubeObject>(group: string, kind: string, plural: string): Resource<T> {
  return { group, version: 'v1', kind, plural, namespaced: false }
}

export const pods = namespaced<Pod>('', 'Pod', 'pods')
export const configMaps = namespaced<ConfigMap>('', 'ConfigMap', 'configmaps')
/** The operator only writes these. */
export const secrets = namespaced<Secret>('', 'Secret', 'secrets')
export const services = namespaced<Service>('', 'Service', 'services')
export const serviceAccounts = namespaced<ServiceAccount>('', 'ServiceAccount', 'serviceaccounts')
export const persistentVolumeClaims = namespaced<PersistentVolumeClaim>(
  '',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
)
export const events = namespaced<Event>('', 'Event', 'events')
/** Events in the newer API group, which is used for writes. */
export const eventsK8sIo = namespaced<NewEvent>('events.k8s.io', 'Event', 'events')
export const deployments = namespaced<Deployment>('apps', 'Deployment', 'deployments')
export const statefulSets = namespaced<StatefulSet>('apps', 'StatefulSet', 'statefulsets')
export const jobs = namespaced<Job>('batch', 'Job', 'jobs')
export const networkPolicies = namespaced<NetworkPolicy>('networking.k8s.io', 'NetworkPolicy', 'networkpolicies')
export const podDisruptionBudgets = namespaced<PodDisruptionBudget>(
  'policy',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
)
export const leases = namespaced<Lease>('coordination.k8s.io', 'Lease', 'leases')

export const nodes = clusterScoped<Node>('', 'Node', 'nodes')
export const namespaces = clusterScoped<Namespace>('', 'Namespace', 'namespaces')
export const persistentVolumes = clusterScoped<PersistentVolume>('', 'PersistentVolume', 'persistentvolumes')
export const storageClasses = clusterScoped<StorageClass>('storage.k8s.io', 'StorageClass', 'storageclasses')
export const customResourceDefinitions = clusterScoped<CustomResourceDefinition>(
  'apiextensions.k8s.io',
  'CustomResourceDefinition',
  'customresourcedefinitions',
)
export const tokenReviews = clusterScoped<TokenReview>('authentication.k8s.io', 'TokenReview', 'tokenreviews')
export const subjectAccessReviews = clusterScoped<SubjectAccessReview>(
  'authorization.k8s.io',
  'SubjectAccessReview',
  'subjectaccessreviews',
)
export const selfSubjectAccessReviews = clusterScoped<SelfSubjectAccessReview>(
  'authorization.k8s.io',
  'SelfSubjectAccessReview',
  'selfsubjectaccessreviews',
)
