/** Properties of a pool's objects. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { MAX_NODE_OVERRIDES, MAX_POOL_OVERRIDES } from '../../api/limits.ts'
import { nodeLabels } from '../labels.ts'
import { buildPodTemplate } from '../pod.ts'
import { platform } from '../testdata/platform.ts'
import { seiNodePool } from '../testdata/pools.ts'
import { buildDisruptionBudget } from './disruption-budget.ts'
import { buildGenesisJob } from './genesis-job.ts'
import { poolNames } from './names.ts'
import { buildPoolNetworkPolicy } from './network-policy.ts'
import { buildPoolNode } from './node.ts'
import { buildPrepJob } from './prep-job.ts'
import { buildGenesisVolume, buildPoolDataVolume, genesisSpecHash } from './volume.ts'

const pool = seiNodePool('net')
const names = poolNames(pool)
const [first] = names.nodes
assert.ok(first)
const fresh = { live: undefined, resizing: { canGrow: true } }
const prepJob = buildPrepJob(pool, first, platform, { genesisUID: 'g', dataUID: 'd' })
const genesisJob = buildGenesisJob(pool, platform, 'g')

function podSpecs(): readonly PodSpec[] {
  return [genesisJob, prepJob].map(job => job.spec?.template.spec ?? { containers: [] })
}

test('R2: objects are named as in clusters that exist today', () => {
  assert.deepEqual(names, {
    genesisVolume: 'net-genesis-data',
    genesisJob: 'net-genesis',
    policy: 'net',
    nodes: [0, 1, 2, 3].map(index => ({
      index,
      node: `net-${index}`,
      dataVolume: `data-net-${index}`,
      prepJob: `net-prep-${index}`,
    })),
  })
})

test('every container of the Jobs has the resources that the spec gives them, spelled as pods spell them', () => {
  const asked = seiNodePool('net', { jobs: { resources: { requests: { cpu: 1 }, limits: { cpu: 2, memory: '1Gi' } } } })
  const built = [
    buildGenesisJob(asked, platform, 'g'),
    buildPrepJob(asked, first, platform, { genesisUID: 'g', dataUID: 'd' }),
  ]
  const specs = built.map(({ spec }) => spec?.template.spec)
  const containers = specs.flatMap(spec => (spec?.initContainers ?? []).concat(spec?.containers ?? []))
  assert.equal(containers.length, 4)
  for (const { resources } of containers) {
    assert.deepEqual(resources, { requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Gi' } })
  }
})

test('R5: the genesis volume is for many pods of the class efs-sc, a data volume for one of gp3-10k-750', () => {
  const genesis = buildGenesisVolume(pool, platform, fresh).spec
  assert.deepEqual([genesis?.accessModes, genesis?.storageClassName], [['ReadWriteMany'], 'efs-sc'])
  const data = buildPoolDataVolume(pool, first, platform, fresh).spec
  assert.deepEqual([data?.accessModes, data?.storageClassName], [['ReadWriteOnce'], 'gp3-10k-750'])
  assert.equal(data?.resources?.requests?.['storage'], '1000Gi')
})

test('failure mode 17: a volume that is to stay has no owner, any other has the pool', () => {
  const kept = seiNodePool('net', { storage: { retainOnDelete: true } })
  for (const claim of [buildGenesisVolume(kept, platform, fresh), buildPoolDataVolume(kept, first, platform, fresh)]) {
    assert.equal(claim.metadata?.ownerReferences, undefined)
  }
  assert.equal(buildGenesisVolume(pool, platform, fresh).metadata?.ownerReferences?.[0]?.uid, 'uid-of-net')
})

const HASH = 'a'.repeat(64)
const published: typeof pool = {
  ...pool,
  status: {
    genesis: { hash: HASH, volumeUID: 'genesis-1' },
    nodes: [
      { name: 'net-0', ready: true, dataVolumeUID: 'data-1' },
      { name: 'net-2', ready: true, dataVolumeUID: 'data-3' },
    ],
  },
}

function liveClaim(uid: string, annotations: Record<string, string> = {}): PersistentVolumeClaim {
  return { metadata: { uid, annotations } }
}

/** The operator's own, but for the hash of all that was applied. */
function annotationsOf(claim: PersistentVolumeClaim): Record<string, string> {
  const { 'sei.io/applied-hash': hash, ...rest } = claim.metadata?.annotations ?? {}
  assert.ok(hash)
  return Object.fromEntries(Object.entries(rest).filter(([key]) => key.startsWith('sei.io/')))
}

const ofGenesis = (of: typeof pool, live?: PersistentVolumeClaim): Record<string, string> =>
  annotationsOf(buildGenesisVolume(of, platform, { ...fresh, live }))
const ofData = (of: typeof pool, live?: PersistentVolumeClaim): Record<string, string> =>
  annotationsOf(buildPoolDataVolume(of, first, platform, { ...fresh, live, replaces: 'lost' }))

test('R2: a genesis volume on record is annotated with its ceremony, its parameters and the claims of its validators', () => {
  const made = { 'sei.io/made-by': 'uid-of-net' }
  assert.deepEqual(ofGenesis(published, liveClaim('genesis-1', made)), {
    ...made,
    'sei.io/ceremony-chain': 'devnet-1',
    'sei.io/ceremony-nodes': '4',
    'sei.io/ceremony-genesis': HASH,
    'sei.io/ceremony-volumes': 'data-1,,data-3,',
    'sei.io/claim-uid': 'genesis-1',
    'sei.io/ceremony-spec': genesisSpecHash(pool),
  })
  const kept = { 'sei.io/made-by': 'earlier', 'sei.io/ceremony-spec': 'theirs', 'sei.io/ceremony-volumes': 'a,b,c,d' }
  const adopted = ofGenesis(published, liveClaim('genesis-1', kept))
  assert.equal(adopted['sei.io/ceremony-spec'], 'theirs')
  assert.equal(adopted['sei.io/ceremony-volumes'], 'data-1,b,data-3,d')
})

test('R2: a claim that is not on record keeps the annotations of an earlier pool, and a new one names its creator', () => {
  const kept = { 'sei.io/ceremony-chain': 'other-1', 'sei.io/ceremony-genesis': 'b', 'sei.io/claim-uid': 'theirs' }
  assert.deepEqual(ofGenesis(published, liveClaim('genesis-2', kept)), kept)
  assert.deepEqual(ofData(published, liveClaim('data-2', kept)), kept)
  assert.deepEqual(ofGenesis(published), { 'sei.io/made-by': 'uid-of-net' })
  assert.deepEqual(ofData(published), { 'sei.io/made-by': 'uid-of-net', 'sei.io/replaces': 'lost' })
})

test('R2: a data volume on record names its network', () => {
  assert.deepEqual(ofData(published, liveClaim('data-1')), {
    'sei.io/ceremony-chain': 'devnet-1',
    'sei.io/ceremony-genesis': HASH,
    'sei.io/claim-uid': 'data-1',
  })
})

test('an existing claim keeps its class; only the size in the spec resizes it, if its class allows expansion', () => {
  const live: PersistentVolumeClaim = {
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'old', resources: { requests: { storage: '2000Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '2000Gi' } },
  }
  const larger = { ...platform, storageSizeDefault: '4000Gi', storageSizeGenesis: '4000Gi' }
  const grown = seiNodePool('net', { storage: { size: '3000Gi' } })
  const specOf = (canGrow: boolean, of = grown) =>
    buildPoolDataVolume(of, first, larger, { live, resizing: { canGrow } }).spec
  assert.equal(specOf(true)?.storageClassName, 'old')
  assert.equal(specOf(true)?.resources?.requests?.['storage'], '3000Gi')
  assert.equal(specOf(false)?.resources?.requests?.['storage'], '2000Gi')
  assert.equal(specOf(true, pool)?.resources?.requests?.['storage'], '2000Gi')
  const genesis = buildGenesisVolume(pool, larger, { live, resizing: { canGrow: true } }).spec
  assert.equal(genesis?.resources?.requests?.['storage'], '2000Gi')
})

test('no GitOps tool prunes a claim of a pool, or takes it for a part of an application', () => {
  for (const claim of [buildGenesisVolume(pool, platform, fresh), buildPoolDataVolume(pool, first, platform, fresh)]) {
    const { annotations = {}, labels = {} } = claim.metadata ?? {}
    assert.equal(annotations['argocd.argoproj.io/sync-options'], 'Prune=false,Delete=false')
    assert.equal(annotations['kustomize.toolkit.fluxcd.io/prune'], 'disabled')
    assert.equal(annotations['helm.sh/resource-policy'], 'keep')
    assert.equal(labels['app.kubernetes.io/instance'], undefined)
    assert.equal(labels['sei.io/nodepool'], 'net')
  }
})

test('R6: every Job pod is for the Karpenter NodePool, tolerates its taint, and is not moved', () => {
  for (const spec of podSpecs()) {
    const [term] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
    assert.deepEqual(term?.matchExpressions, [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }])
    assert.deepEqual(spec.tolerations, [
      { key: 'sei.io/workload', operator: 'Equal', value: 'sei-node', effect: 'NoSchedule' },
    ])
  }
  for (const job of [genesisJob, prepJob]) {
    assert.equal(job.spec?.template.metadata?.annotations?.['karpenter.sh/do-not-disrupt'], 'true')
  }
})

test('failure mode 34: chain ids, accounts and parameters are arguments, never text of a program', () => {
  const evil = seiNodePool('net', {
    chainId: 'a_b-1',
    genesis: {
      params: { 'app_state.gov.deposit_params.max_deposit_period': '$(reboot)"' },
      accounts: [{ address: `sei1${'q'.repeat(38)}`, balance: '1usei' }],
    },
  })
  const { initContainers = [], containers } = buildGenesisJob(evil, platform, 'g').spec?.template.spec ?? {
    containers: [],
  }
  const [ceremony, patch] = initContainers
  assert.deepEqual(ceremony?.args, ['a_b-1', '4', `sei1${'q'.repeat(38)}=1usei`])
  assert.deepEqual(patch?.args?.slice(0, 4), ['genesis', 'patch', '--dir', '/genesis'])
  // As the kubelet passes it on.
  assert.deepEqual(JSON.parse((patch?.args?.at(-1) ?? '').replaceAll('$$', '$')), {
    'app_state.gov.deposit_params.max_deposit_period': '$(reboot)"',
  })
  const plain = buildGenesisJob(pool, platform, 'g').spec?.template.spec
  assert.deepEqual(ceremony?.command, plain?.initContainers?.[0]?.command)
  assert.deepEqual(containers[0]?.command, plain?.containers[0]?.command)
})

test('R2: a Job is not retried after the exit code of invalid input, and does not count evicted pods', () => {
  for (const job of [genesisJob, prepJob]) {
    assert.equal(job.spec?.podReplacementPolicy, 'Failed')
    assert.deepEqual(
      job.spec?.podFailurePolicy?.rules.map(({ action }) => action),
      ['FailJob', 'Ignore'],
    )
  }
})

test('failure mode 27: the genesis is mounted read-only where a data volume is written', () => {
  const mounts = prepJob.spec?.template.spec?.containers[0]?.volumeMounts
  assert.deepEqual(mounts, [
    { name: 'genesis', mountPath: '/genesis', readOnly: true },
    { name: 'data', mountPath: '/sei' },
  ])
})

test('failure mode 10: peers travel as override, and the pool’s own override wins', () => {
  const node = buildPoolNode(pool, first, 'a@b:1')
  assert.deepEqual(node.spec.overrides, { 'network.p2p.persistent_peers': 'a@b:1' })
  assert.equal(node.spec.mode, 'validator')
  assert.deepEqual(node.spec.genesis, { pvc: { dataPVC: 'data-net-0' } })
  const own = { 'network.p2p.persistent_peers': 'c@d:2', 'logging.level': 'debug' }
  const configured = seiNodePool('net', { nodeConfiguration: { nodeCount: 4, image: 'seid:v1', overrides: own } })
  assert.deepEqual(buildPoolNode(configured, first, 'a@b:1').spec.overrides, own)
})

test('the health policy of a pool reaches its nodes, and changes nothing of their pods', () => {
  const healthPolicy = { restartStuckAfter: '10m' }
  const healed = seiNodePool('net', { nodeConfiguration: { nodeCount: 4, image: 'sei:v1', healthPolicy } })
  const plain = seiNodePool('net', { nodeConfiguration: { nodeCount: 4, image: 'sei:v1' } })
  const [node, before] = [healed, plain].map(each => buildPoolNode(each, first, 'a@b:1'))
  assert.deepEqual(node?.spec.healthPolicy, healthPolicy)
  const [template, unchanged] = [node, before].map(each => each && buildPodTemplate(each, platform))
  assert.deepEqual(template, unchanged)
})

test('the NetworkPolicy admits the operator to the port of the spec, and to those of pods that are there', () => {
  const moved = seiNodePool('net', {
    nodeConfiguration: { nodeCount: 4, image: 'sei:v1', sidecar: { port: 7000 } },
  })
  const settings = { ...platform, operatorNamespace: 'operators' }
  const portsOf = (live: readonly number[]): readonly unknown[] =>
    buildPoolNetworkPolicy(moved, settings, live).spec?.ingress?.[1]?.ports?.map(({ port }) => port) ?? []
  assert.deepEqual(portsOf([]), [7000, 26_657])
  assert.deepEqual(portsOf([7777, 7000, 7777]), [7000, 7777, 26_657])
})

test('a pool with as many overrides as it may have, and its peers, makes a SeiNode that the API server takes', () => {
  const overrides = Object.fromEntries(Array.from({ length: MAX_POOL_OVERRIDES }, (_, i) => [`a.k${i}`, 'x']))
  const full = seiNodePool('net', { nodeConfiguration: { nodeCount: 4, image: 'sei:v1', overrides } })
  const node = buildPoolNode(full, first, 'peers')
  const count = Object.keys(node.spec.overrides ?? {}).length
  assert.equal(count, MAX_POOL_OVERRIDES + 1)
  assert.ok(count <= MAX_NODE_OVERRIDES)
})

test('failure mode 26: the NetworkPolicy and the budget select labels that the pods of the nodes carry', () => {
  const labels = nodeLabels(buildPoolNode(pool, first, undefined))
  const selector = buildPoolNetworkPolicy(pool, platform).spec?.podSelector.matchLabels ?? {}
  for (const [key, value] of Object.entries(selector)) assert.equal(labels[key], value)
  const budget = buildDisruptionBudget(pool).spec?.selector
  for (const [key, value] of Object.entries(budget?.matchLabels ?? {})) assert.equal(labels[key], value)
  for (const { key, operator } of budget?.matchExpressions ?? []) {
    assert.equal(labels[key] !== undefined, operator === 'Exists', key)
  }
  const ofJob = prepJob.spec?.template.metadata?.labels ?? {}
  const refuses = budget?.matchExpressions?.some(({ key, operator }) => operator === 'DoesNotExist' && key in ofJob)
  assert.ok(refuses, 'the budget does not select the pods of Jobs')
})

test('R2: the operator reaches sidecar and RPC, Prometheus the metrics, the pool all ports of the chain, and nobody else reaches any port', () => {
  const ported = seiNodePool('net', { nodeConfiguration: { nodeCount: 4, image: 'seid:v1', sidecar: { port: 7000 } } })
  const rules = (of: typeof pool, settings = platform) =>
    (buildPoolNetworkPolicy(of, settings).spec?.ingress ?? []).map(({ from, ports }) => [
      from?.[0]?.podSelector?.matchLabels ?? from?.[0]?.namespaceSelector?.matchLabels,
      ports?.map(({ port }) => port),
    ])
  assert.deepEqual(rules(ported), [
    [{ 'sei.io/nodepool': 'net' }, [8545, 8546, 9090, 26656, 26657, 26660]],
    [{ 'kubernetes.io/metadata.name': 'sei-k8s-controller-system' }, [7000, 26657]],
    [{ metrics: 'enabled' }, [26660]],
  ])
  assert.equal(rules(pool, { ...platform, operatorNamespace: '' }).length, 2)
})

test('failure mode 33: a drain may stop as many nodes as the chain can lose, and one if it can lose none', () => {
  const budgets = [1, 2, 3, 4, 6, 7, 20, 64].map(
    nodeCount =>
      buildDisruptionBudget(seiNodePool('net', { nodeConfiguration: { nodeCount, image: 'seid:v1' } })).spec
        ?.maxUnavailable,
  )
  assert.deepEqual(budgets, [1, 1, 1, 1, 1, 2, 6, 21])
})
