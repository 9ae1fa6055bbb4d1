/** NetworkPolicies become rules that say the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Namespace, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy, NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'

import { policyRules } from './policy-rules.ts'

const PODS: readonly Pod[] = [
  pod('chain', 'node-0', '10.0.0.1', { pool: 'a' }),
  pod('chain', 'node-1', '10.0.0.2', { pool: 'a' }),
  pod('chain', 'other', '10.0.0.3', {}),
  pod('operator', 'manager', '10.0.0.4', {}),
]
const NAMESPACES: readonly Namespace[] = ['chain', 'operator'].map(name => ({
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
}))
const MEMBERS = { matchLabels: { pool: 'a' } }

function pod(namespace: string, name: string, podIP: string, labels: Record<string, string>, phase = 'Running'): Pod {
  const ports = [{ name: 'metrics', containerPort: 8080 }]
  return {
    metadata: { namespace, name, labels },
    spec: { containers: [{ name: 'main', ports }] },
    status: { phase, podIP },
  }
}

function policy(spec: NetworkPolicySpec): NetworkPolicy {
  return { metadata: { namespace: 'chain', name: 'policy' }, spec }
}

/** The rules about packets to one pod, or from it. */
function rulesOf(address: string, spec: NetworkPolicySpec, pods = PODS): readonly string[] {
  return policyRules({ pods, namespaces: NAMESPACES, policies: [policy(spec)] })
    .split('\n')
    .map(line => line.trim())
    .filter(line => line.startsWith(`ip daddr ${address} `) || line.startsWith(`ip saddr ${address} `))
}

test('without policies nothing is refused', () => {
  const rules = policyRules({ pods: PODS, namespaces: NAMESPACES, policies: [] })
  assert.ok(!rules.includes('reject'))
})

test('only answers pass without a look at the policies, so that a new one cuts connections', () => {
  const rules = policyRules({ pods: PODS, namespaces: NAMESPACES, policies: [] })
  assert.deepEqual(rules.match(/ct .*/g), ['ct state related accept', 'ct direction reply accept'])
})

test('a selected pod takes what the policy allows, and nothing else', () => {
  const spec = {
    podSelector: MEMBERS,
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: MEMBERS }], ports: [{ port: 26656 }, { port: 26657, protocol: 'TCP' }] }],
  }
  assert.deepEqual(rulesOf('10.0.0.1', spec), [
    'ip daddr 10.0.0.1 ip saddr 10.0.0.1 tcp dport 26656 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.1 ip saddr 10.0.0.1 tcp dport 26657 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.1 ip saddr 10.0.0.2 tcp dport 26656 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.1 ip saddr 10.0.0.2 tcp dport 26657 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.1 meta mark and 0x2 == 0 counter reject',
  ])
  assert.deepEqual(rulesOf('10.0.0.3', spec), [], 'it is not selected')
})

test('peers are pods of the own namespace, or of those that a selector names', () => {
  const operators = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'operator' } } }
  const spec = { podSelector: MEMBERS, ingress: [{ from: [operators], ports: [{ port: 7777 }] }] }
  assert.deepEqual(rulesOf('10.0.0.2', spec), [
    'ip daddr 10.0.0.2 ip saddr 10.0.0.4 tcp dport 7777 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.2 meta mark and 0x2 == 0 counter reject',
  ])
})

test('a rule without peers allows everyone, one without ports every port, no rule nothing', () => {
  assert.deepEqual(rulesOf('10.0.0.1', { podSelector: MEMBERS, ingress: [{}] }), [
    'ip daddr 10.0.0.1 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.1 meta mark and 0x2 == 0 counter reject',
  ])
  assert.deepEqual(rulesOf('10.0.0.1', { podSelector: MEMBERS }), [
    'ip daddr 10.0.0.1 meta mark and 0x2 == 0 counter reject',
  ])
})

test('a port by name is the one that the pod gives that name', () => {
  const spec = { podSelector: MEMBERS, ingress: [{ ports: [{ port: 'metrics' }, { port: 'absent' }] }] }
  assert.deepEqual(rulesOf('10.0.0.1', spec).slice(0, 2), [
    'ip daddr 10.0.0.1 tcp dport 8080 meta mark set meta mark or 0x2',
    'ip daddr 10.0.0.1 tcp dport 0 meta mark set meta mark or 0x2',
  ])
})

test('egress policies block what a pod sends', () => {
  const spec = {
    podSelector: MEMBERS,
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/24', except: ['10.0.0.3/32'] } }], ports: [{ port: 1, endPort: 9 }] }],
  }
  assert.deepEqual(rulesOf('10.0.0.1', spec), [
    'ip saddr 10.0.0.1 ip daddr 10.0.0.0/24 ip daddr != 10.0.0.3/32 tcp dport 1-9 meta mark set meta mark or 0x1',
    'ip saddr 10.0.0.1 meta mark and 0x1 == 0 counter reject',
  ])
})

test('pods that ended have no rules: their addresses may be those of others now', () => {
  const ended = [pod('chain', 'node-0', '10.0.0.1', { pool: 'a' }, 'Succeeded')]
  assert.deepEqual(rulesOf('10.0.0.1', { podSelector: {} }, ended), [])
})
