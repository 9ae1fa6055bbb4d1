/** What a pod's status says of its two containers. */
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOW, podOf } from '../../seinode/testdata/objects.ts'
import { seidState, sidecarPortOf, sidecarState } from './pod-state.ts'

const absent: readonly (readonly [title: string, pod: Pod | undefined])[] = [
  ['no pod', undefined],
  ['a pod that is going', podOf({ terminating: true })],
  ['a pod without an address', podOf({ ip: undefined })],
  ['a pod whose containers have no status yet', podOf({ sidecar: null })],
  ['a sidecar that waits', podOf({ sidecar: { state: { waiting: { reason: 'CrashLoopBackOff' } } } })],
  ['a sidecar that ended', podOf({ sidecar: { state: { terminated: { exitCode: 1 } } } })],
  ['a pod without status', { metadata: { name: 'a-0' } }],
]

for (const [title, pod] of absent) {
  test(`the sidecar is absent in ${title}`, () => {
    assert.deepEqual(sidecarState(pod), { kind: 'absent' })
  })
}

test('a sidecar that runs is named by this start of its container', () => {
  assert.deepEqual(sidecarState(podOf({ ready: false, sidecar: { started: false } })), {
    kind: 'running',
    podIP: '10.0.0.1',
    containerID: 'containerd://sei-sidecar-1',
    started: false,
    startedAt: NOW - 60_000,
  })
})

test('a start without a time has none', () => {
  const state = sidecarState(podOf({ sidecar: { state: { running: {} } } }))
  assert.equal(state.kind === 'running' && state.startedAt, undefined)
})

const seid: readonly (readonly [title: string, pod: Pod | undefined, running: boolean, ready: boolean])[] = [
  ['runs and is ready', podOf(), true, true],
  ['runs and is not ready', podOf({ ready: false }), true, false],
  ['waits, though the pod still reads Ready', podOf({ seid: { state: { waiting: {} } } }), false, false],
  ['is unknown', podOf({ seid: null }), false, false],
  ['is going with its pod', podOf({ terminating: true }), false, false],
  ['has no pod', undefined, false, false],
]

for (const [title, pod, running, ready] of seid) {
  test(`seid ${title}: running ${running}, ready ${ready}`, () => {
    assert.deepEqual(seidState(pod), { running, ready })
  })
}

const sidecar: Container = { name: 'sei-sidecar', ports: [{ containerPort: 7000 }] }
const env = [{ name: 'SEI_SIDECAR_PORT', value: '7001' }]

for (const [title, initContainers, containers, port] of [
  ['its variable', [{ name: 'seid-init' }, { ...sidecar, env }], [], 7001],
  ['its port, where it has no variable', [sidecar], [], 7000],
  ['a plain container, as an earlier operator made it', [], [{ name: 'seid' }, { ...sidecar, env }], 7001],
  ['nothing, without a sidecar', [], [{ name: 'seid', ports: [{ containerPort: 26_657 }] }], undefined],
] as const satisfies readonly (readonly [string, readonly Container[], readonly Container[], number | undefined])[]) {
  test(`the port of the sidecar is that of ${title}`, () => {
    assert.equal(sidecarPortOf({ spec: { initContainers: [...initContainers], containers: [...containers] } }), port)
  })
}
