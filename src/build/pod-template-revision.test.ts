/** A revision stands for what the platform makes of a pool's node: one differs where the other does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNode } from '../api/seinode.ts'
import type { PlatformConfig } from './platform.ts'
import { buildPodTemplate } from './pod.ts'
import { podTemplateRevision } from './pod-template-revision.ts'
import { poolNames } from './pool/names.ts'
import { buildPoolNode } from './pool/node.ts'
import { platform } from './testdata/platform.ts'
import { seiNodePool } from './testdata/pools.ts'

const image = 'seid:v1'
const pools = [
  seiNodePool('plain'),
  seiNodePool('own-sidecar', { nodeConfiguration: { nodeCount: 1, image, sidecar: { image: 'seictl:mine' } } }),
  seiNodePool('own-size', {
    nodeConfiguration: { nodeCount: 1, image, resources: { requests: { cpu: 1, memory: '1Gi' } } },
  }),
]

function templates(settings: PlatformConfig): string {
  const nodes = pools.flatMap(pool =>
    poolNames(pool).nodes.map((names): SeiNode => buildPoolNode(pool, names, undefined, settings)),
  )
  return JSON.stringify(nodes.map(node => buildPodTemplate(node, settings)))
}

for (const setting of Object.keys(platform)) {
  const changed: PlatformConfig = { ...platform, [setting]: '7' }
  const isMade = templates(changed) !== templates(platform)
  test(`failure mode 32: another ${setting} is ${isMade ? 'another revision' : 'the same revision'}`, () => {
    assert.equal(podTemplateRevision(changed) !== podTemplateRevision(platform), isMade)
  })
}

test('some settings change what a node is made into, and some do not', () => {
  assert.notEqual(templates({ ...platform, sidecarImage: 'x' }), templates(platform))
  assert.equal(templates({ ...platform, operatorImage: 'x' }), templates(platform))
})
