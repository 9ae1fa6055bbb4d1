/** Images are fetched when Kubernetes would fetch them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imagePullPolicy } from './container-settings.ts'

const images = [
  ['sei-protocol/seid:v5.0.0', 'IfNotPresent'],
  ['ghcr.io/sei-protocol/seictl:latest', 'Always'],
  ['ghcr.io/sei-protocol/seictl', 'Always'],
  ['registry.example:5000/seid', 'Always'],
  ['registry.example:5000/seid:v1', 'IfNotPresent'],
  ['seid@sha256:0123', 'IfNotPresent'],
  ['seid:latest@sha256:0123', 'IfNotPresent'],
] as const

for (const [image, policy] of images) {
  test(`${image}: ${policy}`, () => {
    assert.equal(imagePullPolicy(image), policy)
  })
}
