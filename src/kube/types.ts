/** Common types of Kubernetes objects, and `Resource`, which identifies a kind. */

/** One owner of an object, as the garbage collector reads it. */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: unknown[]
}

export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
}

/** The group, version and kind of objects of type `T`. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Lower-case plural, as in the request path. */
  readonly plural: string
  readonly namespaced: boolean
  /** Holds the type `T`; never set. */
  readonly __type?: T
}

export interface ObjectKey {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string
  readonly name: string
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: WatchEventType
  readonly object: T
}

export interface ObjectList<T extends KubeObject> {
  readonly items: readonly T[]
  /** The resourceVersion from which a watch continues this list. */
  readonly resourceVersion: string
}
