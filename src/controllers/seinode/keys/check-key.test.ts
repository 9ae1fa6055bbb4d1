/** What a validator's pod, its claim and the reservations say together of whether seid may start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { type SeiNodeStatus, seiNodeStatus } from '../../../api/seinode-status.ts'
import type { SeiNode, SeiNodeSpec } from '../../../api/seinode.ts'
import { buildPodTemplate } from '../../../build/pod.ts'
import { platform } from '../../../build/testdata/platform.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { ApiError } from '../../../kube/errors.ts'
import type { KubeObject } from '../../../kube/types.ts'
import { refusingClient } from '../../../kube/testdata/refusing-client.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { dependenciesOf } from '../testdata/dependencies.ts'
import { NOW, planOf, statefulSetOf } from '../testdata/objects.ts'
import { MemorySidecar } from '../testdata/memory-sidecar.ts'
import { ERAS } from '../testdata/memory-sidecar.ts'
import { checkKey } from './check-key.ts'
import { readyBlockOf, isStopped, type KeyFinding, uncheckedKey } from './finding.ts'

const ADDRESS = 'seivalcons1abc'
const REPORT = `address ${ADDRESS}\nstate 100\n`
const REFUSED = new ApiError({ operation: 'write', object: 'it' }, 403, { reason: 'Forbidden', message: 'denied' })
const { signal } = new AbortController()

interface Facts {
  readonly spec?: Partial<SeiNodeSpec>
  readonly status?: SeiNodeStatus
  readonly annotations?: Readonly<Record<string, string>>
  /** Made by this version of the operator. */
  readonly isCurrent?: boolean
  readonly init?: Partial<ContainerStatus>
  readonly seid?: Partial<ContainerStatus>
  readonly failure?: Error
  /** Of the status, after the address is in it. */
  readonly isStatusRefused?: boolean
  /** The pod was deleted, and its time was over this long ago; milliseconds. */
  readonly overdue?: number
  readonly replicas?: number
}

const done = (message: string, exitCode = 0): Partial<ContainerStatus> => ({
  state: { terminated: { exitCode, message } },
})
const RUNS: Partial<ContainerStatus> = { state: { running: {} }, started: true, containerID: 'c' }
const KEYS: Partial<SeiNodeSpec> = { validator: { signingKey: { secretName: 'val' } } }

function containerStatus(name: string, rest: Partial<ContainerStatus>): ContainerStatus {
  return { name, image: '', imageID: '', ready: false, restartCount: 0, ...rest }
}

async function check(facts: Facts): Promise<{ readonly key: KeyFinding; readonly status: SeiNodeStatus | undefined }> {
  const {
    spec,
    status,
    annotations = {},
    isCurrent = true,
    init,
    seid,
    failure,
    isStatusRefused,
    overdue,
    replicas,
  } = facts
  const plain = seiNode('a', { mode: 'validator', ...spec }, { annotations: { ...annotations } })
  const node: SeiNode = status ? { ...plain, status } : plain
  const template = buildPodTemplate(isCurrent ? node : seiNode('a'), platform)
  const pod: Pod = {
    metadata: {
      name: 'a-0',
      namespace: 'sei',
      uid: 'pod-1',
      ...(overdue === undefined ? {} : { deletionTimestamp: new Date(NOW - overdue).toISOString() }),
    },
    ...(template.spec ? { spec: { ...template.spec, nodeName: 'm-1' } } : {}),
    status: {
      initContainerStatuses: [
        containerStatus('seid-init', init ?? { state: { waiting: {} } }),
        containerStatus('sei-sidecar', seid ? RUNS : {}),
      ],
      containerStatuses: [containerStatus('seid', seid ?? { state: { waiting: {} } })],
    },
  }
  const [era] = ERAS
  assert.ok(era)
  const base = dependenciesOf(new MemorySidecar(era))
  let written: SeiNodeStatus | undefined = status
  const client: NodeDependencies['client'] = {
    ...refusingClient,
    create: <T extends KubeObject>(_: unknown, object: T) =>
      failure ? Promise.reject(failure) : Promise.resolve(withVersion(object)),
    replace: <T extends KubeObject>(_: unknown, object: T) => {
      if (isStatusRefused && 'status' in object) return Promise.reject(REFUSED)
      if ('status' in object) written = seiNodeStatus.parse(object.status)
      return Promise.resolve(withVersion(object))
    },
  }
  if (overdue !== undefined) base.stores.pods.observeWrite(pod)
  const claim = { metadata: { name: 'data-a', uid: 'volume-1' } }
  const statefulSet = statefulSetOf()
  if (replicas !== undefined && statefulSet.spec) statefulSet.spec.replicas = replicas
  const input = { node, pod, statefulSet, claim }
  const { key } = await checkKey(input, { ...base, client }, signal)
  return { key, status: written }
}

function withVersion<T extends KubeObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion: '2' } }
}

const LEGACY = { isCurrent: false, init: done('') } as const
const COMPLETE: SeiNodeStatus = { initPlan: planOf(['mark-ready'], 1) }

const TABLE: readonly (readonly [what: string, facts: Facts, expected: string])[] = [
  ['it has reported', { init: done(REPORT) }, 'reserved'],
  ['it has not begun', {}, 'waiting'],
  ['it was deleted, and has time', { seid: RUNS, overdue: 0 }, 'waiting'],
  ['it was deleted, has no finalizer, and no word came for long', { seid: RUNS, overdue: 60_000 }, 'MachineLost'],
  ['its init container runs', { init: { state: { running: {} } } }, 'waiting'],
  ['its init container failed for another reason', { init: done('boom', 1) }, 'waiting'],
  ['a key is refused', { init: done('Secret val does not exist', 65) }, 'KeyNotUsable'],
  [
    'a key was refused, and is tried again',
    { init: { state: { running: {} }, lastState: { terminated: { exitCode: 65, message: 'no' } } } },
    'KeyNotUsable',
  ],
  [
    'a key was refused before, and is fine now',
    { init: { ...done(REPORT), lastState: { terminated: { exitCode: 65, message: 'no' } } } },
    'reserved',
  ],
  ['a signing state is refused', { init: done('no height', 66) }, 'KeyNotUsable'],
  ['no report though it succeeded', { init: done('') }, 'KeyNotUsable'],
  [
    'the kubelet lost the report of a pod in which seid has run',
    { init: done(''), seid: RUNS, status: { validator: { consensusAddress: ADDRESS } } },
    'reserved',
  ],
  ['a pod of an earlier version in which seid runs', { ...LEGACY, seid: RUNS }, 'none'],
  ['a pod of an earlier version in which seid has run', { ...LEGACY, seid: { ...done('', 1) } }, 'none'],
  ['a pod of an earlier version in which seid never ran', LEGACY, 'waiting'],
  ['a key of a Secret with a record', { spec: KEYS, init: done(REPORT) }, 'reserved'],
  ['a key of a Secret at height 0', { spec: KEYS, init: done(`address ${ADDRESS}\nstate 0`) }, 'SigningStateMissing'],
  [
    'a key of a Secret at height 0, where a person says that it has signed nothing',
    {
      spec: KEYS,
      annotations: { 'sei.io/accept-volume': 'unsigned:volume-1' },
      init: done(`address ${ADDRESS}\nstate 0`),
    },
    'reserved',
  ],
  [
    'a key of a Secret at height 0, where a person says that of another volume',
    {
      spec: KEYS,
      annotations: { 'sei.io/accept-volume': 'unsigned:volume-0' },
      init: done(`address ${ADDRESS}\nstate 0`),
    },
    'SigningStateMissing',
  ],
  [
    'a key of a Secret at height 0, where only the volume was accepted',
    { spec: KEYS, annotations: { 'sei.io/accept-volume': 'volume-1' }, init: done(`address ${ADDRESS}\nstate 0`) },
    'SigningStateMissing',
  ],
  [
    'a key of a Secret at height 0, on a volume that it was let start on',
    { spec: KEYS, status: COMPLETE, init: done(`address ${ADDRESS}\nstate 0`) },
    'reserved',
  ],
  [
    'a key of a Secret whose record is lost, whatever was accepted before',
    {
      spec: KEYS,
      status: COMPLETE,
      annotations: { 'sei.io/accept-volume': 'volume-1,unsigned:volume-1' },
      init: done(`address ${ADDRESS}\nstate none`),
    },
    'SigningStateMissing',
  ],
  ['the key of a volume at height 0', { init: done(`address ${ADDRESS}\nstate 0`) }, 'reserved'],
  ['a node that does not sign', { spec: { mode: 'full' } }, 'none'],
  [
    'the namespace of the operator is gone',
    {
      init: done(REPORT),
      failure: new ApiError({ operation: 'create', object: 'lease' }, 404, {
        reason: 'NotFound',
        message: 'namespaces "x" not found',
      }),
    },
    'ReservationFailed',
  ],
]

for (const [what, facts, expected] of TABLE) {
  test(`${what}: ${expected}`, async () => {
    const { key } = await check(facts)
    assert.equal(key.kind === 'refused' ? key.reason : key.kind, expected)
    // Whatever is not plainly reserved holds mark-ready, but for what runs already.
    assert.equal(readyBlockOf(key, 'pod-1') === undefined, expected === 'reserved' || expected === 'none')
  })
}

test('a signing state that cannot be read is never mended from a Secret or an older backup', async () => {
  for (const spec of [{}, KEYS]) {
    const { key } = await check({ spec, init: done('data/priv_validator_state.json has no height\n', 66) })
    assert.equal(
      readyBlockOf(key, 'pod-1'),
      'seid does not start: data/priv_validator_state.json has no height. Put priv_validator_state.json there from the last place where the key signed; the pod retries automatically. Never use an older backup: the validator would sign twice',
    )
  }
})

test('the consent to sign from height 0 keeps the one to use the volume', async () => {
  for (const [accepted, value] of [
    ['lost:volume-0', 'unsigned:volume-1'],
    ['volume-1', 'volume-1,unsigned:volume-1'],
  ] as const) {
    const annotations = { 'sei.io/accept-volume': accepted }
    const { key } = await check({ spec: KEYS, annotations, init: done(`address ${ADDRESS}\nstate 0`) })
    const message = readyBlockOf(key, 'pod-1') ?? ''
    assert.ok(message.endsWith(`seinode -n sei a sei.io/accept-volume=${value} --overwrite`), message)
  }
})

for (const [what, facts] of [
  ["its pod's machine is lost", { seid: RUNS, overdue: 60_000 }],
  ['its key cannot be reserved', { init: done(REPORT), failure: REFUSED }],
] as const) {
  test(`a node that was stopped stays so where ${what}`, async () => {
    assert.equal(isStopped((await check({ ...facts, replicas: 0 })).key), true)
    assert.equal(isStopped((await check({ ...facts, replicas: 1 })).key), false)
  })
}

test('a node that was stopped stays so where its key cannot be checked', () => {
  const statefulSet = statefulSetOf()
  assert.equal(isStopped(uncheckedKey(statefulSet)), false)
  if (statefulSet.spec) statefulSet.spec.replicas = 0
  assert.equal(isStopped(uncheckedKey(statefulSet)), true)
  assert.equal(isStopped(uncheckedKey(undefined)), false)
})

test('where the key cannot be reserved, the message says whether seid runs', async () => {
  const facts: Facts = { init: done(REPORT), failure: REFUSED }
  const stopped = readyBlockOf((await check(facts)).key, 'pod-1') ?? ''
  assert.ok(stopped.startsWith(`seid does not start: consensus key ${ADDRESS} cannot be reserved: `), stopped)
  const running = readyBlockOf((await check({ ...facts, seid: RUNS })).key, 'pod-1') ?? ''
  assert.ok(
    running.startsWith(`seid keeps running, but no new pod may start it: consensus key ${ADDRESS} cannot`),
    running,
  )
})

test('a status that cannot be written is not taken for a key that cannot be reserved', async () => {
  const status: SeiNodeStatus = { validator: { consensusAddress: ADDRESS } }
  await assert.rejects(check({ init: done(REPORT), status, isStatusRefused: true }), REFUSED)
})

test('a report is of one pod: another one is blocked until it has reported itself', async () => {
  const { key } = await check({ init: done(REPORT) })
  assert.equal(readyBlockOf(key, 'pod-1'), undefined)
  assert.match(readyBlockOf(key, 'pod-2') ?? '', /has not reported/)
})

test('address and reservation are in status before the sidecar may be marked ready', async () => {
  const { status } = await check({ init: done(REPORT) })
  assert.deepEqual(status?.validator, { consensusAddress: ADDRESS, reservation: `sei-key-${ADDRESS}` })
})
