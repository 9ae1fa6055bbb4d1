/** Brings one child of a SeiNode or SeiNodePool to its desired state, without ever touching an object of someone else: `applyChild`. */
import { FIELD_MANAGER } from '../../api/names.ts'
import { isApplied } from '../../build/applied-hash.ts'
import type { KubeClient } from '../../kube/client.ts'
import { ApiError, isAlreadyExists, isPassing } from '../../kube/errors.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import { firstDifference } from '../../lib/subset.ts'
import type { Store } from '../../runtime/store.ts'
import { isTerminating } from './deletion.ts'
import { isOwn, type Owner, ownershipOf } from './ownership.ts'
import { takeOverFields } from './take-over-fields.ts'
import type { VerifiedChildren } from './verified-children.ts'

export type ChildState<T extends KubeObject> =
  | { readonly kind: 'applied'; readonly object: Readonly<T> }
  /** Left alone; `message` says what stands there and what to do. It is there all the same: `standing`. */
  | { readonly kind: 'foreign'; readonly message: string; readonly standing: Readonly<T> }
  /** The child cannot be used yet: it is being deleted, or what is on it is to be found out first. */
  | { readonly kind: 'terminating'; readonly message: string; readonly standing: Readonly<T> }
  /** The API server will not have it: a quota, a webhook that refuses or is down, an older schema. `object` stands as it was, if there is one. */
  | { readonly kind: 'refused'; readonly message: string; readonly object?: Readonly<T> }

export interface Child<T extends KubeObject> {
  readonly resource: Resource<T>
  readonly store: Store<T>
  /** In the namespace of its owner. */
  readonly name: string
  /** The desired object; fields that cannot change are taken from the live one. */
  readonly build: (live: Readonly<T> | undefined) => T
  /** Absent: it is built and compared every time. */
  readonly memo?: {
    readonly verified: VerifiedChildren
    /** Everything that `build` reads beside the live object, and that may change. JSON. */
    readonly inputs: unknown
  }
}

/** An object in the way may be deleted between the attempt to create ours and the look at it: its name is free then. */
const CREATE_ATTEMPTS = 2

/**
 * Writes nothing when the live object holds all that is desired. A missing object is created by a request that the API
 * server refuses where one of that name exists; an existing one is changed only if its UID is the one that was looked at.
 * Rejects with what passes by itself (`isPassing`), such as a conflict: the reconcile is tried again.
 */
export async function applyChild<T extends KubeObject>(
  client: KubeClient,
  owner: Owner,
  child: Child<T>,
  signal: AbortSignal,
): Promise<ChildState<T>> {
  const { resource, store, name, build, memo } = child
  const cached = store.get(`${owner.metadata.namespace}/${name}`)
  try {
    const found = cached ? { object: cached, isNew: false } : await createOrFind(client, owner, child, signal)
    if (found.isNew) return { kind: 'applied', object: found.object }
    const live = found.object
    const state = judge(resource, live, owner)
    if (state) return state
    if (memo?.verified.has(resource.kind, live, memo.inputs)) return { kind: 'applied', object: live }
    const desired = build(live)
    if (firstDifference(desired, live) === undefined) {
      memo?.verified.note(resource.kind, live, memo.inputs)
      return { kind: 'applied', object: live }
    }
    if (!isApplied(live)) await takeOverFields(client, resource, live, owner, signal)
    const meant = { ...desired, metadata: { ...desired.metadata, uid: live.metadata?.uid } }
    const object = await client.apply(resource, meant, { fieldManager: FIELD_MANAGER, force: true, signal })
    store.observeWrite(object)
    return { kind: 'applied', object }
  } catch (error) {
    if (!(error instanceof ApiError) || isPassing(error)) throw error
    const isOurs = cached !== undefined && isOwn(cached, owner)
    return { kind: 'refused', message: error.message, ...(isOurs ? { object: cached } : {}) }
  }
}

/** Undefined where an object of that name exists already. */
async function create<T extends KubeObject>(
  client: KubeClient,
  { resource, store, build }: Child<T>,
  signal: AbortSignal,
): Promise<Readonly<T> | undefined> {
  try {
    const options = { fieldManager: FIELD_MANAGER, createOnly: true, signal }
    const object = await client.apply(resource, build(undefined), options)
    store.observeWrite(object)
    return object
  } catch (error) {
    if (isAlreadyExists(error)) return undefined
    throw error
  }
}

/** A new object, or the one that the cache, which selects by label, lacks: someone else's, or one without its label. */
async function createOrFind<T extends KubeObject>(
  client: KubeClient,
  { metadata: { namespace = '' } }: Owner,
  child: Child<T>,
  signal: AbortSignal,
): Promise<{ readonly object: Readonly<T>; readonly isNew: boolean }> {
  const { resource, name } = child
  for (let attempt = 1; attempt <= CREATE_ATTEMPTS; attempt++) {
    const created = await create(client, child, signal)
    if (created) return { object: created, isNew: true }
    const object = await client.get(resource, { namespace, name }, { signal })
    if (object) return { object, isNew: false }
  }
  throw new Error(`${resource.kind} ${namespace}/${name}: it can neither be created, since it exists, nor be found`)
}

function judge<T extends KubeObject>(
  { kind }: Resource<T>,
  live: Readonly<T>,
  owner: Owner,
): Exclude<ChildState<T>, { kind: 'applied' }> | undefined {
  const name = live.metadata?.name ?? ''
  const ownership = ownershipOf(live, owner)
  if (ownership.kind === 'foreign') {
    return {
      kind: 'foreign',
      standing: live,
      message: `${kind} ${name} exists and belongs to ${ownership.owner}: it is left alone. Create the ${owner.kind} under another name, or delete the ${kind} where nothing needs it${kind === 'PersistentVolumeClaim' ? ' (its data goes with it for good)' : ''}`,
    }
  }
  if (ownership.kind === 'kept') {
    const message = `${kind} ${name} exists already and is left as it is until the operator has found out what is on it`
    return { kind: 'terminating', message, standing: live }
  }
  if (ownership.kind === 'earlier') {
    const message = `${kind} ${name} belongs to an earlier ${owner.kind} of this name (uid ${ownership.uid}) and is collected with it; it is made again then`
    return { kind: 'terminating', message, standing: live }
  }
  if (!isTerminating(live)) return undefined
  const message = `${kind} ${name} is being deleted; it is made again when it is gone`
  return { kind: 'terminating', message, standing: live }
}
