/** Brings one child of a SeiNode or SeiNodePool to its desired state, without ever touching an object of someone else: `applyChild`, `problemOf`. */
import { FIELD_MANAGER } from '../../../api/names.ts'
import { isApplied } from '../../../build/applied-hash.ts'
import type { KubeClient } from '../../../kube/client.ts'
import { ApiError, isAlreadyExists, isPassing } from '../../../kube/errors.ts'
import type { KubeObject, Resource } from '../../../kube/types.ts'
import { differences, isSubset } from '../../../lib/subset.ts'
import type { Store } from '../../../runtime/store.ts'
import { isTerminating } from '../deletion.ts'
import { refusal } from '../failures.ts'
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
  /** What earlier reconciles of its owner found. */
  readonly verified: VerifiedChildren
  /** Everything that `build` reads beside the live object, and that may change. JSON. Absent: it is built and compared every time. */
  readonly inputs?: unknown
  /** True: `build` repeats values of the live object that others change too; an apply that is built from an outdated one conflicts. */
  readonly isLocked?: boolean
}

/** An object in the way may be deleted between the attempt to create ours and the read: its name is free then. */
const CREATE_ATTEMPTS = 2

const OVERWRITE = { fieldManager: FIELD_MANAGER, force: true } as const

/**
 * Writes nothing when the live object holds all that is desired, or what came of the last apply of it. A missing object is
 * created by a request that the API server refuses where one of that name exists; an existing one is changed only if its
 * UID is the one that was read.
 * Rejects with what passes by itself (`isPassing`), such as a conflict: the reconcile is tried again.
 */
export async function applyChild<T extends KubeObject>(
  client: KubeClient,
  owner: Owner,
  child: Child<T>,
  signal: AbortSignal,
): Promise<ChildState<T>> {
  const { resource, store, name, build, verified, inputs } = child
  const cached = store.get(`${owner.metadata.namespace}/${name}`)
  try {
    const standing = cached ? { object: cached, isNew: false } : await createOrFind(client, owner, child, signal)
    if (standing.isNew) return { kind: 'applied', object: standing.object }
    const live = standing.object
    const state = evaluate(resource, live, owner)
    if (state) {
      verified.forgetAnswer(resource.kind, name)
      return state
    }
    if (inputs !== undefined && verified.has(resource.kind, live, inputs)) return { kind: 'applied', object: live }
    const desired = build(live)
    const found = differences(desired, live)
    if (found.length === 0 || verified.isAsAnswered(resource.kind, name, found)) {
      verified.noteAnswer(resource.kind, name, found)
      if (inputs !== undefined) verified.note(resource.kind, live, inputs)
      return { kind: 'applied', object: live }
    }
    const taken = isApplied(live) ? undefined : await takeOverFields(client, resource, live, owner, signal)
    return await applyOver(client, owner, child, { desired, live, taken }, signal)
  } catch (error) {
    if (!(error instanceof ApiError) || isPassing(error)) throw error
    const isOurs = cached !== undefined && isOwn(cached, owner)
    return { kind: 'refused', message: error.message, ...(isOurs ? { object: cached } : {}) }
  }
}

interface Existing<T extends KubeObject> {
  readonly desired: T
  readonly live: Readonly<T>
  /** As written when its fields were taken over: the state that the apply is to change, which may be newer than `live`. */
  readonly taken: Readonly<T> | undefined
}

async function applyOver<T extends KubeObject>(
  client: KubeClient,
  owner: Owner,
  child: Child<T>,
  { desired, live, taken }: Existing<T>,
  signal: AbortSignal,
): Promise<ChildState<T>> {
  const { resource, store, name, build } = child
  // Where the cache does not select the object, nothing would tell it of a deletion.
  if (taken && store.get(`${owner.metadata.namespace}/${name}`)) store.observeWrite(taken)
  const state = taken && evaluate(resource, taken, owner)
  if (state) return state
  const wanted = taken ? build(taken) : desired
  const object = await client.apply(resource, meant(child, wanted, taken ?? live), { ...OVERWRITE, signal })
  store.observeWrite(object)
  noteAnswer(child, wanted, object)
  return { kind: 'applied', object }
}

/**
 * Notes what would come of an apply as if it had been made, for a child whose changes have to wait for their turn: an apply
 * that wants what the last one wanted changes nothing where admission rewrote the child.
 */
export async function rehearseApply<T extends KubeObject>(
  client: KubeClient,
  child: Child<T>,
  live: Readonly<T>,
  signal: AbortSignal,
): Promise<void> {
  const desired = child.build(live)
  try {
    const options = { ...OVERWRITE, dryRun: true, signal }
    noteAnswer(child, desired, await client.apply(child.resource, meant(child, desired, live), options))
  } catch (error) {
    // The apply meets the same answer, and tells of it.
    if (!(error instanceof ApiError) || isPassing(error)) throw error
  }
}

/** What follows from the live object is built from the answer, as the next reconcile does. */
function noteAnswer<T extends KubeObject>({ resource, name, build, verified }: Child<T>, desired: T, answer: T): void {
  const isRewritten = !isSubset(desired, answer)
  verified.noteAnswer(resource.kind, name, isRewritten ? differences(build(answer), answer) : [])
}

/** The object that was read, and no later one of its name. */
function meant<T extends KubeObject>({ isLocked = false }: Child<T>, desired: T, live: Readonly<T>): T {
  const { uid, resourceVersion } = live.metadata ?? {}
  return { ...desired, metadata: { ...desired.metadata, uid, ...(isLocked ? { resourceVersion } : {}) } }
}

/** Undefined where an object of that name exists already. */
async function create<T extends KubeObject>(
  client: KubeClient,
  child: Child<T>,
  signal: AbortSignal,
): Promise<Readonly<T> | undefined> {
  const { resource, store, build } = child
  const desired = build(undefined)
  try {
    const options = { fieldManager: FIELD_MANAGER, createOnly: true, signal }
    const object = await client.apply(resource, desired, options)
    store.observeWrite(object)
    noteAnswer(child, desired, object)
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

function evaluate<T extends KubeObject>(
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
      message: `${kind} ${name} exists and belongs to ${ownership.owner}: the operator does not change it. Create the ${owner.kind} under another name, or delete the ${kind} where nothing needs it${kind === 'PersistentVolumeClaim' ? ' (its data goes with it for good)' : ''}`,
    }
  }
  if (ownership.kind === 'kept') {
    const message = `${kind} ${name} already exists; the operator does not use it before it has checked its contents`
    return { kind: 'terminating', message, standing: live }
  }
  if (ownership.kind === 'earlier') {
    const message = `${kind} ${name} belongs to an earlier ${owner.kind} of this name (uid ${ownership.uid}) and is garbage collected with it; it is recreated afterwards`
    return { kind: 'terminating', message, standing: live }
  }
  if (!isTerminating(live)) return undefined
  const message = `${kind} ${name} is being deleted; it is recreated after the deletion`
  return { kind: 'terminating', message, standing: live }
}

export interface ChildProblem {
  readonly reason: 'ForeignObject' | 'ApplyRefused' | 'Creating'
  readonly message: string
}

export function problemOf<T extends KubeObject>(state: ChildState<T>): ChildProblem | undefined {
  switch (state.kind) {
    case 'applied':
      return undefined
    case 'foreign':
      return { reason: 'ForeignObject', message: state.message }
    case 'refused':
      return { reason: 'ApplyRefused', message: refusal(state.message) }
    case 'terminating':
      return { reason: 'Creating', message: state.message }
  }
}
