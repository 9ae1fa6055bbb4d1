/** Every field of a SeiNode's spec, changed on a running node: the change shows, and taking it back restores what was. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { MAX_NODE_NAME } from '../../src/api/limits.ts'
import { SPEC_ANNOTATION, TEMPLATE_ANNOTATION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { seiNodeSpec, type SeiNode } from '../../src/api/seinode.ts'
import { type StructuralSchema, structuralSchema } from '../../src/api/structural-schema.ts'
import {
  networkPolicies,
  persistentVolumeClaims,
  pods,
  secrets,
  services,
  statefulSets,
} from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { isEqualJson } from '../../src/lib/equal-json.ts'
import { isRecord } from '../../src/sidecar/task-result.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { FIELDS, NODE_KEY_SECRETS } from './every-field-table.ts'
import type { FieldChange, Place } from './field-change.ts'
import { PlanFixture } from '../support/plan-fixture.ts'
import { until } from '../support/until.ts'
import { outcomeOf, type Picture, predictedOutcome, predictsWork, READINESS } from './outcome.ts'
import { NodesFixture } from './nodes-fixture.ts'
import type { LivingNode } from './living-node.ts'
import { comesDue } from './slots.ts'

suite('every field of the spec', { concurrency: 8 }, () => {
  let fixture: NodesFixture
  let plan: PlanFixture

  before(async () => {
    fixture = await NodesFixture.open({ operator: { env: { POD_NAMESPACE: 'operators' } } })
    plan = await PlanFixture.open(fixture.base.namespace, { POD_NAMESPACE: 'operators' })
    const nodeKey = { id: 'ab'.repeat(20), priv_key: { type: 'tendermint/PrivKeyEd25519', value: 'AAAA' } }
    const data = { 'node_key.json': Buffer.from(JSON.stringify(nodeKey)).toString('base64') }
    for (const name of NODE_KEY_SECRETS) {
      await fixture.base.client.create(secrets, { metadata: fixture.base.key(name), data })
    }
  })
  after(async () => {
    plan[Symbol.dispose]()
    await fixture[Symbol.asyncDispose]()
  })

  test('the table has each field of the CRD, and no other', () => {
    assert.deepEqual(Object.keys(FIELDS).toSorted(), leavesOf(structuralSchema(seiNodeSpec), '').toSorted())
  })

  for (const [path, field, title] of walks()) {
    const words = path
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replace(/-$/, '')
      .toLowerCase()
    // The end of a path distinguishes it from all others.
    const name = `f-${words.slice(2 - MAX_NODE_NAME)}`
    if (field.shows instanceof RegExp) {
      const says = field.shows
      test(`${title}: a change is refused`, async () => {
        await fixture.create(name, { ...field.base, paused: true })
        const predicted = await plan.ofNode(name, await changedSpec(name, field.change))
        assert.match(typeof predicted === 'string' ? predicted : 'it is not refused', says)
        await assert.rejects(respec(name, field.change), says)
      })
    } else {
      const { shows } = field
      test(`${title}: a change shows in ${shows.join(', ') || 'nothing'}, and can be reverted`, () =>
        walk(name, field, shows))
    }
  }

  /** The operator has nothing left to do for the spec of that generation. */
  async function untilStable(node: LivingNode, generation = 1): Promise<void> {
    await untilStatusCurrent(node, generation)
    await until(`the pod of ${node.name} to be pinned`, async () => {
      const set = await fixture.base.get(statefulSets, node.name)
      return set?.spec?.updateStrategy?.rollingUpdate?.partition !== 0 || undefined
    })
  }

  async function walk(name: string, field: FieldChange, shows: readonly Place[]): Promise<void> {
    const node = await fixture.create(name, field.base)
    await untilStable(node)
    if (field.isPeriodic) await runsOnce(node)
    const original = node.object?.spec
    const initial = await pictureOf(node)
    const predicted = await plan.ofNode(name, await changedSpec(name, field.change))
    const earlier = { tasks: node.executions.length, pod: await podUID(node) }
    const sent = await sentBy(node, field, () => respec(name, field.change))
    const changed = await pictureOf(node)
    const tasks = node.executions.slice(earlier.tasks)
    const hasRestarted = (await podUID(node)) !== earlier.pod
    assert.deepEqual(
      predictedOutcome(predicted),
      outcomeOf(initial, changed, field.isPeriodic ? [] : tasks, hasRestarted),
    )
    assert.equal(predictsWork(predicted), field.isPeriodic === true || !isEqualJson(initial.schedule, changed.schedule))
    const places = placesOf(initial, changed)
    assert.deepEqual([...places, ...(sent ? ['sent'] : [])].toSorted(), shows.toSorted())

    const takeBack = (): Promise<SeiNode> => replaceSpec(name, original)
    if (field.isForGood) {
      await takeBack()
      await node.until(field.isForGood, seen => conditionOf(seen, 'SpecValid')?.reason === field.isForGood)
      return node.forget()
    }
    await sentBy(node, field, takeBack)
    assert.deepEqual(await pictureOf(node), initial)
    node.forget()
  }

  /** @returns whether the sidecar was sent other things than before; for periodic work, when its slot came */
  async function sentBy(node: LivingNode, { isPeriodic }: FieldChange, act: () => Promise<SeiNode>): Promise<boolean> {
    const earlier = [...node.executions]
    const { generation } = (await act()).metadata
    await untilStable(node, generation)
    if (isPeriodic) await runsOnce(node)
    const later = node.executions.slice(earlier.length).filter(({ type }) => type !== READINESS)
    return isPeriodic ? !isEqualJson(later.at(-1)?.params, earlier.at(-1)?.params) : later.length > 0
  }

  async function runsOnce(node: LivingNode): Promise<void> {
    const { length } = node.executions
    await comesDue(fixture.base, node)
    await node.until('its periodic work to be over', ({ status }) => {
      return node.executions.length > length && status?.recurringTasks?.[0]?.lastResult?.status === 'Complete'
    })
    await untilStable(node)
  }

  async function pictureOf(node: LivingNode): Promise<Picture> {
    const read = async <T extends KubeObject>(resource: Resource<T>, name: string): Promise<Content> =>
      contentOf(await fixture.base.get(resource, name))
    const { conditions = [], recurringTasks = [] } = node.object?.status ?? {}
    const home = fixture.homeOf(`data-${node.name}`)
    return {
      claim: withoutState(await read(persistentVolumeClaims, `data-${node.name}`)),
      service: await read(services, node.name),
      networkPolicy: await read(networkPolicies, `${node.name}-sidecar`),
      statefulSet: await read(statefulSets, node.name),
      schedule: recurringTasks.map(({ type, schedule, nextScheduleTime }) => [type, schedule, nextScheduleTime]),
      conditions: conditions.map(({ type, reason }) => [type, reason]),
      files: [home?.read('config/config.toml'), home?.read('config/app.toml')],
    }
  }

  async function podUID(node: LivingNode): Promise<string | undefined> {
    return (await fixture.base.get(pods, `${node.name}-0`))?.metadata?.uid
  }

  async function changedSpec(name: string, change: object): Promise<unknown> {
    return overlaid((await fixture.base.get(seiNodes, name))?.spec, change)
  }

  async function respec(name: string, change: object): Promise<SeiNode> {
    return replaceSpec(name, await changedSpec(name, change))
  }

  function replaceSpec(name: string, value: unknown): Promise<SeiNode> {
    const body = [{ op: 'replace', path: '/spec', value }]
    return fixture.base.client.patch(seiNodes, fixture.base.key(name), body, { type: 'json' })
  }
})

/** Fields of one change are walked together: the path of the first, the change, and the paths of all. */
function walks(): readonly (readonly [path: string, field: FieldChange, title: string])[] {
  const paths = Map.groupBy(Object.keys(FIELDS), path => FIELDS[path])
  return [...paths].flatMap(([field, all]) => (field && all[0] !== undefined ? [[all[0], field, all.join(', ')]] : []))
}

function untilStatusCurrent(node: LivingNode, generation: number): Promise<unknown> {
  return node.until('to be up to date', seen => {
    if ((seen.metadata.generation ?? 0) < generation) return false
    const isEvaluated = seen.status?.conditions?.every(each => each.observedGeneration === seen.metadata.generation)
    const ready = conditionOf(seen, 'Ready')?.reason
    const progressing = conditionOf(seen, 'Reconciling')?.reason
    const isGrowing = conditionOf(seen, 'SpecValid')?.reason === 'ExpansionPending'
    const isDone = ready === 'Paused' || (ready === 'Ready' && progressing === 'Stable' && !isGrowing)
    const isCurrent = seen.status?.observedGeneration === seen.metadata.generation
    return isCurrent && isEvaluated === true && isDone && seen.status?.rollout === undefined
  })
}

function placesOf(initial: Picture, changed: Picture): readonly Place[] {
  const places = ['claim', 'service', 'networkPolicy', 'statefulSet', 'schedule', 'conditions'] as const
  return places.filter(place => !isEqualJson(initial[place], changed[place]))
}

interface Content {
  readonly spec: unknown
  readonly metadata: KubeObject['metadata']
}

/** Annotations by which the operator recognises what it wrote, and for which spec. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'sei.io/previous-image',
  'sei.io/applied-hash',
  SPEC_ANNOTATION,
  TEMPLATE_ANNOTATION,
])

/** What the operator decides of an object. */
function contentOf(object: Readonly<KubeObject & { readonly spec?: unknown }> | undefined): Content {
  const { labels = {}, annotations = {}, ownerReferences = [] } = object?.metadata ?? {}
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !BOOKKEEPING.has(key)))
  return { spec: object?.spec, metadata: { labels, annotations: kept, ownerReferences } }
}

/** The annotations on the state of a retained volume, which are never removed. */
function withoutState({ metadata, ...rest }: Content): Content {
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(([key]) => !key.startsWith('sei.io/'))
  return { ...rest, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } }
}

function overlaid(base: unknown, change: unknown): unknown {
  if (!isRecord(base) || !isRecord(change)) return change
  const entries = Object.entries(change).map(([key, value]) => [key, overlaid(base[key], value)])
  return { ...base, ...Object.fromEntries(entries) }
}

/** Paths of the fields that hold values: `peers[].static.addresses[]`, `overrides.*`. */
function leavesOf({ properties, items, additionalProperties }: StructuralSchema, path: string): readonly string[] {
  const fields = Object.entries(properties ?? {})
  if (fields.length > 0)
    return fields.flatMap(([name, field]) => leavesOf(field, path === '' ? name : `${path}.${name}`))
  if (items) return leavesOf(items, `${path}[]`)
  return additionalProperties ? leavesOf(additionalProperties, `${path}.*`) : [path]
}
