/** What follows from a changed SeiNode or SeiNodePool, by running the operator on a copy of the cluster: `predict`. */
import { NODE_LABEL, POOL_LABEL } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import { poolOf } from '../../controllers/shared/rollout-gate.ts'
import {
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  services,
  statefulSets,
} from '../../kube/resources.ts'
import type { KubeObject } from '../../kube/types.ts'
import { isEqualJson } from '../../lib/equal-json.ts'
import { recurringTasks, type WantedRecurring } from '../../plan/recurring.ts'
import { changedFields, type FieldChange, withoutOwnFields } from './object-diff.ts'
import { placeholders } from './simulation/jobs.ts'
import type { Restart, SentTask } from './simulation/journal.ts'
import { simulate, type Simulation } from './simulation/simulate.ts'
import type { NamedObject, World } from './simulation/world.ts'
import type { Snapshot } from './snapshot.ts'

export type Wanted =
  | { readonly kind: 'SeiNode'; readonly object: SeiNode }
  | { readonly kind: 'SeiNodePool'; readonly object: SeiNodePool }

export type Action = 'create' | 'change' | 'delete' | 'none'

export interface ObjectChange {
  readonly kind: string
  readonly name: string
  readonly action: Action
  /** Of an object that changes. */
  readonly fields: readonly FieldChange[]
  /** An object that is created, without what the API server adds. */
  readonly object?: KubeObject
  /** The operator does the same without the manifest. */
  readonly isDueAnyway: boolean
}

export type PredictedRestart = Restart & Pick<ObjectChange, 'isDueAnyway'>

export interface RecurringChange {
  readonly node: string
  readonly type: string
  readonly before?: Pick<WantedRecurring, 'schedule' | 'params'>
  readonly after?: Pick<WantedRecurring, 'schedule' | 'params'>
}

export interface Finding {
  readonly object: string
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

export interface Prediction {
  /** Of the SeiNode or SeiNodePool itself. */
  readonly action: Action
  readonly fields: readonly FieldChange[]
  readonly objects: readonly ObjectChange[]
  /** In the order in which sidecars are sent them. */
  readonly tasks: readonly SentTask[]
  readonly recurring: readonly RecurringChange[]
  /** In the order in which pods restart. */
  readonly restarts: readonly PredictedRestart[]
  /** Jobs that run, by name. */
  readonly jobs: readonly string[]
  /** Conditions at the end. */
  readonly conditions: readonly Finding[]
  /** Words for values in it that nobody knows before they are made. */
  readonly placeholders: ReadonlyMap<string, string>
  /** What a reconcile would fail with. */
  readonly failures: readonly string[]
  readonly isSettled: boolean
}

export interface PredictOptions {
  readonly platform: PlatformConfig
  readonly operatorNamespace: string
  readonly newID: () => string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signal: AbortSignal
}

const KINDS = [
  seiNodes,
  persistentVolumeClaims,
  services,
  statefulSets,
  networkPolicies,
  podDisruptionBudgets,
  jobs,
] as const

/**
 * @param wanted objects of one namespace, as the API server would store them; together they are what changes
 * @returns in the order of `wanted`
 */
export async function predict(
  wanted: readonly Wanted[],
  snapshot: Snapshot,
  options: PredictOptions,
): Promise<readonly Prediction[]> {
  const outcome = await outcomeOf(wanted, wanted, snapshot, options)
  const isKnown = wanted.some(each => liveOf(snapshot.copy(), each) !== undefined)
  const anyway = isKnown ? await outcomeOf(wanted, [], snapshot, options) : undefined
  const stored = snapshot.copy()
  return wanted.map(each => predictionOf(each, liveOf(stored, each), outcome, anyway))
}

interface Outcome {
  readonly before: readonly NamedObject[]
  readonly after: readonly NamedObject[]
  readonly world: World
  readonly simulation: Simulation
  readonly platform: PlatformConfig
}

/** @param applied those of `wanted` that are applied before the operator looks */
async function outcomeOf(
  wanted: readonly Wanted[],
  applied: readonly Wanted[],
  snapshot: Snapshot,
  { platform, operatorNamespace, newID, now, signal }: PredictOptions,
): Promise<Outcome> {
  const world = snapshot.copy()
  const before = world.snapshot(KINDS)
  for (const each of applied) {
    if (each.kind === 'SeiNode') world.put(seiNodes, each.object)
    else world.put(seiNodePools, each.object)
  }
  const simulation = await simulate(world, {
    platform,
    ownNamespace: operatorNamespace,
    keys: new Set(wanted.map(({ kind, object }) => `${kind} ${object.metadata.namespace}/${object.metadata.name}`)),
    mayReadClasses: snapshot.mayReadClasses,
    newID,
    now,
    signal,
  })
  return { before, after: world.snapshot(KINDS), world, simulation, platform }
}

/** @param anyway what follows without the manifests; undefined where all objects are new */
function predictionOf(
  wanted: Wanted,
  live: KubeObject | undefined,
  outcome: Outcome,
  anyway: Outcome | undefined,
): Prediction {
  const { simulation, world, platform } = outcome
  const { journal, failures, isSettled } = simulation
  const fields = live ? changedFields(live, wanted.object) : []
  const nodes = nodesOf(wanted, world)
  const isOurs = ({ node }: { readonly node: string }): boolean => nodes.some(({ metadata }) => metadata.name === node)
  const due = anyway ? objectsOf(wanted, anyway) : []
  const objects = objectsOf(wanted, outcome).map(object => withDue(object, due))
  const dueRestarts = new Set(anyway?.simulation.journal.restarts.map(({ pod }) => pod))
  return {
    action: live ? (fields.length === 0 ? 'none' : 'change') : 'create',
    fields,
    objects,
    tasks: journal.tasks.filter(isOurs),
    recurring: recurringOf(nodes, outcome.before, platform),
    restarts: journal.restarts.filter(isOurs).map(restart => withDueRestart(restart, dueRestarts)),
    jobs: journal.jobs.filter(name => objects.some(each => each.kind === 'Job' && each.name === name)),
    conditions: [...conditionsOf(wanted, world), ...(wanted.kind === 'SeiNode' ? [] : nodes.flatMap(findingsOf))],
    placeholders: new Map([
      ...(wanted.kind === 'SeiNode' ? [] : placeholders(wanted.object)),
      ...newUIDs(wanted, live, outcome),
    ]),
    failures: [...failures].flatMap(([key, message]) => (isAbout(key, wanted, nodes) ? [`${key}: ${message}`] : [])),
    isSettled,
  }
}

function withDue(object: ObjectChange, due: readonly ObjectChange[]): ObjectChange {
  const same = due.find(({ kind, name }) => kind === object.kind && name === object.name)
  const isDueAnyway =
    object.action !== 'none' && same?.action === object.action && isEqualJson(same.fields, object.fields)
  return { ...object, isDueAnyway }
}

function withDueRestart(restart: Restart, due: ReadonlySet<string>): PredictedRestart {
  return { ...restart, isDueAnyway: due.has(restart.pod) }
}

function liveOf(world: World, { kind, object }: Wanted): KubeObject | undefined {
  const { namespace = '', name } = object.metadata
  return kind === 'SeiNode' ? world.get(seiNodes, { namespace, name }) : world.get(seiNodePools, { namespace, name })
}

/** At the end. */
function nodesOf({ kind, object }: Wanted, world: World): readonly SeiNode[] {
  const { name } = object.metadata
  return world.list(seiNodes).filter(node => (kind === 'SeiNode' ? node.metadata.name === name : poolOf(node) === name))
}

function objectsOf({ kind, object }: Wanted, { before, after }: Outcome): readonly ObjectChange[] {
  const { name } = object.metadata
  const isRelated = (each: NamedObject): boolean => {
    const { labels = {} } = each.object.metadata ?? {}
    if (kind === 'SeiNodePool') return labels[POOL_LABEL] === name
    return labels[NODE_LABEL] === name && each.kind !== 'SeiNode'
  }
  const held = new Map(before.filter(isRelated).map(each => [idOf(each), each] as const))
  const wanted = new Map(after.filter(isRelated).map(each => [idOf(each), each] as const))
  return [...new Set([...held.keys(), ...wanted.keys()])].flatMap(id => {
    const [was, is] = [held.get(id), wanted.get(id)]
    const named = is ?? was
    if (!named) return []
    const fields = is && was ? changedFields(was.object, is.object) : []
    const action = is ? (was ? (fields.length === 0 ? 'none' : 'change') : 'create') : 'delete'
    const created = action === 'create' && is ? { object: withoutOwnFields(is.object) } : {}
    return [{ kind: named.kind, name: named.name, action, fields, isDueAnyway: false, ...created }]
  })
}

function idOf({ kind, name }: NamedObject): string {
  return `${kind} ${name}`
}

/** Words for the UIDs that objects get only when they are created. */
function newUIDs(
  { kind, object }: Wanted,
  live: KubeObject | undefined,
  { before, after }: Outcome,
): readonly (readonly [string, string])[] {
  const known = new Set(before.map(each => each.object.metadata?.uid))
  const made = after.filter(each => !known.has(each.object.metadata?.uid))
  const own = live ? [] : [{ kind, name: object.metadata.name, object }]
  return [...own, ...made].map(each => [each.object.metadata?.uid ?? '', `<uid of ${each.kind} ${each.name}>`] as const)
}

function recurringOf(
  nodes: readonly SeiNode[],
  before: readonly NamedObject[],
  platform: PlatformConfig,
): readonly RecurringChange[] {
  const earlier = new Map(
    before.filter(({ kind }) => kind === 'SeiNode').map(each => [each.name, each.object] as const),
  )
  return nodes.flatMap(node => {
    const after = recurringTasks(node, platform)
    const was = earlier.get(node.metadata.name)
    const held = was && isNode(was) ? recurringTasks(was, platform) : []
    const types = new Set([...held, ...after].map(({ type }) => type))
    return [...types].flatMap(type => {
      const [a, b] = [held, after].map(list => list.find(each => each.type === type)).map(each => each && workOf(each))
      if (isEqualJson(a ?? null, b ?? null)) return []
      return [{ node: node.metadata.name, type, ...(a ? { before: a } : {}), ...(b ? { after: b } : {}) }]
    })
  })
}

function workOf({ schedule, params }: WantedRecurring): Pick<WantedRecurring, 'schedule' | 'params'> {
  return { schedule, params }
}

function isNode(object: KubeObject): object is SeiNode {
  return 'spec' in object
}

function conditionsOf({ kind, object }: Wanted, world: World): readonly Finding[] {
  const { namespace = '', name } = object.metadata
  const found =
    kind === 'SeiNode' ? world.get(seiNodes, { namespace, name }) : world.get(seiNodePools, { namespace, name })
  const conditions = found?.status?.conditions ?? []
  return conditions.map(({ type, status, reason, message }) => ({
    object: `${kind} ${name}`,
    type,
    status,
    reason,
    message,
  }))
}

function findingsOf({ metadata, status }: SeiNode): readonly Finding[] {
  return (status?.conditions ?? []).map(({ type, status: is, reason, message }) => ({
    object: `SeiNode ${metadata.name}`,
    type,
    status: is,
    reason,
    message,
  }))
}

function isAbout(key: string, { kind, object }: Wanted, nodes: readonly SeiNode[]): boolean {
  const { namespace = '' } = object.metadata
  if (key === `${kind} ${namespace}/${object.metadata.name}`) return true
  return nodes.some(({ metadata }) => key === `SeiNode ${namespace}/${metadata.name}`)
}
