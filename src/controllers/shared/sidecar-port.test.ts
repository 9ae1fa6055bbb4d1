/** Where a pod's sidecar listens is read from the pod. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from 'kubernetes-types/core/v1.d.ts'
import { sidecarPortOf } from './sidecar-port.ts'

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
