/** What happens while no operator runs, and what the next one makes of it. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { CAUGHT_UP_ANNOTATION } from '../../src/build/data-claim.ts'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { restoreSpec, RESTORE_TASKS, RETAINED, sidecarOf, stuckIn, UPDATE } from './specs.ts'

interface Case {
  readonly title: string
  readonly spec?: SpecInput
  /** False: the node is left in the middle of its bootstrap. */
  readonly running?: boolean
  /** While no operator runs; returns the node that the next operator finds. */
  readonly meanwhile: (node: LivingNode) => Promise<LivingNode>
  readonly ends: (node: LivingNode) => Promise<unknown>
}

const ALL_NEW = { claim: 'new', service: 'new', statefulSet: 'new', pod: 'new' } as const
const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const CREATED = { tasks: GENESIS_TASKS, events: ['PlanStarted', 'PlanComplete'], parts: ALL_NEW }

suite('while no operator runs', () => {
  let fixture: NodesFixture
  const nodes = new Map<string, LivingNode>()

  const cases: Readonly<Record<string, Case>> = {
    image: {
      title: 'the image changes: one restart',
      meanwhile: async node => {
        await node.change({ image: 'sei-protocol/seid:v6.5.0' })
        return node
      },
      ends: node => node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } }),
    },
    overrides: {
      title: 'overrides change: an update and one restart',
      meanwhile: async node => {
        await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
        return node
      },
      ends: node => node.becomes({ tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } }),
    },
    sidecar: {
      title: 'failure mode 1: the sidecar restarts: it gets a mark-ready',
      meanwhile: async node => {
        await fixture.base.node.restartSidecar(node.pod)
        return node
      },
      ends: node => node.becomes({ tasks: ['mark-ready'] }),
    },
    pod: {
      title: 'the pod moves: its successor gets a mark-ready',
      meanwhile: async node => {
        await node.deletePod()
        return node
      },
      ends: node => node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } }),
    },
    volume: {
      title: 'failure mode 15: the volume is replaced: another bootstrap, never only a mark-ready',
      meanwhile: async node => {
        await fixture.base.base.remove(persistentVolumeClaims, 'data-volume')
        await node.deletePod()
        return node
      },
      ends: node =>
        node.becomes({
          tasks: GENESIS_TASKS,
          events: ['VolumeReplaced', 'PlanComplete'],
          parts: { claim: 'new', pod: 'new' },
        }),
    },
    task: {
      title: 'a task of the bootstrap ends: it is not sent again',
      spec: restoreSpec(),
      running: false,
      meanwhile: async node => {
        restore.resolve()
        return node
      },
      ends: node => node.becomes({ tasks: RESTORE_TASKS, events: ['PlanStarted', 'PlanComplete'] }),
    },
    forgotten: {
      title: 'failure mode 2: a sidecar without a database restarts in a task: the task is submitted again',
      spec: sidecarOf('v0.0.20'),
      running: false,
      meanwhile: async node => {
        fixture.behave('forgotten', {})
        await fixture.base.node.killSidecar(node.pod)
        return node
      },
      ends: node =>
        node.becomes({
          tasks: ['configure-genesis', 'config-apply', ...GENESIS_TASKS.slice(1)],
          events: ['PlanStarted', 'PlanComplete'],
        }),
    },
    deleted: {
      title: 'the node is deleted: the next operator finishes the deletion, and its volume is deleted',
      meanwhile: async node => {
        await node.remove()
        return node
      },
      ends: node => node.isGone(),
    },
    'deleted-kept': {
      title: 'failure mode 17: a node with retainOnDelete is deleted in the foreground: its volume is kept',
      spec: RETAINED,
      meanwhile: async node => {
        await node.remove('Foreground')
        return node
      },
      ends: node => node.isGone({ parts: KEPT }),
    },
    'kept-late': {
      title: 'failure mode 17: retainOnDelete is turned on and the node deleted: its volume is kept',
      meanwhile: async node => {
        await node.change({ storage: { retainOnDelete: true } })
        await node.remove()
        return node
      },
      ends: node => node.isGone({ parts: KEPT }),
    },
    unlabelled: {
      title: 'the objects lose their labels and the node is deleted: all of them are deleted, and none is recreated',
      meanwhile: async node => {
        const body = { metadata: { labels: { 'sei.io/node': null } } }
        const { base } = fixture
        await base.client.patch(statefulSets, base.key('unlabelled'), body, { type: 'merge' })
        await base.client.patch(services, base.key('unlabelled'), body, { type: 'merge' })
        await base.client.patch(persistentVolumeClaims, base.key('data-unlabelled'), body, { type: 'merge' })
        await node.remove()
        return node
      },
      ends: async node => {
        await node.isGone()
        const made = new Set(fixture.view.historyOf('unlabelled-0').map(({ object }) => object.metadata?.uid))
        assert.equal(made.size, 1, 'the StatefulSet made another pod')
      },
    },
    again: {
      title:
        'failure modes 18 and 43: a node is deleted and recreated: nothing of the earlier one is taken for its own',
      meanwhile: node => recreated(node, GENESIS_SPEC),
      ends: node => node.becomes(CREATED),
    },
    'again-kept': {
      title: 'a node with retainOnDelete is deleted and recreated: it adopts the volume, and takes nothing else',
      spec: RETAINED,
      meanwhile: node => recreated(node, RETAINED),
      ends: node =>
        node.becomes({
          tasks: GENESIS_TASKS.slice(1),
          events: ['VolumeAdopted', 'PlanComplete'],
          parts: { ...ALL_NEW, claim: 'same' },
        }),
    },
    // The last one: by then the operator has long seen it.
    quiet: {
      title:
        'failure modes 22 and 32: nothing happens: the next operator writes nothing, sends nothing and restarts nothing',
      meanwhile: async node => {
        written = await writtenOf('quiet')
        asked = fixture.base.node.sidecarOf(node.pod).requests.length
        return node
      },
      ends: async node => {
        await node.becomes({})
        assert.deepEqual(await writtenOf('quiet'), written)
        const requests = fixture.base.node.sidecarOf(node.pod).requests.slice(asked)
        const kinds = new Set(requests.map(({ method, path }) => `${method} ${path}`))
        assert.deepEqual(kinds, new Set(['GET /v0/healthz', 'GET /v0/tasks']))
      },
    },
  }

  const restore = Promise.withResolvers<void>()
  let written: readonly unknown[] = []
  let asked = 0

  before(async () => {
    fixture = await NodesFixture.open()
    fixture.behave('task', { tasks: type => (type === 'snapshot-restore' ? { block: restore.promise } : undefined) })
    fixture.behave('forgotten', stuckIn('config-apply'))
    await Promise.all(
      Object.entries(cases).map(async ([name, { spec = GENESIS_SPEC, running = true }]) => {
        const node = running ? await fixture.running(name, spec) : await fixture.create(name, spec)
        if (!running) {
          await node.untilTask(name === 'task' ? 'snapshot-restore' : 'config-apply')
          await fixture.base.untilEvent(name, 'PlanStarted')
        }
        nodes.set(name, node)
      }),
    )
    // The last that the operator writes of a node that has come up.
    const isMarked = (name: string): boolean => {
      const claim = fixture.view.claims.get(fixture.view.key(`data-${name}`))
      return claim?.metadata?.annotations?.[CAUGHT_UP_ANNOTATION] !== undefined
    }
    const running = Object.entries(cases).flatMap(([name, { running: isRunning = true }]) => (isRunning ? [name] : []))
    await until('the claims to say that the nodes caught up', () => running.every(isMarked) || undefined)
    await fixture.base.operator.kill()
    for (const [name, { meanwhile }] of Object.entries(cases)) {
      const node = nodes.get(name)
      if (node) nodes.set(name, await meanwhile(node))
    }
    fixture.base.operator.start()
  })
  after(() => fixture[Symbol.asyncDispose]())

  for (const [name, { title, ends }] of Object.entries(cases)) {
    test(title, async () => {
      await ends(nodes.get(name) ?? assert.fail(`${name}: it was not created`))
    })
  }

  async function writtenOf(name: string): Promise<readonly unknown[]> {
    const node = await fixture.base.get(seiNodes, name)
    return [node?.metadata.resourceVersion, ...(await fixture.contentsOf(name))]
  }

  /** Without an operator a node goes only when its finalizer is taken away by hand. */
  async function recreated(node: LivingNode, spec: SpecInput): Promise<LivingNode> {
    const { base } = fixture
    const uid = node.object?.metadata.uid
    await node.remove()
    await base.client.patch(seiNodes, base.key(node.name), { metadata: { finalizers: null } }, { type: 'merge' })
    await until(`${node.name} to be gone`, () => (node.object?.metadata.uid === uid ? undefined : true))
    return fixture.create(node.name, spec)
  }
})
