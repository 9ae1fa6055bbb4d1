/** Where pods may run, and how they are spread. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../api/seinode.ts'
import { buildPodTemplate } from './pod.ts'
import { poolNames } from './pool/names.ts'
import { buildPoolNode } from './pool/node.ts'
import { buildPrepJob } from './pool/prep-job.ts'
import { buildService } from './service.ts'
import { buildStatefulSet } from './statefulset.ts'
import { seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'
import { seiNodePool } from './testdata/pools.ts'

const inNodePool = { key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }
const notInC = { key: 'topology.kubernetes.io/zone', operator: 'NotIn' as const, values: ['c'] }

const templateOf = (node: SeiNode, settings = platform): PodTemplateSpec => buildPodTemplate(node, settings)

function requiredOf({ spec }: PodTemplateSpec): unknown {
  return spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
}

function placementOf({ spec }: PodTemplateSpec): unknown {
  return [spec?.priorityClassName, spec?.imagePullSecrets]
}

const pool = seiNodePool('net')
const [first] = poolNames(pool).nodes
assert.ok(first)
const validator = buildPoolNode(pool, first, undefined)
const jobPod = buildPrepJob(pool, first, platform, { genesisUID: 'g', dataUID: 'd' }).spec?.template

test('a validator and the Job that prepares its volume prefer machines, then zones, without another validator', () => {
  const labelSelector = {
    matchLabels: { 'sei.io/nodepool': 'net' },
    matchExpressions: [{ key: 'sei.io/nodepool-ordinal', operator: 'Exists' }],
  }
  for (const template of [templateOf(validator), jobPod]) {
    assert.deepEqual(template?.spec?.affinity?.podAntiAffinity, {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } },
        { weight: 50, podAffinityTerm: { topologyKey: 'topology.kubernetes.io/zone', labelSelector } },
      ],
    })
    assert.equal(template?.metadata?.labels?.['sei.io/nodepool'], 'net')
    assert.equal(template?.metadata?.labels?.['sei.io/nodepool-ordinal'], '0')
  }
})

test('nodes of no pool, and nodes that join a pool, are not spread unless the spec says so', () => {
  for (const labels of [{}, { 'sei.io/nodepool': 'net' }]) {
    const { spec } = templateOf(seiNode('rpc', {}, { labels }))
    assert.equal(spec?.affinity?.podAntiAffinity, undefined)
    assert.equal(spec?.topologySpreadConstraints, undefined)
  }
})

test('the platform turns the spread of validators off, and so does a list of constraints, empty or not', () => {
  const constraints = [
    { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 },
  ] as const
  const withConstraints = (list: typeof constraints | readonly []): PodTemplateSpec =>
    templateOf({ ...validator, spec: { ...validator.spec, scheduling: { topologySpreadConstraints: [...list] } } })
  const plain = templateOf(validator, { ...platform, spreadValidators: false })
  for (const template of [plain, withConstraints([]), withConstraints(constraints)]) {
    assert.equal(template.spec?.affinity?.podAntiAffinity, undefined)
  }
  assert.equal(withConstraints([]).spec?.topologySpreadConstraints, undefined)
  assert.deepEqual(withConstraints(constraints).spec?.topologySpreadConstraints, [
    {
      ...constraints[0],
      labelSelector: {
        matchLabels: { 'sei.io/nodepool': 'net' },
        matchExpressions: [{ key: 'sei.io/nodepool-ordinal', operator: 'Exists' }],
      },
    },
  ])
})

test('a constraint of a SeiNode counts the nodes of its chain, where the chain id is a label', () => {
  const topologySpreadConstraints = [{ topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }] as const
  const selectorOf = (chainId: string): unknown => {
    const node = seiNode('rpc', { chainId, scheduling: { topologySpreadConstraints: [...topologySpreadConstraints] } })
    return templateOf(node).spec?.topologySpreadConstraints?.[0]?.labelSelector
  }
  const application = { 'app.kubernetes.io/name': 'sei-node' }
  assert.deepEqual(selectorOf('pacific-1'), { matchLabels: { ...application, 'sei.io/chain-id': 'pacific-1' } })
  assert.deepEqual(selectorOf('odd-'), { matchLabels: application })
})

test('each term of the node affinity asks for the NodePool, and preferences stay beside it', () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [notInC] } }]
  const node = seiNode('rpc', {
    scheduling: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [notInC] }, { matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
        },
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
      },
    },
  })
  assert.deepEqual(requiredOf(templateOf(node)), [
    { matchExpressions: [inNodePool, notInC] },
    { matchExpressions: [inNodePool, { key: 'a', operator: 'Exists' }] },
  ])
  const { nodeAffinity } = templateOf(node).spec?.affinity ?? {}
  assert.deepEqual(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, preferred)
})

test('a node selector stands beside the NodePool, and replaces it where it names one', () => {
  const other = templateOf(seiNode('rpc', { scheduling: { nodeSelector: { disk: 'nvme' } } }))
  assert.deepEqual(
    [other.spec?.nodeSelector, requiredOf(other)],
    [{ disk: 'nvme' }, [{ matchExpressions: [inNodePool] }]],
  )
  const nodeSelector = { 'karpenter.sh/nodepool': 'rpc' }
  const moved = templateOf(seiNode('rpc', { scheduling: { nodeSelector } }))
  assert.deepEqual([moved.spec?.nodeSelector, moved.spec?.affinity], [nodeSelector, {}])
})

test('priority and pull secrets are those of the spec, then those of the platform, of Jobs as well', () => {
  const settings = { ...platform, priorityClass: 'sei', imagePullSecrets: ['one', 'two'] }
  assert.deepEqual(placementOf(templateOf(seiNode('a'))), [undefined, undefined])
  assert.deepEqual(placementOf(templateOf(seiNode('a'), settings)), ['sei', [{ name: 'one' }, { name: 'two' }]])
  const own = { scheduling: { priorityClassName: 'high' }, imagePullSecrets: [{ name: 'own' }] }
  assert.deepEqual(placementOf(templateOf(seiNode('a', own), settings)), ['high', [{ name: 'own' }]])
  assert.deepEqual(placementOf(templateOf(seiNode('a', { imagePullSecrets: [] }), settings)), ['sei', undefined])
  const asked = seiNodePool('net', { nodeConfiguration: { nodeCount: 4, image: 'sei:v1', ...own } })
  const job = buildPrepJob(asked, first, settings, { genesisUID: 'g', dataUID: 'd' })
  assert.deepEqual(placementOf(job.spec?.template ?? {}), ['high', [{ name: 'own' }]])
})

test("the user's labels, annotations and variables never replace the operator's, whatever a stored object holds", () => {
  const stolen = { 'sei.io/node': 'other', 'app.kubernetes.io/name': 'mine', team: 'a' }
  const metadata = { labels: stolen, annotations: { 'karpenter.sh/do-not-disrupt': 'false', owner: 'b' } }
  const env = [
    { name: 'HOME', value: '/' },
    { name: 'SEI_HOME', value: '/' },
  ]
  const node = seiNode('a')
  const spec = { ...node.spec, podMetadata: metadata, serviceMetadata: metadata, env, sidecar: { port: 7777, env } }
  const { metadata: marks, spec: pod } = templateOf({ ...node, spec })
  const service = buildService({ ...node, spec }, platform)
  for (const labels of [marks?.labels, service.metadata?.labels]) {
    assert.deepEqual(
      ['sei.io/node', 'app.kubernetes.io/name', 'team'].map(key => labels?.[key]),
      ['a', 'sei-node', 'a'],
    )
  }
  assert.deepEqual(marks?.annotations, { 'karpenter.sh/do-not-disrupt': 'true', owner: 'b' })
  const valueIn = (container: string, name: string): unknown =>
    [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]
      .find(each => each.name === container)
      ?.env?.filter(each => each.name === name)
      .map(({ value }) => value)
  assert.deepEqual(valueIn('seid', 'HOME'), ['/home/sei'])
  assert.deepEqual(valueIn('sei-sidecar', 'SEI_HOME'), ['/sei'])
})

test('metadata of a Service changes nothing of the StatefulSet, its record of the spec included', () => {
  const marked = seiNode('a', { serviceMetadata: { labels: { team: 'a' }, annotations: { host: 'a.example.com' } } })
  assert.deepEqual(buildStatefulSet(marked, platform), buildStatefulSet(seiNode('a'), platform))
  assert.notDeepEqual(buildService(marked, platform), buildService(seiNode('a'), platform))
})

test("a pool's nodes and Jobs get what nodeConfiguration says; labels for Jobs alone stand beside it", () => {
  const placement = {
    scheduling: { nodeSelector: { disk: 'nvme' }, tolerations: [{ operator: 'Exists' as const }] },
    podMetadata: { labels: { team: 'a', tier: 'val' }, annotations: { owner: 'a' } },
    serviceMetadata: { labels: { team: 'a' } },
    imagePullSecrets: [{ name: 'registry' }],
    env: [{ name: 'GOGC', value: '50' }],
    initResources: { requests: { cpu: 1 } },
  }
  const jobs = { podMetadata: { labels: { tier: 'job' }, annotations: { inject: 'false' } } }
  const placed = seiNodePool('net', { nodeConfiguration: { nodeCount: 1, image: 'sei:v1', ...placement }, jobs })
  const { spec } = buildPoolNode(placed, first, undefined)
  for (const [field, value] of Object.entries(placement))
    assert.deepEqual(Object.entries(spec).find(([key]) => key === field)?.[1], value)
  const { metadata, spec: pod } =
    buildPrepJob(placed, first, platform, { genesisUID: 'g', dataUID: 'd' }).spec?.template ?? {}
  assert.deepEqual([pod?.nodeSelector, pod?.tolerations?.at(-1)], [{ disk: 'nvme' }, { operator: 'Exists' }])
  assert.deepEqual([metadata?.labels?.['team'], metadata?.labels?.['tier']], ['a', 'job'])
  assert.deepEqual(metadata?.annotations, { owner: 'a', inject: 'false', 'karpenter.sh/do-not-disrupt': 'true' })
})
