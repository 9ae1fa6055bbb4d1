/** NetworkPolicies as rules of nftables, for pods of one node: `policyRules`. */
import type { Namespace, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.d.ts'
import { isSelected } from '../../src/lib/label-selector.ts'

export interface PolicyFacts {
  readonly pods: readonly Pod[]
  readonly namespaces: readonly Namespace[]
  readonly policies: readonly NetworkPolicy[]
}

/** The side of a packet on which a rule's peers are, and the direction of a policy. */
const DIRECTIONS = {
  Ingress: { own: 'daddr', peer: 'saddr' },
  Egress: { own: 'saddr', peer: 'daddr' },
} as const
type Direction = keyof typeof DIRECTIONS

/**
 * One table that replaces the one before. What a pod sends another is forwarded by the node, and refused there unless the
 * policies of both allow it; what the node itself sends, such as the kubelet's probes, passes. IPv4 only.
 */
export function policyRules(facts: PolicyFacts): string {
  const live = facts.pods.filter(isLive)
  const lines = live.flatMap(pod => podRules(pod, { ...facts, pods: live }))
  return [
    'table ip sei_policies',
    'delete table ip sei_policies',
    'table ip sei_policies {',
    '  chain forward {',
    '    type filter hook forward priority filter; policy accept;',
    // Answers pass. What the side that connected sends is checked each time, so that a later policy ends connections.
    '    ct state related accept',
    '    ct direction reply accept',
    // The packet mark says that every policy so far allows the packet.
    ...lines.map(line => `    ${line}`),
    '  }',
    '}',
    '',
  ].join('\n')
}

/** For each direction in which policies select the pod: allow what one of them allows, refuse the rest. */
function podRules(pod: Pod, facts: PolicyFacts): readonly string[] {
  const namespace = pod.metadata?.namespace ?? ''
  const selecting = facts.policies.filter(
    ({ metadata, spec }) =>
      metadata?.namespace === namespace && isSelected(pod.metadata?.labels ?? {}, spec?.podSelector),
  )
  return (['Egress', 'Ingress'] as const).flatMap(direction => {
    const policies = selecting.filter(policy => directionsOf(policy).includes(direction))
    if (policies.length === 0) return []
    const own = `ip ${DIRECTIONS[direction].own} ${pod.status?.podIP}`
    const mark = direction === 'Egress' ? '0x1' : '0x2'
    return policies
      .flatMap(policy => allowedBy(policy, direction, pod, facts))
      .map(condition => `${own} ${condition}meta mark set meta mark or ${mark}`)
      .concat(`${own} meta mark and ${mark} == 0 counter reject`)
  })
}

function directionsOf({ spec }: NetworkPolicy): readonly string[] {
  return spec?.policyTypes ?? ['Ingress', ...(spec?.egress ? ['Egress'] : [])]
}

/** Conditions on a packet, each with a space at its end, of which one has to hold. */
function allowedBy(
  { metadata, spec }: NetworkPolicy,
  direction: Direction,
  pod: Pod,
  facts: PolicyFacts,
): readonly string[] {
  const rules =
    direction === 'Ingress'
      ? (spec?.ingress ?? []).map(rule => ({ peers: rule.from ?? [], ports: rule.ports ?? [] }))
      : (spec?.egress ?? []).map(rule => ({ peers: rule.to ?? [], ports: rule.ports ?? [] }))
  const namespace = metadata?.namespace ?? ''
  return rules.flatMap(({ peers, ports }) => {
    const from = peers.length === 0 ? [''] : peers.flatMap(peer => peerConditions(peer, direction, namespace, facts))
    const to = ports.length === 0 ? [''] : ports.map(port => portCondition(port, direction, pod))
    return from.flatMap(peer => to.map(port => `${peer}${port}`))
  })
}

function peerConditions(
  { ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer,
  direction: Direction,
  namespace: string,
  { pods, namespaces }: PolicyFacts,
): readonly string[] {
  const side = `ip ${DIRECTIONS[direction].peer}`
  if (ipBlock) {
    const except = (ipBlock.except ?? []).map(cidr => `${side} != ${cidr} `)
    return [`${side} ${ipBlock.cidr} ${except.join('')}`]
  }
  const selected = namespaceSelector
    ? namespaces.filter(({ metadata }) => isSelected(metadata?.labels ?? {}, namespaceSelector))
    : namespaces.filter(({ metadata }) => metadata?.name === namespace)
  const names = new Set(selected.map(({ metadata }) => metadata?.name))
  return pods
    .filter(({ metadata }) => names.has(metadata?.namespace) && isSelected(metadata?.labels ?? {}, podSelector))
    .map(({ status }) => `${side} ${status?.podIP} `)
}

/** Of a port by name, the number that the pod's own container gives it. Throws where that would take the peer's. */
function portCondition({ port, endPort, protocol = 'TCP' }: NetworkPolicyPort, direction: Direction, pod: Pod): string {
  const name = protocol.toLowerCase()
  if (port === undefined) return `meta l4proto ${name} `
  if (typeof port === 'number') return `${name} dport ${endPort === undefined ? port : `${port}-${endPort}`} `
  if (direction === 'Egress') throw new Error(`network policy: egress to port ${port}: give its number`)
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  const named = containers.flatMap(({ ports = [] }) => ports).find(candidate => candidate.name === port)
  // A port that the pod does not have is one that nothing reaches.
  return `${name} dport ${named?.containerPort ?? 0} `
}

function isLive({ spec, status }: Pod): boolean {
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return status?.podIP !== undefined && spec?.hostNetwork !== true && !ended
}
