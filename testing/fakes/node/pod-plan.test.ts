/** Tests of pod-plan.ts: what is read from a pod's spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Probe } from 'kubernetes-types/core/v1.d.ts'
import { gatedPod, jobPod, podOf } from './pod-fixture.ts'
import { claimsOf, podPlan } from './pod-plan.ts'

test('init containers that restart are sidecars, and roles decide who restarts when', () => {
  const { containers } = podPlan(gatedPod())
  assert.deepEqual(
    containers.map(({ name, role, restartPolicy }) => [name, role, restartPolicy]),
    [
      ['seid-init', 'init', 'OnFailure'],
      ['sei-sidecar', 'sidecar', 'Always'],
      ['seid', 'main', 'Always'],
    ],
  )
})

test('an init container of a pod that never restarts does not restart either', () => {
  const pod = podOf({ restartPolicy: 'Never', initContainers: [{ name: 'a', image: 'x' }], containers: [] })
  assert.equal(podPlan(pod).containers[0]?.restartPolicy, 'Never')
  assert.equal(podPlan(jobPod('OnFailure')).containers[0]?.restartPolicy, 'OnFailure')
})

test('the port of a probe may be a number or the name of a port of its container', () => {
  const [, sidecar, seid] = podPlan(gatedPod()).containers
  assert.deepEqual(sidecar?.startupProbe, { path: '/v0/healthz', port: 7777, giveUpAfterMs: Infinity })
  assert.deepEqual(seid?.readinessProbe, { path: '/lag_status', port: 26657 })
})

test('a probe that names a port which its container lacks is an error that says so', () => {
  const pod = podOf({
    containers: [{ name: 'seid', image: 'x', readinessProbe: { httpGet: { path: '/lag_status', port: 'rpc' } } }],
  })
  assert.throws(() => podPlan(pod), /container seid: its probe of \/lag_status names port "rpc"/)
})

test('a probe that is not by HTTP is an error, not one that always succeeds', () => {
  const pod = podOf({ containers: [{ name: 'seid', image: 'x', readinessProbe: { tcpSocket: { port: 26657 } } }] })
  assert.throws(() => podPlan(pod), /container seid: only probes by httpGet are played here/)
})

const giveUp = (startupProbe: Probe) =>
  podPlan(podOf({ containers: [{ name: 'a', image: 'x', startupProbe }] })).containers[0]?.startupProbe?.giveUpAfterMs

test('a startup probe gives up after its threshold, with the defaults of kubelet', () => {
  const httpGet = { port: 1 }
  assert.equal(giveUp({ httpGet }), 30_000)
  assert.equal(giveUp({ httpGet, initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 10 }), 25_000)
})

test('only variables with a literal value are known, and mounts of claims by their path', () => {
  const plan = podPlan(gatedPod())
  const sidecar = plan.containers[1]
  assert.deepEqual(sidecar?.env, { SEI_HOME: '/sei' })
  assert.deepEqual([...(sidecar?.claims ?? [])], [['/sei', 'data-node']])
  assert.deepEqual([...claimsOf(plan)], ['data-node'])
})
