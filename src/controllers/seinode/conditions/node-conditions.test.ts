/** The conditions of a node as a whole, and the summary Ready. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NODE_CONDITIONS } from '../../../api/conditions.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { nodeConditions } from './node-conditions.ts'
import type { Observation, SidecarObservation } from '../observation.ts'
import { failedPlan, planOf, podOf } from '../testdata/objects.ts'
import { observationOf, TASKS } from '../testdata/observation.ts'

function evaluated(type: string, changes: Partial<Observation>): { status: string; reason: string; message: string } {
  const found = nodeConditions(observationOf(changes)).find(condition => condition.type === type)
  assert.ok(found, `no condition ${type}`)
  return found
}

const paused = { node: seiNode('a', { paused: true }) }
const missing: Observation['spec'] = { reason: 'DataVolumeNotFound', message: 'no claim', blocks: true }
const begun: Partial<Observation> = { plan: planOf(TASKS, 1), sidecar: { kind: 'bootstrapping' } }
const crashing = podOf({ sidecar: { restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } } })

test('every type of condition that every node has is evaluated in every reconcile, in the same order', () => {
  const types = Object.keys(NODE_CONDITIONS).filter(type => type !== 'VolumeGrowth' && type !== 'UpgradesHealthy')
  for (const changes of [{}, begun, paused, { spec: missing, children: {}, pod: undefined, plan: undefined }]) {
    assert.deepEqual(
      nodeConditions(observationOf(changes))
        .map(({ type }) => type)
        .toSorted(),
      types.toSorted(),
    )
  }
})

const ready: readonly (readonly [title: string, changes: Partial<Observation>, status: string, reason: string])[] = [
  ['seid keeps up', {}, 'True', 'Ready'],
  ['seid is behind', { pod: podOf({ ready: false }) }, 'False', 'CatchingUp'],
  ['seid does not run', { pod: podOf({ ready: false, seid: { state: { waiting: {} } } }) }, 'False', 'PodNotReady'],
  ['the sidecar holds seid back', { sidecar: { kind: 'released' } }, 'False', 'SidecarNotReady'],
  ['the sidecar does not answer', { sidecar: { kind: 'unreachable', message: 'refused' } }, 'False', 'SidecarNotReady'],
  ['failure mode 23: the pod is of an older spec', { rollout: { kind: 'rolling' } }, 'Unknown', 'NewGeneration'],
  ['failure mode 23: nothing is known of the pod', { rollout: undefined }, 'Unknown', 'NewGeneration'],
  ['the pod is gone', { pod: undefined, rollout: { kind: 'creating' } }, 'False', 'WaitingForPod'],
  ['the bootstrap runs', begun, 'False', 'Initializing'],
  [
    'the sidecar does not answer in the middle of the bootstrap',
    { ...begun, sidecar: { kind: 'unreachable', message: 'refused' } },
    'False',
    'SidecarNotReady',
  ],
  ['the bootstrap waits for a pod', { plan: planOf(TASKS), sidecar: { kind: 'absent' } }, 'False', 'WaitingForPod'],
  ['the bootstrap failed', { plan: failedPlan(TASKS, 'x') }, 'False', 'PlanFailed'],
  ['the spec is wrong and there is no pod', { spec: missing, pod: undefined }, 'False', 'SpecInvalid'],
  ['the spec is wrong since, and the pod runs on', { spec: { ...missing, blocks: false } }, 'True', 'Ready'],
  ['the spec cannot be carried out since, though the pod runs on', { spec: missing }, 'False', 'SpecInvalid'],
  [
    'a child could not be brought to the spec',
    { children: { problem: { reason: 'ApplyRefused', message: 'quota' } } },
    'Unknown',
    'NewGeneration',
  ],
  [
    'a changed configuration was written to the volume a moment ago',
    { updatePlan: planOf(TASKS, TASKS.length), appliedConfig: { hash: 'h', overrideKeys: [] } },
    'Unknown',
    'NewGeneration',
  ],
  [
    'the bootstrap wrote the first configuration a moment ago',
    { appliedConfig: { hash: 'h', overrideKeys: [] }, sidecar: { kind: 'released' } },
    'False',
    'SidecarNotReady',
  ],
  ['the node is paused', paused, 'Unknown', 'Paused'],
]

for (const [title, changes, status, reason] of ready) {
  test(`Ready is ${status}, ${reason}, where ${title}`, () => {
    const found = evaluated('Ready', changes)
    assert.deepEqual([found.status, found.reason], [status, reason])
  })
}

test('failure mode 4: a failed task is reported in full, with the way out', () => {
  const { status, message } = evaluated('Initialized', { plan: failedPlan(TASKS, 'unknown override key "x"') })
  assert.equal(status, 'False')
  assert.match(message, /task configure-genesis failed: unknown override key "x"/)
  assert.match(message, /sei\.io\/retry-plan/)
})

const initialized: readonly (readonly [
  title: string,
  changes: Partial<Observation>,
  reason: string,
  message: RegExp,
])[] = [
  ['there is no volume', { plan: undefined }, 'PlanPending', /when the volume exists/],
  ['no sidecar runs', { plan: planOf(TASKS), sidecar: { kind: 'absent' } }, 'PlanPending', /bootstrap of 3 tasks/],
  ['its second task is current', begun, 'PlanActive', /task 2 of 3, config-apply/],
  [
    'its peers cannot be looked up just now',
    { ...begun, peersUnresolved: 'AWS limits the rate of requests' },
    'PeersUnresolved',
    /task 2 of 3, config-apply: AWS limits/,
  ],
  ['the sidecar went away in the middle of it', { ...begun, sidecar: { kind: 'absent' } }, 'PlanActive', /task 2 of 3/],
  ['it is complete', {}, 'PlanComplete', /all 3 tasks/],
  ['it is complete and the node is paused', paused, 'PlanComplete', /all 3 tasks/],
]

for (const [title, changes, reason, message] of initialized) {
  test(`Initialized tells how far the bootstrap is: ${title}`, () => {
    const found = evaluated('Initialized', changes)
    assert.equal(found.reason, reason)
    assert.match(found.message, message)
  })
}

const sidecars: readonly (readonly [sidecar: SidecarObservation, status: string, reason: string])[] = [
  [{ kind: 'absent' }, 'False', 'WaitingForPod'],
  [{ kind: 'starting' }, 'False', 'Starting'],
  [{ kind: 'bootstrapping' }, 'False', 'AwaitingMarkReady'],
  [{ kind: 'bootstrapping', block: 'the reservation has changed' }, 'False', 'AwaitingMarkReady'],
  [{ kind: 'busy', message: 'runs another' }, 'False', 'Busy'],
  [{ kind: 'unreachable', message: 'refused' }, 'False', 'Unreachable'],
  [{ kind: 'released' }, 'False', 'AwaitingMarkReady'],
  [{ kind: 'ready' }, 'True', 'Ready'],
]

for (const [sidecar, status, reason] of sidecars) {
  test(`SidecarReady is ${status}, ${reason}, where the sidecar is ${Object.values(sidecar).join(': ')}`, () => {
    const found = evaluated('SidecarReady', { sidecar })
    assert.deepEqual([found.status, found.reason], [status, reason])
    if ('hold' in sidecar) assert.match(found.message, /is not marked ready: the reservation has changed$/)
    if ('message' in sidecar) assert.match(found.message, new RegExp(sidecar.message))
  })
}

test('a sidecar in a crash loop is reported with its log, whatever else is known', () => {
  const found = evaluated('SidecarReady', { pod: crashing, sidecar: { kind: 'absent' } })
  assert.equal(found.reason, 'CrashLooping')
  assert.match(found.message, /kubectl logs .* -c sei-sidecar/)
})

test('a paused node says so in every condition that is not judged', () => {
  for (const type of ['Ready', 'SpecValid', 'SidecarReady'])
    assert.equal(evaluated(type, paused).status, 'Unknown', type)
  assert.deepEqual([evaluated('Paused', paused).status, evaluated('Reconciling', paused).reason], ['True', 'Paused'])
  assert.equal(evaluated('Paused', {}).status, 'False')
})

test('Ready of a bootstrapped node says why its sidecar cannot start', () => {
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "sei/seictl:gone"' }
  const pod = podOf({ sidecar: { state: { waiting }, started: false }, seid: null, ready: false })
  const found = nodeConditions(observationOf({ pod, sidecar: { kind: 'absent' } }))[0]
  assert.equal(found?.reason, 'SidecarNotReady')
  assert.match(found.message, /^the sidecar is not running yet\. .*sei-sidecar.*pull/)
})
