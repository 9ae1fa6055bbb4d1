/** What a pool's conditions say, for everything that can be found. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PoolConditionType } from '../../../api/conditions.ts'
import { findCondition } from '../../../lib/conditions.ts'
import { seiNodePool } from '../../../build/testdata/pools.ts'
import { poolConditions } from './pool-conditions.ts'
import type { Preparation } from '../jobs/preparation.ts'
import type { PoolObservation } from '../observation.ts'
import { buildPoolStatus } from '../status.ts'
import { member, NOW, poolObservation } from '../testdata/observation.ts'

const running: Preparation = { kind: 'running', message: 'Job net-prep-0 runs' }
const prepared: Preparation = { kind: 'prepared', volumeUID: 'uid', isNew: false }
const foreign = { reason: 'ForeignObject', message: 'Job net-genesis exists and belongs to Deployment x' } as const
const down = member(1, { state: 'down' })
const waiting = {
  cause: 'Spec',
  waitsFor: down,
  silence: undefined,
  changed: [],
  remaining: 3,
} as const

interface Row {
  readonly title: string
  readonly observation: Partial<PoolObservation>
  /** Ready, GenesisComplete, NodesPrepared, NodesReady, Reconciling. */
  readonly reasons: readonly string[]
  readonly phase?: string
}

const rows: readonly Row[] = [
  {
    title: 'everything is up to date',
    observation: {},
    reasons: ['Ready', 'Complete', 'Prepared', 'AllReady', 'Stable'],
    phase: 'Running',
  },
  {
    title: 'admission rewrote a SeiNode',
    observation: { rewritten: 'SeiNode net-0 differs' },
    reasons: ['Ready', 'Complete', 'Prepared', 'AllReady', 'Rewritten'],
    phase: 'Running',
  },
  {
    title: 'the genesis volume is not there',
    observation: {
      ceremony: { kind: 'waiting', message: 'x' },
      preparations: undefined,
      members: [member(0, { live: undefined, state: 'down', spec: 'missing' })],
    },
    reasons: ['GenesisRunning', 'VolumesPending', 'WaitingForGenesis', 'WaitingForPreparation', 'GenesisRunning'],
    phase: 'Pending',
  },
  {
    title: 'the ceremony runs',
    observation: {
      ceremony: { kind: 'running', message: 'step 1 of 3' },
      preparations: undefined,
      members: [member(0, { live: undefined, state: 'down', spec: 'missing' })],
    },
    reasons: ['GenesisRunning', 'JobRunning', 'WaitingForGenesis', 'WaitingForPreparation', 'GenesisRunning'],
    phase: 'Initializing',
  },
  {
    title: 'its pod does not come up',
    observation: { ceremony: { kind: 'stuck', message: 'no such image' }, preparations: undefined },
    reasons: ['GenesisFailed', 'JobStuck', 'WaitingForGenesis', 'AllReady', 'JobStuck'],
  },
  {
    title: 'the ceremony failed',
    observation: { ceremony: { kind: 'failed', message: 'exit code 1' }, preparations: undefined },
    reasons: ['GenesisFailed', 'JobFailed', 'WaitingForGenesis', 'AllReady', 'JobFailed'],
    phase: 'Failed',
  },
  {
    title: 'the genesis volume is that of another network',
    observation: { ceremony: { kind: 'other-network', message: 'chain x' }, preparations: undefined },
    reasons: ['GenesisFailed', 'OtherNetwork', 'WaitingForGenesis', 'AllReady', 'OtherNetwork'],
    phase: 'Failed',
  },
  {
    title: 'a Job’s name is taken',
    observation: {
      ceremony: { kind: 'blocked', message: foreign.message, problem: foreign },
      problem: foreign,
      preparations: undefined,
    },
    reasons: ['GenesisFailed', 'VolumesPending', 'WaitingForGenesis', 'AllReady', 'ForeignObject'],
    phase: 'Pending',
  },
  {
    title: 'the ceremony is just over',
    observation: { preparations: undefined, members: [member(0, { live: undefined, state: 'down', spec: 'missing' })] },
    reasons: ['Preparing', 'Complete', 'WaitingForGenesis', 'WaitingForPreparation', 'Preparing'],
  },
  {
    title: 'volumes are being prepared',
    observation: {
      preparations: [running, prepared, prepared, prepared],
      members: [0, 1, 2, 3].map(index => member(index, { live: undefined, state: 'down', spec: 'missing' })),
    },
    reasons: ['Preparing', 'Complete', 'JobsRunning', 'WaitingForPreparation', 'Preparing'],
    phase: 'Initializing',
  },
  {
    title: 'a volume was replaced under a pool that runs',
    observation: {
      preparations: [{ kind: 'replaced', by: 'uid-9', message: 'not the one' }, prepared, prepared, prepared],
    },
    reasons: ['PreparationFailed', 'Complete', 'VolumeReplaced', 'AllReady', 'VolumeReplaced'],
    phase: 'Failed',
  },
  {
    title: 'a volume is of another genesis, which weighs more than one that is being prepared',
    observation: { preparations: [running, { kind: 'other-genesis', message: 'another' }, prepared, prepared] },
    reasons: ['PreparationFailed', 'Complete', 'OtherGenesis', 'AllReady', 'OtherGenesis'],
    phase: 'Failed',
  },
  {
    title: 'a volume is being deleted, which weighs more than a Job that failed',
    observation: {
      preparations: [{ kind: 'failed', message: 'exit code 1' }, { kind: 'terminating', message: 'x' }, prepared],
    },
    reasons: ['PreparationFailed', 'Complete', 'VolumeLeaving', 'AllReady', 'VolumeLeaving'],
  },
  {
    title: 'a volume is lost',
    observation: { preparations: [{ kind: 'lost', message: 'x' }, prepared, prepared, prepared] },
    reasons: ['PreparationFailed', 'Complete', 'VolumeLost', 'AllReady', 'VolumeLost'],
  },
  {
    title: 'nodes are being made',
    observation: { members: [member(0), member(1, { live: undefined, state: 'down', spec: 'missing' })] },
    reasons: ['CreatingNodes', 'Complete', 'Prepared', 'Creating', 'CreatingNodes'],
    phase: 'Initializing',
  },
  {
    title: 'a node is not Ready',
    observation: { members: [member(0), down, member(2), member(3)] },
    reasons: ['NodesNotReady', 'Complete', 'Prepared', 'NotReady', 'Stable'],
  },
  {
    title: 'the network made no block yet',
    observation: { pool: seiNodePool('net') },
    reasons: ['NoBlocks', 'Complete', 'Prepared', 'AllReady', 'Stable'],
  },
  {
    title: 'the network was just seen to make a block',
    observation: { pool: seiNodePool('net'), chain: { watch: 'soon', hasBlocks: true, silence: undefined } },
    reasons: ['Ready', 'Complete', 'Prepared', 'AllReady', 'Stable'],
  },
  {
    title: 'a change waits for a node',
    observation: { rollout: waiting },
    reasons: ['NewGeneration', 'Complete', 'Prepared', 'AllReady', 'RollingOut'],
  },
  {
    title: 'nodes of an earlier operator stand',
    observation: { ceremony: { kind: 'taken-over' } },
    reasons: ['Ready', 'Complete', 'Prepared', 'AllReady', 'Stable'],
  },
]

const JUDGED: readonly PoolConditionType[] = ['Ready', 'GenesisComplete', 'NodesPrepared', 'NodesReady', 'Reconciling']

for (const { title, observation, reasons, phase } of rows) {
  test(`R2: where ${title}, the conditions are ${reasons.join(', ')}`, () => {
    const status = buildPoolStatus(poolObservation(observation))
    assert.deepEqual(
      JUDGED.map(type => findCondition(status.conditions, type)?.reason),
      reasons,
    )
    if (phase !== undefined) assert.equal(status.phase, phase)
  })
}

test('every condition is there in every reconcile, each with one reason of its list', () => {
  for (const { observation } of rows) {
    assert.deepEqual(
      poolConditions(poolObservation(observation)).map(({ type }) => type),
      ['Ready', 'SpecValid', 'GenesisComplete', 'NodesPrepared', 'NodesReady', 'Reconciling', 'Stalled', 'Paused'],
    )
  }
})

const PULL_FAILED = { type: 'Stalled', status: 'True', reason: 'ImagePullFailed', since: 1000 } as const

interface Halt {
  readonly cause: 'Spec' | 'Operator'
  readonly changed: readonly string[]
  /** Of the node's rollout, milliseconds ago. */
  readonly since: number
  readonly isOfEarlierSpec: boolean
  readonly isEarly: boolean
}

/** What a pool says of a rollout whose node complains. */
function haltedBy(
  conditions: readonly {
    readonly type: string
    readonly status: 'True' | 'False'
    readonly reason: string
    readonly since: number
  }[],
  { cause = 'Spec', changed = [], since = 1000, isOfEarlierSpec = false, isEarly = false }: Partial<Halt> = {},
) {
  const found = member(
    1,
    { state: 'down', isEarly },
    {
      rollout: { phase: 'Underway', cause, revision: 'r', since: new Date(NOW - since).toISOString() },
      conditions: conditions.map(({ since: ago, ...condition }) => ({
        ...condition,
        message: `${condition.reason} says so`,
        lastTransitionTime: new Date(NOW - ago).toISOString(),
      })),
    },
  )
  const { live } = found
  const newer = live && { ...live, metadata: { ...live.metadata, generation: 2 } }
  const waitsFor = isOfEarlierSpec ? { ...found, live: newer } : found
  const observation = poolObservation({ rollout: { ...waiting, cause, changed, waitsFor } })
  return poolConditions(observation).find(({ type }) => type === 'Reconciling')
}

test('R2: a rollout is halted where its node says why it does not come up, or does not for ten minutes', () => {
  const ready = { type: 'Ready', status: 'False', reason: 'PodNotReady', since: 1000 } as const
  const stable = { type: 'Reconciling', status: 'False', reason: 'Stable', since: 1000 } as const
  assert.equal(haltedBy([PULL_FAILED, ready])?.reason, 'RolloutHalted')
  assert.equal(haltedBy([stable, ready], { since: 599_000 })?.reason, 'RollingOut')
  const rewritten = { ...stable, reason: 'Rewritten' } as const
  assert.equal(haltedBy([rewritten, ready], { since: 599_000 })?.reason, 'RollingOut')
  const halted = haltedBy([stable, ready], { since: 600_000 })
  assert.equal(halted?.reason, 'RolloutHalted')
  assert.match(
    halted?.message ?? '',
    /the rollout is halted at net-1, which does not run: not Ready since .*PodNotReady says so; 3 of 4.*Correct spec\.nodeConfiguration/,
  )
})

test('a rollout is halted where the first node cannot have its image before an upgrade of the chain', () => {
  const early = { type: 'UpgradesHealthy', status: 'False', reason: 'UpgradeTooEarly', since: 1000 } as const
  const halted = haltedBy([early], { isEarly: true })
  assert.equal(halted?.reason, 'RolloutHalted')
  assert.match(
    halted?.message ?? '',
    /halted at net-1, which runs the image of before: UpgradeTooEarly says so; 3 of 4/,
  )
})

test('R2: a node that has just been given the cure is not decided by what it was before', () => {
  const ready = { type: 'Ready', status: 'False', reason: 'PodNotReady', since: 3_600_000 } as const
  assert.equal(haltedBy([ready])?.reason, 'RollingOut')
  assert.equal(haltedBy([PULL_FAILED, ready], { isOfEarlierSpec: true })?.reason, 'RollingOut')
  const given = haltedBy([PULL_FAILED, ready], { changed: ['net-1'] })
  assert.match(given?.message ?? '', /the changed spec was given to net-1/)
})

test('a rollout that waits for no node says what it waits for', () => {
  const chain = { watch: 'soon', hasBlocks: true, silence: 'net-2: no answer within 5 s' } as const
  const observation = poolObservation({ rollout: { ...waiting, waitsFor: undefined }, chain })
  const progressing = poolConditions(observation).find(({ type }) => type === 'Reconciling')
  assert.match(
    progressing?.message ?? '',
    /waits until every other validator follows the chain.*net-2: no answer within 5 s/,
  )
})

test('failure mode 32: a rollout of what the operator makes of nodes says so, and how to undo it', () => {
  const rollout = { ...waiting, cause: 'Operator' } as const
  const progressing = poolConditions(poolObservation({ rollout })).find(({ type }) => type === 'Reconciling')
  assert.match(progressing?.message ?? '', /the next node gets the pod template of the operator's current version/)
  const last = poolConditions(poolObservation({ rollout: { ...rollout, remaining: 0 } })).find(
    ({ type }) => type === 'Reconciling',
  )
  assert.match(
    last?.message ?? '',
    /every node has the pod template.*the rollout completes when net-1 follows the chain/,
  )
  const halted = haltedBy([PULL_FAILED], { cause: 'Operator' })
  assert.match(halted?.message ?? '', /the rollout is halted at net-1.*Go back to the operator's earlier version/)
})

function progressMessage(observation: Partial<PoolObservation>): string {
  return poolConditions(poolObservation(observation)).find(({ type }) => type === 'Reconciling')?.message ?? ''
}

test('a step that a claim keeps from going on names the claim, and since when it is Pending', () => {
  const metadata = { name: 'net-genesis-data', creationTimestamp: '2026-05-01T11:00:00Z' }
  const pendingClaims = [{ metadata }]
  const ceremony = { kind: 'stuck', message: 'pod net-genesis-x fits on no cluster node' } as const
  assert.match(
    progressMessage({ ceremony, preparations: undefined, pendingClaims }),
    /fits on no cluster node; claims that are Pending.*: net-genesis-data since 2026-05-01T11:00:00Z/,
  )
  assert.doesNotMatch(progressMessage({ pendingClaims }), /Pending/)
})

test('a prepared claim that something else owns, or whose volume is gone, stays on record and is reported', () => {
  for (const [kind, reason] of [
    ['foreign', 'VolumeForeign'],
    ['lost', 'VolumeLost'],
    ['terminating', 'VolumeLeaving'],
  ] as const) {
    const nodes = [0, 1, 2, 3].map(index => ({ name: `net-${index}`, ready: true, dataVolumeUID: `old-${index}` }))
    const pool = { ...seiNodePool('net'), status: { nodes } }
    const status = buildPoolStatus(
      poolObservation({ pool, preparations: [{ kind, message: 'claim data-net-0' }, prepared, prepared, prepared] }),
    )
    assert.equal(findCondition(status.conditions, 'NodesPrepared')?.reason, reason)
    assert.equal(status.nodes?.[0]?.dataVolumeUID, 'old-0')
    assert.notEqual(status.phase, 'Failed')
  }
})

test('R2: what was prepared stays on record, whatever claim stands there now, until a Job prepares another', () => {
  const nodes = [0, 1, 2, 3].map(index => ({ name: `net-${index}`, ready: true, dataVolumeUID: `old-${index}` }))
  const pool = { ...seiNodePool('net'), status: { nodes } }
  const preparations: readonly Preparation[] = [
    { kind: 'replaced', by: 'none', message: 'x' },
    { kind: 'prepared', volumeUID: 'new-1', isNew: true },
    { kind: 'waiting', message: 'x' },
    running,
  ]
  const status = buildPoolStatus(poolObservation({ pool, preparations }))
  assert.deepEqual(
    status.nodes?.map(({ dataVolumeUID }) => dataVolumeUID),
    ['old-0', 'new-1', 'old-2', 'old-3'],
  )
})

test('what admission rewrote is reported beside what is wrong', () => {
  const rewritten = 'Job net-genesis differs'
  const observation = poolObservation({ ceremony: { kind: 'stuck', message: 'Job net-genesis: no image' }, rewritten })
  const progressing = poolConditions(observation).find(({ type }) => type === 'Reconciling')
  assert.equal(progressing?.message, 'Job net-genesis: no image. In addition, Job net-genesis differs')
})
