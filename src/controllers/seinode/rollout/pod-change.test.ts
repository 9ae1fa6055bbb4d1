/** What is due for a node's pod, and whether it happens now. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { NodeRollout } from '../../../api/seinode-status.ts'
import { type ChangeFacts, type PodChange, podChange, rolloutOf } from './pod-change.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { NOW, podOf } from '../testdata/objects.ts'

const OLD = 'a-1'
const NEW = 'a-2'

/** @param partition 1 holds the pod back */
function setOf(partition: 0 | 1, current: string, update: string, isObserved = true): StatefulSet {
  return {
    metadata: { name: 'a', generation: 2 },
    spec: {
      selector: {},
      serviceName: 'a',
      template: {},
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } },
    },
    status: {
      replicas: 1,
      observedGeneration: isObserved ? 2 : 1,
      currentRevision: current,
      updateRevision: update,
    },
  }
}

function podAt(revision: string, isRunning = true): ReturnType<typeof podOf> {
  return podOf({ revision, ...(isRunning ? {} : { seid: { state: { waiting: { reason: 'CrashLoopBackOff' } } } }) })
}

function stored(phase: NodeRollout['phase'], cause: NodeRollout['cause'] = 'Operator'): NodeRollout {
  return { phase, cause, revision: 'r', since: '2026-05-01T11:00:00.000Z' }
}

const REST: ChangeFacts = {
  live: setOf(1, OLD, OLD),
  pod: podAt(OLD),
  isTemplateChanged: false,
  isPodSpecChanged: false,
  isSpecEdited: false,
  isConfigDue: false,
  updatePhase: undefined,
  stored: undefined,
  isApproved: false,
  isSidecarSilent: false,
  isWorkDue: false,
  isUpgradeUrgent: false,
  cannotStart: false,
  mayRestart: true,
  isProven: false,
}
/** The operator makes another template than the one that stands. */
const OPERATOR = { isTemplateChanged: true } as const
const EDIT = { isTemplateChanged: true, isSpecEdited: true } as const
const HELD = { live: setOf(1, OLD, NEW), stored: stored('Waiting') } as const
const MOVING = { live: setOf(0, OLD, NEW), stored: stored('Underway', 'Spec') } as const

type Row = readonly [what: string, facts: Partial<ChangeFacts>, kind: PodChange['kind'], cause?: NodeRollout['cause']]

const rows: readonly Row[] = [
  ['nothing is due', {}, 'none'],
  ['a StatefulSet that is made now has nothing to hold back', { live: undefined, ...OPERATOR }, 'none'],
  ['a change of the operator waits', OPERATOR, 'waiting', 'Operator'],
  ['it waits once it is written, too', HELD, 'waiting', 'Operator'],
  [
    'a StatefulSet of an earlier operator waits, though nothing holds its pod',
    { live: setOf(0, OLD, OLD), ...OPERATOR },
    'waiting',
  ],
  ['it restarts the pod with its turn', { ...HELD, isApproved: true }, 'restarting', 'Operator'],
  ['a waiting pod that is made anew waits still', { ...HELD, pod: undefined }, 'waiting'],
  ['an edit of the spec restarts the pod at once', EDIT, 'restarting', 'Spec'],
  ['an edit of the spec releases a change that waits', { ...HELD, ...EDIT }, 'restarting', 'Spec'],
  ['what the sidecar has to end comes before the restart', { ...EDIT, isWorkDue: true }, 'configuring', 'Spec'],
  ['a restart under way waits for nothing of that', { ...MOVING, isWorkDue: true }, 'restarting', 'Spec'],
  ['what the sidecar has to end restarts nothing by itself', { isWorkDue: true }, 'none'],
  ['a restart under way goes on', MOVING, 'restarting', 'Spec'],
  ['a restart under way goes on where status has lost it', { ...MOVING, stored: undefined }, 'restarting', 'Spec'],
  ['a restart under way takes a newer template at once', { ...MOVING, ...OPERATOR }, 'restarting'],
  ['the new pod that is not ready yet proves nothing', { ...MOVING, pod: podAt(NEW) }, 'proving', 'Spec'],
  [
    'nor does one that was never seen to follow the chain',
    { ...MOVING, live: setOf(0, NEW, NEW), pod: podAt(NEW) },
    'proving',
  ],
  ['the new pod that works ends it', { ...MOVING, live: setOf(0, NEW, NEW), pod: podAt(NEW), isProven: true }, 'none'],
  ['a StatefulSet whose status is behind changes nothing by itself', { live: setOf(1, OLD, OLD, false) }, 'none'],
  [
    'a pod of another revision without a rollout, as after a restore, waits',
    { live: setOf(1, NEW, NEW) },
    'waiting',
    'Operator',
  ],
  ['configuration goes first where seid runs', { isConfigDue: true, ...EDIT }, 'configuring', 'Spec'],
  ['configuration alone, too', { isConfigDue: true }, 'configuring', 'Spec'],
  [
    'the pod goes first where seid does not run',
    { isConfigDue: true, ...EDIT, pod: podAt(OLD, false) },
    'restarting',
    'Spec',
  ],
  ['the pod goes first where the sidecar does not answer', { isConfigDue: true, isSidecarSilent: true }, 'restarting'],
  ['a pod on its way is not held back for configuration', { ...MOVING, isConfigDue: true }, 'restarting'],
  [
    'configuration that is refused holds the pod of the same edit',
    { isConfigDue: true, updatePhase: 'Failed' },
    'configuring',
  ],
  [
    'configuration that is refused does not hold a later edit of the pod',
    { isConfigDue: true, updatePhase: 'Failed', ...EDIT, isPodSpecChanged: true },
    'restarting',
  ],
  [
    'configuration that is refused and edited again is tried while seid runs on',
    { isConfigDue: true, updatePhase: 'Failed', ...EDIT },
    'configuring',
  ],
  [
    'a pod that cannot start without the change does not wait',
    { ...HELD, cannotStart: true },
    'restarting',
    'Operator',
  ],
  [
    'an edit that does not concern the pod leaves a waiting change the operator’s',
    { ...HELD, isSpecEdited: true },
    'waiting',
    'Operator',
  ],
  ['a pod whose volume would not outlive it is kept', { ...EDIT, mayRestart: false }, 'kept'],
  ['so is one that is about to be replaced', { ...MOVING, mayRestart: false }, 'kept'],
  ['its configuration is applied all the same', { isConfigDue: true, mayRestart: false }, 'configuring'],
]

suite('what is due for a pod', () => {
  for (const [what, facts, kind, cause] of rows) {
    test(`${what}: ${kind}`, () => {
      const change = podChange({ ...REST, ...facts })
      assert.equal(change.kind, kind)
      if (cause !== undefined) assert.equal('cause' in change && change.cause, cause)
    })
  }
})

function node(rollout?: NodeRollout): ReturnType<typeof seiNode> {
  return { ...seiNode('a'), ...(rollout ? { status: { rollout } } : {}) }
}

suite('status of a rollout', () => {
  const at = { gate: { haltedAt: (): string | undefined => undefined }, clock: { now: () => NOW } }
  const now = new Date(NOW).toISOString()

  test('is absent where nothing is due', () => {
    assert.equal(
      rolloutOf({ kind: 'none' }, node(stored('Underway')), () => 'r', at),
      undefined,
    )
  })

  test('keeps the time while it waits, and starts anew with the rollout and with another revision', () => {
    const { since } = stored('Waiting')
    const waiting: PodChange = { kind: 'waiting', cause: 'Operator' }
    const moving: PodChange = { kind: 'restarting', cause: 'Operator' }
    assert.equal(rolloutOf(waiting, node(stored('Waiting')), () => 'other', at)?.since, since)
    assert.equal(rolloutOf(moving, node(stored('Waiting')), () => 'r', at)?.since, now)
    assert.equal(rolloutOf(moving, node(stored('Underway')), () => 'r', at)?.since, since)
    assert.equal(rolloutOf(moving, node(stored('Underway')), () => 'other', at)?.since, now)
  })

  test('names the node at which the rollout stands, on the nodes that wait', () => {
    const halted = { ...at, gate: { haltedAt: (): string => 'sei/b' } }
    assert.equal(rolloutOf({ kind: 'waiting', cause: 'Operator' }, node(), () => 'r', halted)?.node, 'sei/b')
    assert.equal(rolloutOf({ kind: 'proving', cause: 'Operator' }, node(), () => 'r', halted)?.node, undefined)
  })
})
