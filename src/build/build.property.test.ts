/** Properties of a node's objects for any spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { SeiNode, SeiNodeSpec } from '../api/seinode.ts'
import { isSubset } from '../lib/subset.ts'
import { buildDataVolume } from './data-claim.ts'
import { buildNetworkPolicy } from './network-policy.ts'
import { SEID_INIT } from './scripts.gen.ts'
import { buildService } from './service.ts'
import { buildStatefulSet } from './statefulset.ts'
import { seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

const chainId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/)
const hostileText = fc.constantFrom('$(reboot)', '; reboot', '`reboot`', '$HOME', "' && reboot '", '--home=/', 'ok')
const quantity = fc.constantFrom<string | number>('1', '500m', '2Gi', 3)
const address = fc.constant('0123456789abcdef0123456789abcdef01234567@peer.example:26656')

/** What may change in a running node without a new pod: the sidecar applies it, or the operator keeps it. */
const live = fc.record<Partial<SeiNodeSpec>>(
  {
    overrides: fc.dictionary(fc.constantFrom('evm.slow', 'storage.pruning'), hostileText, { noNullPrototype: true }),
    peers: fc.array(fc.record({ static: fc.record({ addresses: fc.array(address, { maxLength: 2 }) }) }), {
      maxLength: 2,
    }),
    snapshotGeneration: fc.record({
      interval: fc.nat(),
      keepRecent: fc.integer({ min: 2, max: 9 }),
      schedule: fc.constant('0 0 * * *'),
    }),
    storage: fc.record({ retainOnDelete: fc.boolean(), size: quantity }),
    networkPolicy: fc.constant({ sidecarFrom: [{ namespaceSelector: {} }] }),
    serviceMetadata: fc.constant({ annotations: { team: 'a' } }),
    paused: fc.boolean(),
  },
  { requiredKeys: [] },
)

const restarting = fc.record<Partial<SeiNodeSpec>>(
  {
    image: fc.constantFrom('seid:v1', 'seid:v2', 'registry.example:5000/seid'),
    entrypoint: fc.record({ command: fc.array(hostileText, { minLength: 1 }), args: fc.array(hostileText) }),
    resources: fc.record({ requests: fc.record({ cpu: quantity, memory: quantity }) }),
    sidecar: fc.record({ image: hostileText, port: fc.integer({ min: 1, max: 65_535 }) }),
  },
  { requiredKeys: [] },
)

const node = fc
  .tuple(chainId, live, restarting)
  .map(([chain, first, second]) => withSpec(seiNode('n'), { chainId: chain, ...first, ...second }))

function withSpec(base: SeiNode, spec: Partial<SeiNodeSpec>): SeiNode {
  return { ...base, spec: { ...base.spec, ...spec } }
}

function objectsOf(of: SeiNode): readonly unknown[] {
  return [
    buildDataVolume(of, platform),
    buildService(of, platform),
    buildNetworkPolicy(of, platform, { isIsolated: false }),
    buildStatefulSet(of, platform),
  ]
}

test('the same spec is built into the same bytes, whatever the order of its fields', () => {
  fc.assert(
    fc.property(node, one => {
      const reordered = { ...one, spec: Object.fromEntries(Object.entries(one.spec).toReversed()) }
      assert.equal(JSON.stringify(objectsOf(Object.assign({}, one, reordered))), JSON.stringify(objectsOf(one)))
    }),
  )
})

test('building changes neither node nor platform', () => {
  fc.assert(
    fc.property(node, one => {
      const before = JSON.stringify([one, platform])
      objectsOf(one)
      assert.equal(JSON.stringify([one, platform]), before)
    }),
  )
})

test('failure mode 34: no text of a spec becomes part of a shell program', () => {
  fc.assert(
    fc.property(node, one => {
      const pod = buildStatefulSet(one, platform).spec?.template.spec
      const [init, sidecar] = pod?.initContainers ?? []
      assert.deepEqual(init?.command, ['/bin/sh', '-c', SEID_INIT, 'seid-init'])
      assert.deepEqual(init?.args, [one.spec.chainId, 'n', 'init'])
      assert.deepEqual(sidecar?.command, ['seictl', 'serve'])
      assert.deepEqual(pod?.containers[0]?.command, one.spec.entrypoint?.command ?? ['seid'])
    }),
  )
})

test('no change of a spec changes a selector or the labels', () => {
  fc.assert(
    fc.property(node, live, restarting, (one, first, second) => {
      const [before, after] = [one, withSpec(one, { ...first, ...second })].map(of => {
        const { metadata, spec } = buildStatefulSet(of, platform)
        const service = buildService(of, platform)
        const { selector, serviceName, template } = spec ?? {}
        return [
          metadata?.labels,
          selector,
          serviceName,
          template?.metadata,
          service.metadata?.labels,
          service.spec?.selector,
        ]
      })
      assert.deepEqual(after, before)
    }),
  )
})

test('a field that takes effect in a running node does not change the pod template', () => {
  fc.assert(
    fc.property(node, live, (one, change) => {
      const [before, after] = [one, withSpec(one, change)].map(of => buildStatefulSet(of, platform).spec?.template)
      assert.deepEqual(after, before)
    }),
  )
})

test('a claim stays as it is when the defaults of the platform go down or to another class', () => {
  fc.assert(
    fc.property(node, fc.constantFrom('1Gi', '999Gi', '1000Gi'), (one, storageSizeDefault) => {
      const claim = buildDataVolume(one, platform)
      const later = { ...platform, storageSizeDefault, storageClassPerf: 'io2', storageClassDefault: 'gp2' }
      assert.ok(isSubset(buildDataVolume(one, later, { live: claim })?.spec, claim?.spec))
    }),
  )
})
