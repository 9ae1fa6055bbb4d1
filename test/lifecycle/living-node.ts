/** One SeiNode of a scenario, with what is done to it and what becomes of it: `LivingNode`. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Execution } from '../../testing/fakes/sidecar/index.ts'
import type { NodeConditionType } from '../../src/api/conditions.ts'
import { RETRY_ANNOTATION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { seiNodeSpec, SeiNode } from '../../src/api/seinode.ts'
import { pods } from '../../src/kube/resources.ts'
import type { KubeObject, ObjectKey } from '../../src/kube/types.ts'
import type { NamespaceView } from '../support/namespace-view.ts'
import { conditionOf, type OperatorFixture } from '../support/operator-fixture.ts'
import { SLOW_START } from '../support/slowness.ts'
import { until } from '../support/until.ts'
import { type Ending, type Fate, type Part, PARTS, RUNNING, stalledReason } from './ending.ts'

/** A spec as in a manifest. */
export type SpecInput = z.input<typeof seiNodeSpec>

/** A machine that runs many tests at once is slow. */
const DEADLINE_MS = 120_000

/** The phase of a SeiNode that is no more. */
const GONE = 'gone'

type UIDs = Partial<Record<Part, string>>

/** What was there when the last ending was reached. */
interface Snapshot {
  readonly uids: UIDs
  readonly tasks: number
  readonly events: ReadonlySet<string>
  readonly isReady: boolean
}

interface Findings {
  readonly node: string
  readonly phase: string | undefined
  readonly conditions: Readonly<Record<string, string>>
  readonly unsaid: readonly string[]
  readonly tasks: readonly string[]
  readonly events: readonly string[]
  readonly parts: Readonly<Record<string, Fate>>
}

export class LivingNode {
  readonly name: string
  readonly #base: OperatorFixture
  readonly #view: NamespaceView
  #snapshot: Snapshot
  #ending: { readonly since: Snapshot; readonly ending: Ending } | undefined
  readonly #claim: string

  constructor(fixture: OperatorFixture, view: NamespaceView, name: string, claim: string) {
    this.name = name
    this.#base = fixture
    this.#view = view
    this.#claim = claim
    this.#snapshot = this.#takeSnapshot()
  }

  /** As the watch shows it now. */
  get object(): Readonly<SeiNode> | undefined {
    return this.#view.nodes.get(this.#view.key(this.name))
  }

  get pod(): ObjectKey & { readonly namespace: string } {
    return this.#base.podKey(this.name)
  }

  /** UIDs as of the last ending. */
  get uids(): UIDs {
    return this.#snapshot.uids
  }

  /** What the node's sidecars carried out since it was first followed. */
  get executions(): readonly Execution[] {
    return this.#base.node.executionsOf(this.pod)
  }

  /** Merges into the spec. */
  async change(spec: object): Promise<void> {
    await this.#base.patch(this.name, { spec })
  }

  async retry(token: string): Promise<void> {
    await this.#base.patch(this.name, { metadata: { annotations: { [RETRY_ANNOTATION]: token } } })
  }

  async remove(propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background'): Promise<void> {
    const uid = this.object?.metadata.uid ?? ''
    await this.#base.client.delete(seiNodes, this.#base.key(this.name), { uid, propagationPolicy })
  }

  async deletePod(): Promise<void> {
    const pod = await this.#base.client.get(pods, this.pod)
    await this.#base.client.delete(pods, this.pod, { uid: pod?.metadata?.uid ?? '' })
  }

  /** Waits for a state on the way to an ending. */
  until(what: string, isMet: (node: Readonly<SeiNode>) => boolean): Promise<Readonly<SeiNode>> {
    return until(`${this.name}: ${what}`, () => (this.object && isMet(this.object) ? this.object : undefined), {
      deadlineMs: DEADLINE_MS,
      found: () => ({ status: this.object?.status, operator: this.#base.operator.log.slice(-4000) }),
    })
  }

  /** Waits until a task of that type runs. */
  async untilTask(type: string): Promise<void> {
    await this.until(`task ${type} to be under way`, ({ status }) =>
      [...(status?.initPlan?.tasks ?? []), ...(status?.updatePlan?.tasks ?? [])].some(
        task => task.type === type && task.status === 'Submitted',
      ),
    )
  }

  /** Waits until the node is exactly so, fails with what differs; what is there then is what was before the next event. */
  async becomes(ending: Ending): Promise<Readonly<SeiNode>> {
    await this.#reaches(ending)
    return this.object ?? assert.fail(`${this.name}: expected it to be there`)
  }

  /** As `becomes`, for a SeiNode that is no more. */
  async isGone(ending: Pick<Ending, 'tasks' | 'events' | 'losesEvents' | 'parts'> = {}): Promise<void> {
    await until(`${this.name} to be gone`, () => (this.object ? undefined : true), {
      deadlineMs: DEADLINE_MS,
      found: () => ({ node: this.object, operator: this.#base.operator.log.slice(-4000) }),
    })
    await this.#reaches({
      phase: GONE,
      parts: { claim: 'gone', service: 'gone', statefulSet: 'gone', pod: 'gone' },
      ...ending,
    })
  }

  /** How the node is, and how it was when its last ending was reached. */
  now(): { readonly found: Findings | undefined; readonly expected: Findings | undefined } {
    if (!this.#ending) return { found: undefined, expected: undefined }
    const { since, ending } = this.#ending
    return { found: this.#found(since, ending), expected: this.#expected(since, ending) }
  }

  /** The scenario is over, and what becomes of the node is of no interest. */
  forget(): void {
    this.#ending = undefined
  }

  async #reaches(ending: Ending): Promise<void> {
    const since = this.#snapshot
    const expected = this.#expected(since, ending)
    const isReached = (): true | undefined =>
      this.#isRecorded() && isDeepStrictEqual(this.#found(since, ending), expected) ? true : undefined
    try {
      await until(this.name, isReached, { deadlineMs: DEADLINE_MS })
    } catch {
      const log = this.#base.operator.log.slice(-3000)
      const status = JSON.stringify(this.object?.status?.conditions, undefined, 1)
      console.error(`${this.name} did not end as expected. Conditions: ${status}\nLog of the operator: ${log}`)
      assert.deepEqual(this.#found(since, ending), expected)
      assert.fail(
        `${this.name}: its status is of generation ${this.object?.status?.observedGeneration}, its spec of ${this.object?.metadata.generation}`,
      )
    }
    this.#ending = { since, ending }
    this.#snapshot = this.#takeSnapshot()
  }

  /** Status speaks of the spec as it is. */
  #isRecorded(): boolean {
    const { object } = this
    if (!object) return true
    const { generation } = object.metadata
    const conditions = object.status?.conditions ?? []
    // A node that is being deleted is evaluated only in part.
    const evaluated = conditions.filter(({ type }) => object.status?.phase !== 'Terminating' || type === 'Ready')
    return object.status?.observedGeneration === generation && evaluated.every(c => c.observedGeneration === generation)
  }

  #found(since: Snapshot, { says = {}, events: wanted = [], maybe = [], losesEvents = false }: Ending): Findings {
    const { object } = this
    const conditions = object?.status?.conditions ?? []
    const unsaid = Object.entries(says).flatMap(([type, texts]) => {
      const message = (object && conditionOf(object, type)?.message) ?? ''
      return texts.filter(text => !message.includes(text)).map(text => `${type}: ${text}`)
    })
    const now = this.#uids()
    const parts = Object.fromEntries(PARTS.map(part => [part, fateOf(since.uids[part], now[part])]))
    const tasks = this.executions.slice(since.tasks).map(({ type }) => type)
    const hasStarted = parts['pod'] !== 'same' || tasks.length > 0
    // A seid that starts may have to catch up, or not, before it follows again.
    // A pod that is not ready is replaced by its StatefulSet or by the operator, whichever is first.
    const isByEither = (reason: string): boolean => reason === 'PodReplaced' && !since.isReady && parts['pod'] === 'new'
    const isAllowed = (reason: string): boolean =>
      maybe.includes(reason) || isByEither(reason) || (hasStarted && (SLOW_START.has(reason) || reason === 'Following'))
    const events = this.#events()
      .filter(
        ([uid, reason]) => !losesEvents && !since.events.has(uid) && (wanted.includes(reason) || !isAllowed(reason)),
      )
      .map(([, reason]) => reason)
    return {
      node: this.name,
      phase: object?.status?.phase,
      conditions: Object.fromEntries(conditions.map(({ type, reason }) => [type, reason])),
      unsaid,
      tasks,
      events: events.toSorted(),
      parts,
    }
  }

  #expected(since: Snapshot, ending: Ending): Findings {
    const { phase = 'Running', base = RUNNING, conditions = {}, tasks = [], events = [], parts = {} } = ending
    const isThere = phase !== GONE
    const fates = PARTS.map((part): readonly [Part, Fate] => {
      const usual = since.uids[part] === undefined ? 'new' : 'same'
      return [part, parts[part] ?? usual]
    })
    const expected = { ...base, ...conditions }
    const reasons: Partial<Record<NodeConditionType, string>> = isThere
      ? { ...expected, Stalled: stalledReason(expected.Reconciling) }
      : {}
    return {
      node: this.name,
      phase: isThere ? phase : undefined,
      conditions: reasons,
      unsaid: [],
      tasks,
      events: events.toSorted(),
      parts: Object.fromEntries(fates),
    }
  }

  #takeSnapshot(): Snapshot {
    const events = new Set(this.#events().map(([uid]) => uid))
    const isReady = this.object !== undefined && conditionOf(this.object, 'Ready')?.status === 'True'
    return { uids: this.#uids(), tasks: this.executions.length, events, isReady }
  }

  #uids(): UIDs {
    const { claims, services, statefulSets, pods: cached } = this.#view
    const key = this.#view.key(this.name)
    return {
      ...uidOf(claims.get(this.#view.key(this.#claim)), 'claim'),
      ...uidOf(services.get(key), 'service'),
      ...uidOf(statefulSets.get(key), 'statefulSet'),
      ...uidOf(cached.get(this.#view.key(`${this.name}-0`)), 'pod'),
    }
  }

  /** UID and reason. */
  #events(): readonly (readonly [string, string])[] {
    return [...this.#view.events.values()]
      .filter(({ involvedObject: { kind, name } }) => kind === 'SeiNode' && name === this.name)
      .map(({ metadata, reason = '' }) => [metadata.uid ?? '', reason] as const)
  }
}

function uidOf(object: Readonly<KubeObject> | undefined, part: Part): UIDs {
  return object?.metadata?.uid === undefined ? {} : { [part]: object.metadata.uid }
}

function fateOf(before: string | undefined, now: string | undefined): Fate {
  if (now === undefined) return 'gone'
  return now === before ? 'same' : 'new'
}
