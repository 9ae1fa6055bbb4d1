/** The policy of a node closes the sidecar's port, and leaves all others as they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { NetworkPolicy, NetworkPolicyIngressRule } from 'kubernetes-types/networking/v1.d.ts'
import { SEID_PORTS } from '../api/names.ts'
import { isSelected } from '../lib/label-selector.ts'
import { buildNetworkPolicy, type NetworkPolicyState } from './network-policy.ts'
import { buildStatefulSet } from './statefulset.ts'
import { seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

const OPERATOR = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'sei-k8s-controller-system' } } }
const ALONE: NetworkPolicyState = { isIsolated: false }

/** Whether a source that no rule names may open a connection to that port. */
function isOpen({ spec }: NetworkPolicy, port: number, protocol: string, knowsRanges = true): boolean {
  const isOf = (rule: NetworkPolicyIngressRule): boolean =>
    (rule.ports ?? []).some(
      each =>
        each.protocol === protocol &&
        (each.port === undefined ||
          (Number(each.port) <= port && port <= ((knowsRanges ? each.endPort : undefined) ?? Number(each.port)))),
    )
  return (spec?.ingress ?? []).some(rule => rule.from === undefined && isOf(rule))
}

const port = fc.oneof(fc.constantFrom(1, 2, 7776, 7777, 7778, 65_534, 65_535), fc.integer({ min: 1, max: 65_535 }))
const withSidecar = (at: number) => seiNode('n', { sidecar: { port: at } })

test('where no other policy selects the pod, every port but the sidecar’s is open to everybody, on every protocol', () => {
  fc.assert(
    fc.property(port, fc.option(port, { nil: undefined }), port, (wanted, livePort, asked) => {
      const policy = buildNetworkPolicy(withSidecar(wanted), platform, { ...ALONE, livePort })
      assert.equal(isOpen(policy, asked, 'TCP'), asked !== wanted && asked !== livePort)
      for (const closed of [wanted, livePort ?? wanted]) assert.equal(isOpen(policy, closed, 'TCP'), false)
      for (const protocol of ['UDP', 'SCTP']) assert.equal(isOpen(policy, asked, protocol), true)
    }),
  )
})

test('no range is empty, which the API server would refuse', () => {
  fc.assert(
    fc.property(port, port, (wanted, livePort) => {
      const { spec } = buildNetworkPolicy(withSidecar(wanted), platform, { ...ALONE, livePort })
      for (const { port: from, endPort } of (spec?.ingress ?? []).flatMap(({ ports }) => ports ?? []))
        assert.ok(endPort === undefined || Number(from) <= endPort, `${from}-${endPort}`)
    }),
  )
})

test('the ports of seid are open also in a network that does not know port ranges', () => {
  const policy = buildNetworkPolicy(seiNode('n'), platform, ALONE)
  for (const each of Object.values(SEID_PORTS)) assert.equal(isOpen(policy, each, 'TCP', false), true, String(each))
  assert.equal(isOpen(policy, 7777, 'TCP', false), false)
})

test('where another policy selects the pod, it opens nothing but the sidecar to the operator', () => {
  const { spec } = buildNetworkPolicy(seiNode('n'), platform, { isIsolated: true })
  assert.deepEqual(spec?.ingress, [{ from: [OPERATOR], ports: [{ port: 7777, protocol: 'TCP' }] }])
})

test('the operator reaches the sidecar at the port of the spec and at that of the pod', () => {
  const { spec } = buildNetworkPolicy(withSidecar(9000), platform, { livePort: 7777, isIsolated: true })
  assert.deepEqual(
    spec?.ingress?.[0]?.ports?.map(({ port: at }) => at),
    [7777, 9000],
  )
})

test('the sources of the spec reach the sidecar beside the operator', () => {
  const sidecarFrom = [{ podSelector: { matchLabels: { app: 'backup' } } }, { ipBlock: { cidr: '10.0.0.0/16' } }]
  const { spec } = buildNetworkPolicy(seiNode('n', { networkPolicy: { sidecarFrom } }), platform, ALONE)
  assert.deepEqual(spec?.ingress?.[0]?.from, [OPERATOR, ...sidecarFrom])
})

test('it selects the pod of its node, for ingress alone', () => {
  const node = seiNode('n')
  const { spec } = buildNetworkPolicy(node, platform, ALONE)
  assert.deepEqual(spec?.policyTypes, ['Ingress'])
  const labels = (of: typeof node) => buildStatefulSet(of, platform).spec?.template.metadata?.labels ?? {}
  assert.ok(isSelected(labels(node), spec?.podSelector))
  assert.ok(!isSelected(labels(seiNode('other')), spec?.podSelector))
})

test('another source for the sidecar changes nothing of the StatefulSet', () => {
  const sidecarFrom = [{ namespaceSelector: {} }]
  assert.deepEqual(
    buildStatefulSet(seiNode('n', { networkPolicy: { sidecarFrom } }), platform),
    buildStatefulSet(seiNode('n'), platform),
  )
})
