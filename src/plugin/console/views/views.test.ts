/** The pages of the fleet, of a node and of a pool: what they say for each state. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlannedTask, SeiNodeStatus, TaskPlan } from '../../../api/seinode-status.ts'
import type { SeiNodePoolStatus } from '../../../api/seinodepool-status.ts'
import { seiNodePool } from '../../../build/testdata/pools.ts'
import { whole } from '../markup.ts'
import type { Details, Route, Scene } from '../scene.ts'
import { ago, condition, knownNode, liveAt, NOW, sceneOf, steadySamples } from '../testdata/scenes.ts'
import { drawPage } from './page.ts'

/** The text that a person reads: marks removed, spaces joined. */
function textOf(route: Route, scene: Scene, details?: Details): string {
  return whole(drawPage(route, scene, details))
    .replaceAll(/<\/(td|th|p|li|h\d|dt|dd|tr|span|a|strong|section)\s*>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
}

function nodePage(name: string): Route {
  return { kind: 'node', namespace: 'sei', name }
}

const FLEET: Route = { kind: 'fleet' }
const POOL: Route = { kind: 'pool', namespace: 'sei', name: 'net' }

const DONE: PlannedTask = { type: 'snapshot-restore', status: 'Complete', submittedAt: ago(700), completedAt: ago(100) }
const ACTIVE: TaskPlan = {
  phase: 'Active',
  tasks: [
    DONE,
    { type: 'config-apply', status: 'Submitted', submittedAt: ago(100), attempt: 2 },
    { type: 'mark-ready', status: 'Pending' },
  ],
}
const FAILED: TaskPlan = {
  phase: 'Failed',
  tasks: [
    {
      type: 'snapshot-restore',
      status: 'Failed',
      submittedAt: ago(90),
      completedAt: ago(80),
      error: 'NoSuchKey: <latest.txt>',
    },
  ],
}
const BOOTSTRAPPING: SeiNodeStatus = {
  phase: 'Initializing',
  initPlan: ACTIVE,
  conditions: [condition('Ready', 'False', 'Initializing'), condition('Reconciling', 'True', 'Bootstrapping')],
}
const STALLED: SeiNodeStatus = {
  phase: 'Failed',
  initPlan: FAILED,
  conditions: [
    condition('Ready', 'False', 'PlanFailed', 'the bootstrap failed'),
    condition('Initialized', 'False', 'TaskFailed', 'task snapshot-restore failed: NoSuchKey'),
    condition('Stalled', 'True', 'BootstrapFailed', 'the bootstrap failed; see the condition Initialized'),
  ],
}

test('the fleet counts states, and says first where a person is needed', () => {
  const nodes = [knownNode('a'), knownNode('b', { status: BOOTSTRAPPING }), knownNode('c', { status: STALLED })]
  const text = textOf(FLEET, sceneOf(nodes))
  assert.match(
    text,
    /^Fleet of namespace sei 3 nodes 1 ready 2 bootstrapping 0 in a rollout 1 needs a person A person is needed c : BootstrapFailed/,
  )
  assert.match(
    text,
    /c : BootstrapFailed the bootstrap failed; see the condition Initialized: task snapshot-restore failed: NoSuchKey/,
  )
  assert.match(text, /Bootstraps b 1 of 3 tasks done config-apply 100s c 0 of 1 tasks done snapshot-restore failed/)
})

test('chains have tables of their own, pools before their nodes; unknown heights are said to be', () => {
  const nodes = [
    knownNode('net-0', { pool: 'net', chainId: 'devnet-1', live: liveAt(1_234_567) }),
    knownNode('solo', {
      chainId: 'arctic-1',
      live: { kind: 'unknown', why: 'you may not create pods/portforward in namespace sei' },
    }),
  ]
  const text = textOf(FLEET, sceneOf(nodes, [seiNodePool('net')]))
  assert.match(
    text,
    /arctic-1 1 of 1 node ready, height unknown .*solo Ready –unknown .*devnet-1 1 of 1 node ready, height 1 234 567 .*net Pending not observed 0 of 4 ready .*net-0 Ready/,
  )
  assert.match(text, /Heights are missing: you may not create pods\/portforward in namespace sei\./)
})

test('heights and blocks behind are drawn over time; what is far behind is marked', () => {
  const page = whole(drawPage(FLEET, sceneOf([knownNode('a')], [], steadySamples(30, 250)), undefined))
  assert.match(page, /<svg class="spark height".*?<polyline points="0,23 3,/)
  assert.match(page, /<td class="number warn">\s*<span class="measure"\s*><svg class="spark lag"/)
})

test('rollouts, an operator that does not run, and a fleet of nothing', () => {
  const rollout = { cause: 'Operator', revision: 'x', since: ago(30) } as const
  const nodes = [
    knownNode('a', { status: { phase: 'Running', rollout: { ...rollout, phase: 'Underway' } } }),
    knownNode('b', { status: { phase: 'Running', rollout: { ...rollout, phase: 'Waiting' } } }),
  ]
  assert.match(
    textOf(FLEET, sceneOf(nodes)),
    /Rollouts a gets a change of the operator for 30s 1 node waits for others/,
  )
  const text = textOf(FLEET, { ...sceneOf([]), warning: 'The operator does not run' })
  assert.match(text, /The operator does not run .*There is no SeiNode or SeiNodePool in namespace sei\./)
})

test('names and messages cannot be markup', () => {
  const evil = '<img src=x onerror=alert(1)>'
  const conditions = [
    condition('Ready', 'False', 'PodNotReady', evil),
    condition('Stalled', 'True', 'CrashLooping', evil),
  ]
  const found = knownNode('a', {
    status: {
      phase: 'Running',
      conditions,
      initPlan: { ...FAILED, tasks: [{ type: evil, status: 'Failed', error: evil }] },
    },
  })
  for (const route of [FLEET, nodePage('a'), nodePage(evil)]) {
    const page = whole(drawPage(route, sceneOf([found]), undefined))
    assert.ok(!page.includes('<img'), page)
    assert.ok(page.includes('&lt;img'), page)
  }
})

test('a bootstrap is a timeline: durations, attempts, what runs and what waits', () => {
  const text = textOf(nodePage('b'), sceneOf([knownNode('b', { status: BOOTSTRAPPING })]))
  assert.match(
    text,
    /Bootstrap active 1 of 3 tasks done config-apply 100s snapshot-restore done in 10m config-apply running for 100s, attempt 2 mark-ready waits/,
  )
  const page = whole(drawPage(nodePage('b'), sceneOf([knownNode('b', { status: BOOTSTRAPPING })]), undefined))
  assert.match(page, /<rect class="good" x="0.0" width="85.7"/)
  assert.match(page, /<rect class="busy" x="85.7" width="14.3"/)
})

test('a failed node: the cause with its remedy and command, not what only refers to it', () => {
  const text = textOf(nodePage('c'), sceneOf([knownNode('c', { status: STALLED })]))
  assert.match(
    text,
    /c SeiNode in namespace sei Stalled BootstrapFailed What is wrong Initialized: TaskFailed for 2m task snapshot-restore failed: NoSuchKey What to do: Correct the cause.* kubectl sei retry c -n sei/,
  )
  assert.ok(!text.includes('Stalled: BootstrapFailed'), text)
  assert.match(text, /snapshot-restore failed in 10s NoSuchKey: &lt;latest.txt&gt;/)
  assert.match(text, /Resume the plan at the failed task kubectl sei retry c -n sei/)
})

test('a running node: its heights with their pace, its volume and events once they are read', () => {
  const found = knownNode('a')
  const scene = sceneOf([found], [], steadySamples(13, 0))
  assert.match(textOf(nodePage('a'), scene), /Events Reading\./)
  assert.ok(!textOf(nodePage('a'), scene).includes('Claim'))
  const event = {
    type: 'Warning',
    reason: 'Filling',
    message: 'is full',
    lastTimestamp: ago(61),
    metadata: {},
    involvedObject: {},
  }
  const text = textOf(nodePage('a'), scene, {
    kind: 'node',
    details: { ...found, claim: undefined, events: [event], unreadable: ['persistentvolumeclaims'] },
  })
  assert.match(text, /Chain Height 220 2\.0 blocks\/s, observed for 60s 0 blocks behind at most 0 since then/i)
  assert.match(text, /Events Age Reason Message 61s Filling is full/)
  assert.match(text, /Not shown: you may not read persistentvolumeclaims in namespace sei\./)
})

function poolScene(status: SeiNodePoolStatus, images: readonly string[]): Scene {
  const chain = { state: 'Following', since: ago(9), containerID: 'x', validatorAddress: 'AB' } as const
  const nodes = images.map((image, at) => {
    const found = knownNode(`net-${at}`, {
      pool: 'net',
      status: { phase: 'Running', chain, conditions: [condition('Ready', 'True', 'Ready')] },
    })
    return { ...found, node: { ...found.node, spec: { ...found.node.spec, image } } }
  })
  return sceneOf(nodes, [{ ...seiNodePool('net'), status }])
}

test('a pool is a ring: who signs, who is there, and how many signatures blocks need', () => {
  const old = 'sei-protocol/seid:v6.4.0'
  const scene = poolScene({ firstBlockAt: ago(60) }, [old, old, old])
  const page = whole(drawPage(POOL, scene, undefined))
  assert.match(page, /<svg class="ring" [^>]*aria-label="3 of 4 validators sign; blocks need 3">/)
  assert.deepEqual(
    [...page.matchAll(/class="piece (\w+)"/g)].map(([, tone]) => tone),
    ['good', 'good', 'good', 'idle'],
  )
  assert.match(textOf(POOL, scene), /net-2 ready, signs net-3 not created yet/)
  assert.ok(!page.includes('Birth of the network'))
})

test('a rollout shows who gets the change and who waits', () => {
  const [old, current] = ['sei-protocol/seid:v6.3.0', 'sei-protocol/seid:v6.4.0']
  const scene = poolScene({ rollout: { node: 'net-1', since: ago(5) } }, [current, current, old, old])
  assert.match(
    textOf(POOL, scene),
    /net-0 ready, signs net-1 ready, signs gets its change now net-2 ready, signs waits for its turn net-3 ready, signs waits/,
  )
})

test('a pool that is born shows its steps', () => {
  const scene = poolScene({ conditions: [condition('GenesisComplete', 'True', 'Complete')] }, [])
  assert.match(
    textOf(POOL, scene),
    /Genesis ceremony, done Volumes prepared, under way Nodes ready, waits Blocks are made, waits/,
  )
})

test('an object that is not there is said to be gone', () => {
  assert.match(
    textOf(nodePage('x'), sceneOf([])),
    /There is no SeiNode x It was deleted, or it is not in namespace sei/,
  )
  assert.equal(NOW, sceneOf([]).now)
})
