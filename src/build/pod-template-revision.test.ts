/** A revision stands for what the platform makes of a pool's node: one differs where the other does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { SeiNode } from '../api/seinode.ts'
import type { PlatformConfig } from './platform.ts'
import { buildPodTemplate } from './pod.ts'
import { podTemplateRevision, referenceTemplates } from './pod-template-revision.ts'
import { poolNames } from './pool/names.ts'
import { buildPoolNode } from './pool/node.ts'
import { platform } from './testdata/platform.ts'
import { type PoolSpecInput, seiNodePool } from './testdata/pools.ts'

type NodeConfiguration = PoolSpecInput['nodeConfiguration']

const resources = fc.record({
  requests: fc.record({ cpu: fc.constant(1), memory: fc.constant('1Gi') }, { requiredKeys: [] }),
  limits: fc.record({ cpu: fc.constant(2), memory: fc.constant('2Gi') }, { requiredKeys: [] }),
})
const configuration = fc.record<NodeConfiguration>(
  {
    nodeCount: fc.constant(1),
    image: fc.constantFrom('seid:v1', 'seid', 'seid:latest', `seid@sha256:${'1'.repeat(64)}`),
    entrypoint: fc.record({ command: fc.constant(['a']), args: fc.constant(['b']) }, { requiredKeys: ['command'] }),
    resources,
    overrides: fc.constant({ 'logging.level': 'debug' }),
    sidecar: fc.record(
      { image: fc.constantFrom('seictl', 'seictl:v2'), port: fc.constant(7001), resources },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['nodeCount', 'image'] },
)
const configHash = fc.option(fc.constant('hash'), { nil: undefined })

function nodeOf(nodeConfiguration: NodeConfiguration): SeiNode {
  const pool = seiNodePool('net', { nodeConfiguration })
  const [names] = poolNames(pool).nodes
  assert.ok(names)
  return buildPoolNode(pool, names, undefined, 'revision')
}

/** Paths of all values that are neither object nor list; entries of lists by their name where they have one. */
function paths(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [at]
  return Object.entries(value).flatMap(([key, part]) =>
    paths(part, `${at}.${Array.isArray(value) ? nameOf(part) : key}`),
  )
}

function nameOf(entry: unknown): string {
  return typeof entry === 'object' && entry !== null && 'name' in entry ? String(entry.name) : '*'
}

test('failure mode 32: the references have every field that a template of a pool’s node may have', () => {
  const known = new Set(paths(referenceTemplates(platform)))
  fc.assert(
    fc.property(configuration, configHash, (nodeConfiguration, hash) => {
      const template = buildPodTemplate(nodeOf(nodeConfiguration), platform, hash)
      assert.deepEqual(
        paths([template]).filter(path => !known.has(path)),
        [],
      )
    }),
  )
})

function templates(settings: PlatformConfig): string {
  const sidecars = [undefined, { image: 'seictl:mine' }]
  const nodes = sidecars.map(sidecar =>
    nodeOf({ nodeCount: 1, image: 'seid:v1', ...(sidecar === undefined ? {} : { sidecar }) }),
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
