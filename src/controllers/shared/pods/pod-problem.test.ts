/** What holds a pod up, told in words that name the field to correct. */
import type { ContainerStatus, Pod, PodCondition, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOW, podOf } from '../../seinode/testdata/objects.ts'
import { isSidecarCrashLooping, podProblem, unschedulableSince, waitingSince } from './pod-problem.ts'

function waiting(reason: string, message?: string): Partial<ContainerStatus> {
  return { state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } }
}

function scheduling(condition: Partial<PodCondition>): Pod {
  const pod = podOf({ sidecar: null, seid: null })
  return { ...pod, status: { conditions: [{ type: 'PodScheduled', status: 'False', ...condition }] } }
}

function withInit(status: Partial<ContainerStatus>): Pod {
  const pod = podOf({ sidecar: waiting('PodInitializing'), seid: waiting('PodInitializing') })
  const init = { name: 'seid-init', image: 'seid:v1', imageID: '', ready: false, restartCount: 3, ...status }
  return { ...pod, status: { ...pod.status, initContainerStatuses: [init] } }
}

const unschedulable = { reason: 'Unschedulable', message: '0/3 nodes are available' } as const
const at = (ms: number): { lastTransitionTime: string } => ({ lastTransitionTime: new Date(ms).toISOString() })

const ZONES = { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 }

function constrained(spec: Partial<PodSpec>, message: string = unschedulable.message): Pod {
  const pod = scheduling({ ...unschedulable, message, ...at(NOW - 10_000) })
  return { ...pod, spec: { containers: [], ...spec } }
}

function fromSecret(pod: Pod): Pod {
  const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'trace', key: 'token' } } }]
  return { ...pod, spec: { containers: [{ name: 'seid', env }] } }
}

const none: readonly (readonly [title: string, pod: Pod])[] = [
  ['runs', podOf()],
  ['starts its containers', podOf({ sidecar: waiting('PodInitializing'), seid: waiting('PodInitializing') })],
  ['creates a container', podOf({ seid: waiting('ContainerCreating') })],
  ['has been unschedulable for less than ten seconds', scheduling({ ...unschedulable, ...at(NOW - 9_999) })],
  ['waits for a gate of its own', scheduling({ reason: 'SchedulingGated', ...at(NOW - 60_000) })],
  ['ended a container once', podOf({ seid: { state: { terminated: { exitCode: 1 } } } })],
  ['has no status', { metadata: { name: 'a-0' } }],
]

for (const [title, pod] of none) {
  test(`there is no problem with a pod that ${title}`, () => {
    assert.equal(podProblem(pod, NOW), undefined)
  })
}

const problems: readonly (readonly [title: string, pod: Pod, reason: string, ...words: readonly RegExp[]])[] = [
  [
    'fits on no cluster node for ten seconds',
    scheduling({ ...unschedulable, ...at(NOW - 10_000) }),
    'Unschedulable',
    /0\/3 nodes are available/,
    /spec\.resources/,
  ],
  [
    'fits on no cluster node that its spec asks for',
    constrained({ nodeSelector: { disk: 'nvme' } }),
    'Unschedulable',
    /Raise the limits of the Karpenter NodePool, lower spec\.resources, or relax spec\.scheduling$/,
  ],
  [
    'fits on no cluster node without another pod',
    constrained({
      topologySpreadConstraints: [ZONES],
    }),
    'Unschedulable',
    /relax spec\.scheduling$/,
  ],
  [
    'fits on no cluster node for its spread',
    constrained(
      { topologySpreadConstraints: [ZONES] },
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.",
    ),
    'Unschedulable',
    /lower spec\.resources, or relax spec\.scheduling\.topologySpreadConstraints \(zone\)$/,
  ],
  [
    'has its volume where its spread does not let it run',
    constrained(
      { topologySpreadConstraints: [ZONES, { ...ZONES, topologyKey: 'x', whenUnsatisfiable: 'ScheduleAnyway' }] },
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) had volume node affinity conflict.",
    ),
    'Unschedulable',
    /Its volume cannot move, and spec\.scheduling\.topologySpreadConstraints \(zone\) may not let .* set whenUnsatisfiable: ScheduleAnyway$/,
  ],
  [
    'has its volume where its spread does not let it run, as newer schedulers say it',
    constrained(
      { topologySpreadConstraints: [ZONES, { ...ZONES, topologyKey: 'x', whenUnsatisfiable: 'ScheduleAnyway' }] },
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match PersistentVolume's node affinity.",
    ),
    'Unschedulable',
    /Its volume cannot move, and spec\.scheduling\.topologySpreadConstraints \(zone\) may not let .* set whenUnsatisfiable: ScheduleAnyway$/,
  ],
  [
    'has its volume where there is no machine',
    constrained({}, '0/2 nodes are available: 2 node(s) had volume node affinity conflict.'),
    'Unschedulable',
    /Raise the limits of the Karpenter NodePool or lower spec\.resources$/,
  ],
  [
    'names an image of seid that is not there',
    podOf({ seid: waiting('ImagePullBackOff', 'not found') }),
    'ImagePullFailed',
    /image seid:v1 of container seid .*ImagePullBackOff: not found/,
    /Correct spec\.image,/,
  ],
  [
    'names an image of the sidecar that is not there',
    podOf({ sidecar: waiting('ErrImagePull') }),
    'ImagePullFailed',
    /\(ErrImagePull\)/,
    /Correct spec\.sidecar\.image,/,
  ],
  ['names an image that is no name', podOf({ seid: waiting('InvalidImageName') }), 'ImagePullFailed', /spec\.image/],
  [
    'has a command that cannot be run',
    podOf({ seid: waiting('RunContainerError', 'exec: "sied": not found') }),
    'ContainerConfigError',
    /exec: "sied": not found/,
    /spec\.entrypoint/,
  ],
  [
    'takes a variable from a Secret that is missing',
    fromSecret(podOf({ seid: waiting('CreateContainerConfigError', 'secret "trace" not found') })),
    'ContainerConfigError',
    /secret "trace" not found\)\. Correct the Secret or spec\.env, spec\.entrypoint, or spec\.image$/,
  ],
  [
    'has a seid that stops again and again',
    podOf({
      seid: {
        ...waiting('CrashLoopBackOff'),
        restartCount: 4,
        lastState: { terminated: { exitCode: 2, message: 'panic: no genesis\n' } },
      },
    }),
    'CrashLooping',
    /container seid .*\(4 restarts, last with exit code 2: panic: no genesis\)/,
    /kubectl logs -n sei a-0 -c seid --previous/,
  ],
  [
    'has a seid that needs more memory than it may have',
    podOf({
      seid: {
        ...waiting('CrashLoopBackOff'),
        restartCount: 4,
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      },
    }),
    'CrashLooping',
    /\(4 restarts, last killed because it exceeded its memory limit \(OOMKilled\)\)\. Raise the memory limit of container seid/,
  ],
  [
    'has a seid that ends by a signal',
    podOf({
      seid: {
        ...waiting('CrashLoopBackOff'),
        restartCount: 4,
        lastState: { terminated: { exitCode: 139, reason: 'Error' } },
      },
    }),
    'CrashLooping',
    /last with exit code 139, by signal 11\)/,
  ],
  [
    'has an init that fails',
    withInit(waiting('CrashLoopBackOff')),
    'InitFailed',
    /container seid-init .*\(3 restarts\)/,
    /-c seid-init --previous/,
  ],
]

for (const [title, pod, reason, ...words] of problems) {
  test(`${reason}: a pod that ${title}`, () => {
    const problem = podProblem(pod, NOW)
    assert.equal(problem?.reason, reason)
    for (const word of words) assert.match(problem.message, word)
  })
}

test('a problem of the sidecar is reported before one of seid, which waits for it', () => {
  const pod = podOf({ sidecar: waiting('ErrImagePull'), seid: waiting('ErrImagePull') })
  assert.match(podProblem(pod, NOW)?.message ?? '', /container sei-sidecar/)
})

test('a pod without a time of its condition has been unschedulable since it was made', () => {
  assert.equal(unschedulableSince(scheduling(unschedulable)), NOW - 60_000)
})

test('only the sidecar counts as a sidecar in a crash loop', () => {
  assert.equal(isSidecarCrashLooping(podOf({ sidecar: waiting('CrashLoopBackOff') })), true)
  assert.equal(isSidecarCrashLooping(podOf({ seid: waiting('CrashLoopBackOff') })), false)
  assert.equal(isSidecarCrashLooping(podOf({ sidecar: waiting('ErrImagePull') })), false)
})

const CREATED = NOW - 60_000
const LATER = NOW - 20_000
const waits = (reason: string) => ({ started: false, state: { waiting: { reason } } })
const ended = { started: false, state: { terminated: { exitCode: 1, finishedAt: new Date(LATER).toISOString() } } }

function withCondition(pod: Pod, type: string, status = 'True', reason?: string): Pod {
  const lastTransitionTime = new Date(NOW - 30_000).toISOString()
  const condition: PodCondition = { type, status, lastTransitionTime, ...(reason === undefined ? {} : { reason }) }
  return { ...pod, status: { ...pod.status, conditions: [condition] } }
}

const bare = podOf({ sidecar: null, seid: null, ip: undefined })

const rows: readonly (readonly [title: string, pod: Pod, since: number | undefined])[] = [
  ['a pod that runs', podOf(), undefined],
  ['a pod that is deleted, from the end of its grace on', podOf({ terminating: true }), NOW],
  ['a pod that the scheduler has not looked at', bare, CREATED],
  ['a pod that is scheduled and of which its kubelet says nothing', withCondition(bare, 'PodScheduled'), NOW - 30_000],
  [
    'a pod whose containers are being made',
    withCondition(podOf({ sidecar: waits('PodInitializing'), seid: waits('PodInitializing') }), 'PodScheduled'),
    NOW - 30_000,
  ],
  ['a pod that fits nowhere says so', withCondition(bare, 'PodScheduled', 'False', 'Unschedulable'), undefined],
  ['an image that cannot be pulled says so', podOf({ sidecar: waits('ImagePullBackOff') }), undefined],
  ['a seid that crash-loops says so', podOf({ seid: waits('CrashLoopBackOff') }), undefined],
  ['a sidecar that ended and is not started again', podOf({ sidecar: ended, seid: waits('PodInitializing') }), LATER],
  [
    'a sidecar that holds seid back is asked',
    podOf({ sidecar: { started: false }, seid: waits('PodInitializing') }),
    undefined,
  ],
  [
    'a seid that is let start and does not',
    withCondition(podOf({ seid: waits('PodInitializing') }), 'Initialized'),
    NOW - 30_000,
  ],
  ['a seid that ended is replaced with its pod', podOf({ seid: ended }), undefined],
]

for (const [title, pod, since] of rows) {
  test(title, () => assert.equal(waitingSince(pod), since))
}
